"""The queue: which findings become cases, in which order, and when they are settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings.health import SAME, SAME_ACROSS_LABELS, Finding
from embeddings.label_errors import CHECKED
from embeddings.workspace import Workspace
from explorer.data import (
    Case,
    Dataset,
    Part,
    item_view,
    left_by_kind,
    pair_rows,
    plain_case,
    plain_cases,
)
from explorer.data.queue import ranked, strays_of, suspects_by_label
from explorer.data.queue.copies import copies_cases
from explorer.data.queue.merges import merge_cases
from explorer.data.queue.mixed import mixed_cases
from explorer.data.queue.plain import MOST_ROWS
from explorer.data.queue.records import sureness
from explorer.data.queue.splits import split_cases
from explorer.data.queue.strays import stray_cases
from explorer.data.queue.styles import style_cases
from tests.explorer.conftest import build_workspace, name_cluster

Changed = Callable[..., Dataset]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """Make the data set with other columns of items."""

    def make(**columns: Any) -> Dataset:
        ws = build_workspace(tmp_path / "ws")
        items = ws.items().assign(**columns)
        ws.write_run("run1", {"items": items, "classes": ws.classes(), "clusters": ws.clusters()})
        return Dataset(ws.path)

    return make


def suspecting(
    dataset: Dataset, suspects: Mapping[int, tuple[float, str | None]]
) -> dict[str, Any]:
    """Return columns in which these rows are suspected of these labels."""
    suspicion = dataset.items[c.SUSPICION].to_numpy(copy=True)
    suggested = dataset.items[c.SUGGESTED_LABEL].astype(object).to_numpy(copy=True)
    for row, (score, label) in suspects.items():
        suspicion[row], suggested[row] = score, label
    return {c.SUSPICION: suspicion, c.SUGGESTED_LABEL: suggested}


def case(
    kind: Any = "stray", rows: tuple[int, ...] = (1,), score: float = 0.95, **more: Any
) -> Case:
    return Case(f"{kind}:{rows}", kind, ("a",), "", "", score, (Part("", rows, len(rows)),), **more)


def test_a_split_has_what_stays_and_what_is_asked(dataset: Dataset) -> None:
    found = split_cases(dataset)
    jaguar = next(one for one in found if one.id == "split:jaguar")
    stays, odd = jaguar.parts
    assert jaguar.title == ("", "jaguar", " is two kinds of thing")
    assert (stays.letter, stays.size, stays.stays) == ("A", 9, True)
    assert (odd.letter, odd.rows, odd.to) == ("B", (9, 10, 11, 12), "car")
    assert (jaguar.rows, jaguar.sure) == ((9, 10, 11, 12), "Sure")
    # crane is perhaps two, but nothing of it is said to be odd
    assert [one.id for one in found] == ["split:jaguar"]


def test_a_kind_that_fits_no_label_is_named_by_what_the_model_sees(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")

    def odd(suggested: str | None, *word: str) -> Part:
        clusters = ws.clusters().assign(**{c.SUGGESTED_LABEL: suggested})
        ws.write_run("run1", {"items": ws.items(), "classes": ws.classes(), "clusters": clusters})
        name_cluster(ws, "jaguar", 1, "convertible, cab", *word)
        return split_cases(Dataset(ws.path))[0].parts[1]

    one = odd("crane")
    assert (one.name, one.to, one.new) == ("crane", "crane", "")
    one = odd(None)
    assert (one.name, one.to, one.new) == ("convertible, cab", None, "convertible")
    assert odd(None, "Car").new == ""  # a label's name: it is in the list


def test_single_suspects_are_one_case_the_surest_first(dataset: Dataset, changed: Changed) -> None:
    dataset = changed(
        **suspecting(dataset, {14: (0.7, "car"), 15: (0.95, "jaguar"), 24: (0.6, None)})
    )
    found = strays_of(dataset)
    assert found.rows.tolist() == [15, 14, 24]
    assert found.suggested == ("jaguar", "car", "")
    assert found.sure.tolist() == pytest.approx([0.95, 0.7, 0])
    (one,) = stray_cases(dataset)
    assert one.title == ("3 single images may be under a wrong label",)
    assert one.said == "1 of them sure enough to take as they are"
    assert suspects_by_label(dataset, {14}) == {"crane": 1, "car": 1}


def test_a_suggestion_of_the_items_own_label_is_none(dataset: Dataset, changed: Changed) -> None:
    found = strays_of(changed(**suspecting(dataset, {14: (0.7, "crane")})))
    assert (found.suggested, found.sure.tolist()) == (("",), [0])


def test_the_odd_part_of_a_split_is_left_to_the_split(dataset: Dataset) -> None:
    assert stray_cases(dataset) == []


def test_labels_that_get_mixed_up(dataset: Dataset, changed: Changed) -> None:
    looks = dataset.items[c.LABEL].astype(object).to_numpy(copy=True)
    looks[13:15] = "<b>cup</b>"
    looks[19] = "crane"
    looks[24] = "crane"  # one image is no pair
    looks[25] = None
    checked = changed(**{CHECKED: looks})
    (one,) = mixed_cases(checked)
    assert one.labels == ("crane", "<b>cup</b>")
    assert [part.rows for part in one.parts] == [(13, 14), (19,)]
    assert one.said == "2 crane look like <b>cup</b>, 1 the other way round"
    assert pair_rows(checked, "car", "crane").tolist() == [24]
    assert pair_rows(checked, "car", "jaguar").tolist() == []


def copies(dataset: Dataset, kind: str, *groups: tuple[int, ...]) -> Dataset:
    dataset.odd = {
        kind.replace(" ", "-"): Finding(
            kind=kind, items=tuple(row for one in groups for row in one), groups=groups,
            details=(), count=len(groups), what="copies", evidence="", weight=1.0,
        )
    }  # fmt: skip
    return dataset


def test_copies_are_settled_by_a_rule(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = copies(Dataset(workspace.path), SAME, (24, 25, 26), (13, 14))
    real = dataset.columns.floats

    def floats(name: str) -> np.ndarray:
        return real(name) + 600 * (np.arange(len(dataset)) == 25)  # it is the largest

    monkeypatch.setattr(dataset.columns, "floats", floats)
    (one,) = copies_cases(dataset)
    rules = dict(one.parts[0].rules)
    assert rules["the largest"] == ((25, 24, 26), (13, 14))
    assert rules["the first"] == ((24, 25, 26), (13, 14))
    assert one.rows == (24, 26, 14)
    assert one.waits({24})
    assert not one.waits({24, 26, 14})
    assert not one.waits({25, 26, 13})  # by whatever rule: one of each is left


def test_of_copies_under_two_labels_the_suspected_one_goes(
    dataset: Dataset, changed: Changed
) -> None:
    suspected = changed(**suspecting(dataset, {24: (0.9, "crane")}))
    (one,) = copies_cases(copies(suspected, SAME_ACROSS_LABELS, (24, 13)))
    assert one.parts[0].rules[0][1] == ((13, 24),)
    assert "different labels" in one.title[0]


def test_newer_runs_name_styles_and_pairs_that_are_one_kind(tmp_path: Path) -> None:
    ws = build_workspace(tmp_path / "ws")
    classes = ws.classes().assign(
        style=["some are grey, in 2 labels", "some are grey, in 2 labels", "", None]
    )
    classes = classes.assign(style_group=[4, 4, -1, -1])
    ws.write_run("run1", {"items": ws.items(), "classes": classes, "clusters": ws.clusters()})
    pairs = pd.DataFrame(
        {"label_a": ["car", "no label"], "label_b": ["crane", "car"], "score": 0.7}
    )
    pairs.to_parquet(ws.run_folder / "merges.parquet")
    dataset = Dataset(ws.path)
    assert split_cases(dataset) == []  # a style is no second kind
    (style,) = style_cases(dataset)
    assert (style.labels, style.rows) == (("jaguar", "crane"), (9, 10, 11, 12))
    assert "".join(style.title) == "One style in 2 labels: some are grey"
    (merge,) = merge_cases(dataset)
    assert merge.labels == ("crane", "car")  # the larger keeps its name
    assert [(part.name, part.stays, part.to) for part in merge.parts] == [
        ("crane", True, None), ("car", False, "crane"),
    ]  # fmt: skip
    assert merge.waits(set(dataset.rows_of("car").tolist()[:2]))
    for label in ("car", "crane"):  # either may take the name of the other
        assert not merge.waits(set(dataset.rows_of(label).tolist()))


def test_what_one_decision_puts_right_comes_first() -> None:
    many, sure, few = (
        case(rows=tuple(range(10)), score=0.5),  # 10 × 0.4
        case(rows=tuple(range(5)), score=0.95),  # 5 × 1
        case(rows=(1, 2), score=0.99),
    )
    assert ranked([few, many, sure]) == (sure, many, few)


@given(st.floats(0, 1))
def test_every_score_has_words(score: float) -> None:
    assert sureness(score) == (
        "Sure" if score >= 0.9 else "Fairly sure" if score >= 0.6 else "Perhaps"
    )


def test_a_group_is_settled_by_half_of_it_single_images_by_all() -> None:
    rows = tuple(range(4))
    assert case("split", rows).waits({0})
    assert not case("split", rows).waits({0, 1})
    assert case("stray", rows).waits({0, 1, 2})
    assert not case("stray", rows).waits(set(rows))
    assert left_by_kind([case("split", rows), case("stray", rows)], {0, 1}) == {
        "split": 0, "stray": 1,
    }  # fmt: skip


def test_a_page_brings_the_rows_of_what_it_may_hold() -> None:
    large, small = case(rows=tuple(range(MOST_ROWS))), case(rows=(1, 2), labels=("a",))
    first, second = plain_cases([large, small], set(), {"a": "Mara"})
    assert first["parts"] is not None
    assert (second["parts"], second["assigned"], second["n"]) == (None, "Mara", 2)
    assert plain_case(small)["peek"] == [1, 2]


def test_the_same_run_gives_the_same_order(dataset: Dataset, workspace: Workspace) -> None:
    assert dataset.cases == Dataset(workspace.path).cases


def test_an_image_of_an_odd_cluster_is_suspected_of_what_its_cluster_is(
    dataset: Dataset, changed: Changed
) -> None:
    inside = dataset.items[c.SUGGESTED_LABEL]
    newer = changed(**{c.SUGGESTED_LABEL: None, c.CLUSTER_SUGGESTED_LABEL: inside})
    assert item_view(newer, 9)["suggestion"] == "car"
    assert item_view(newer, 0)["suggestion"] is None
    assert item_view(dataset, 9)["suggestion"] == "car"
