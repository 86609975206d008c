"""Whole runs on data sets that are hardly any: one item, one label, labels of one, all alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from embeddings import pipeline
from embeddings.errors import SourceError
from embeddings.workspace import Workspace
from explorer.reports import text_report
from explorer.reports.splits import json_report


def run(folder: Path, matrix: Any, labels: list[str] | None = None) -> Workspace:
    given = {} if labels is None else {"labels": labels}
    np.savez(folder / "e.npz", embeddings=np.asarray(matrix, dtype=np.float32), **given)
    ws = pipeline.run(folder / "e.npz", folder / "ws")
    assert text_report(ws)
    assert json_report(ws)
    whole = ws.items()
    good = whole[whole[c.STATUS].isin([c.OK, c.NO_IMAGE])]
    assert np.isfinite(good[[c.X, c.Y, c.MAP_X, c.MAP_Y]].to_numpy(dtype=float)).all()
    assert good[c.SUSPICION].between(0, 1).all()
    assert ws.classes()[c.SIZE].sum() == len(good)
    return ws


RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(6, 4))


@pytest.mark.parametrize(
    ("matrix", "labels"),
    [
        (CLOUD[:1], None),
        (CLOUD[:1], ["cat"]),
        (CLOUD[:2], ["cat", "dog"]),
        (CLOUD, ["cat"] * 6),
        (CLOUD, ["cat"] * 5 + ["dog"]),
        (CLOUD, list("abcdef")),
        (np.ones((6, 4)), ["cat"] * 3 + ["dog"] * 3),
        (np.zeros((6, 4)), ["cat"] * 3 + ["dog"] * 3),
        (CLOUD[:, :1], ["cat"] * 3 + ["dog"] * 3),
        (np.repeat(CLOUD[:2], 3, axis=0), ["cat"] * 3 + ["dog"] * 3),
    ],
    ids=[
        "one item", "one item of a label", "two labels of one", "one label", "a label of one",
        "labels of one alone", "all alike", "all zero", "one wide", "copies only",
    ],
)  # fmt: skip
def test_it_ends_with_findings_of_everything(
    tmp_path: Path, matrix: np.ndarray, labels: list[str] | None
) -> None:
    ws = run(tmp_path, matrix, labels)
    assert set(ws.classes()[c.LABEL]) == set(labels or [c.NO_LABEL])


def test_rows_without_a_finite_embedding_are_marked_and_the_rest_goes_on(tmp_path: Path) -> None:
    matrix = CLOUD.copy()
    matrix[1, 0], matrix[4, 3] = np.nan, -np.inf
    items = run(tmp_path, matrix, ["cat"] * 3 + ["dog"] * 3).items()
    assert items[c.STATUS].tolist().count(c.UNREADABLE) == 2
    assert set(items[items[c.STATUS] == c.UNREADABLE][c.REASON]) == {
        "its embedding holds NaN or infinity"
    }


def test_a_label_whose_items_are_all_unreadable_is_no_fault(tmp_path: Path) -> None:
    matrix = CLOUD.copy()
    matrix[:3] = np.nan
    ws = run(tmp_path, matrix, ["cat"] * 3 + ["dog"] * 3)
    assert list(ws.classes()[c.LABEL]) == ["dog"]
    assert (ws.items()[c.LABEL] == "cat").sum() == 3


def test_no_row_at_all_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no embeddings"):
        run(tmp_path, np.zeros((0, 4)))
    with pytest.raises(SourceError, match=r"None of the 3 files .*NaN or infinity.*finite numbers"):
        run(tmp_path, np.full((3, 4), np.nan))


def test_labels_of_any_sort_of_text_survive(tmp_path: Path) -> None:
    labels = ["=1+1", "a/b", "..", "<b>", "\u202egnp", "\x1b[31m", "日本 😀" + "x" * 300]
    ws = run(tmp_path, RNG.normal(size=(len(labels), 4)), labels)
    assert set(ws.classes()[c.LABEL]) == set(labels)
    assert "\x1b" not in text_report(ws, all_labels=True)
    assert isinstance(ws.items(), pd.DataFrame)


def test_many_labels_share_files(tmp_path: Path) -> None:
    n = 300
    labels = [f"label {number // 2}" for number in range(2 * n)]
    ws = run(tmp_path, np.repeat(RNG.normal(size=(n, 8)), 2, axis=0) + 0.01, labels)
    assert len(ws.classes()) == n
    assert sum(path.is_file() for path in ws.path.rglob("*")) < 40
