"""Items by columns against the frame that pandas reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from explorer.data import Dataset
from explorer.data.columns import ItemColumns
from tests.explorer.conftest import build_workspace


@pytest.fixture
def columns(tmp_path: Path) -> tuple[ItemColumns, pd.DataFrame]:
    frame = pd.DataFrame(
        {
            c.FILE: ["b/1.jpg", "a/2.jpg", "b/3.jpg"],
            c.LABEL: ["b", "a", "b"],
            c.SUSPICION: np.array([0.5, np.nan, 0], np.float32),
            c.SUGGESTED_LABEL: [None, "b", None],
            c.PREDICTED: [None, None, None],
            c.SHA256: ["0" * 64, None, "f" * 64],
            c.CLUSTER: np.array([0, -1, 1], np.int32),
            c.GREY: [True, False, False],
        }
    )
    frame.to_parquet(tmp_path / "items.parquet", index=False)
    return ItemColumns(tmp_path / "items.parquet"), pd.read_parquet(tmp_path / "items.parquet")


def test_the_frame_is_the_one_that_pandas_reads(
    columns: tuple[ItemColumns, pd.DataFrame],
) -> None:
    held, frame = columns
    assert len(held) == 3
    pd.testing.assert_frame_equal(held.frame(), frame)


def test_one_row_and_the_rows_of_each_value(columns: tuple[ItemColumns, pd.DataFrame]) -> None:
    held, _ = columns
    row = held.row(1)
    assert (row[c.LABEL], row[c.SUGGESTED_LABEL], row[c.SHA256]) == ("a", "b", None)
    names, values = held.groups(c.LABEL)
    assert [names[v] for v in values] == ["b", "a", "b"]
    assert held.groups(c.SUGGESTED_LABEL)[1].tolist() == [-1, 0, -1]
    np.testing.assert_array_equal(held.floats(c.SUSPICION), np.float32([0.5, np.nan, 0]))


def test_a_run_that_was_deleted_is_still_read(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    wanted = ws.items()
    dataset = Dataset(ws.path)
    (ws.run_folder / "items.parquet").unlink()
    pd.testing.assert_frame_equal(dataset.items, wanted)


def test_copies_are_found_by_content(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    dataset = Dataset(ws.path)
    contents = dataset.items[c.SHA256].fillna("")
    for row in range(len(dataset)):
        same = np.flatnonzero(contents == contents[row]).tolist() if contents[row] else [row]
        assert dataset.copies(row) == same


def test_rows_stand_under_their_label(tmp_path: Path) -> None:
    dataset = Dataset(build_workspace(tmp_path / "ws").path)
    labels = dataset.items[c.LABEL]
    for label in dataset.labels:
        assert dataset.rows_of(label).tolist() == np.flatnonzero(labels == label).tolist()
    assert not len(dataset.rows_of("none of these"))


def test_warming_up_changes_nothing(tmp_path: Path) -> None:
    dataset = Dataset(build_workspace(tmp_path / "ws").path)
    dataset.warm_up()
    assert dataset.nearest.near(0, dataset.rows_of(dataset.label_of(0)), 3).anywhere
