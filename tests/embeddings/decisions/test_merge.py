"""Decisions beside the items of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from embeddings import columns as c
from embeddings.decisions import (
    Choice,
    Item,
    Store,
    items_of,
    keys_of,
    unmatched,
    with_decisions,
)
from embeddings.decisions.merge import DECIDED_BY, DECISION_BATCH, DECISION_NOTE, FINAL_LABEL
from embeddings.export.formats.csv import export_csv, read_csv


def frame(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.Index([c.FILE, c.LABEL, c.SHA256]))


ITEMS = frame(
    ("jaguar/1.jpg", "jaguar", "aa"),
    ("jaguar/2.jpg", "jaguar", "bb"),
    ("crane/3.jpg", "crane", "cc"),
    ("crane/4.jpg", "crane", "dd"),
    ("none", "crane", ""),
)


def decided(store: Store) -> pd.DataFrame:
    items = items_of(ITEMS)
    store.decide(items[:1], "relabel", to_label="car", reviewer="Mara", note="wheels")
    choices = [Choice("remove"), Choice("keep"), Choice("unsure")]
    store.decide_each(zip(items[2:], choices, strict=True), reviewer="Ole")
    return store.current()


def test_every_column_beside_its_item(store: Store) -> None:
    merged = with_decisions(ITEMS.set_index(pd.Index([9, 8, 7, 6, 5])), decided(store))
    assert list(merged.index) == [9, 8, 7, 6, 5]
    assert list(merged[c.DECISION]) == ["relabel: car", "", "remove", "keep", "unsure"]
    assert list(merged[FINAL_LABEL]) == ["car", "jaguar", "", "crane", "crane"]
    assert list(merged[DECISION_NOTE]) == ["wheels", "", "", "", ""]
    assert list(merged[DECIDED_BY]) == ["Mara", "", "Ole", "Ole", "Ole"]
    assert list(merged[DECISION_BATCH]) == [1, 0, 2, 2, 2]
    assert list(merged["decided_at"].isna()) == [False, True, False, False, False]
    assert str(merged["decided_at"].dt.tz) == "UTC"


def test_decisions_follow_moved_and_renamed_files_and_another_order(store: Store) -> None:
    current = decided(store)
    moved = frame(("old/x.png", "crane", "cc"), ("y.png", "jaguar", "AA"))
    assert list(with_decisions(moved, current)[c.DECISION]) == ["remove", "relabel: car"]
    assert set(unmatched(moved, current)[c.FILE]) == {"crane/4.jpg", "none"}


def test_once_the_data_set_says_so_the_decision_is_done_with(store: Store) -> None:
    mended = frame(("car/1.jpg", "car", "aa"))
    assert list(with_decisions(mended, decided(store))[c.DECISION]) == [""]


@pytest.mark.parametrize("items", [ITEMS, ITEMS.iloc[:0]])
def test_nothing_decided_and_nothing_there(store: Store, items: pd.DataFrame) -> None:
    merged = with_decisions(items, store.current())
    assert list(merged[c.DECISION]) == [""] * len(items)
    assert list(merged[FINAL_LABEL]) == list(items[c.LABEL])
    assert len(with_decisions(ITEMS.iloc[:0], decided(store))) == 0


def test_an_old_column_is_replaced_not_doubled(store: Store) -> None:
    stale = ITEMS.assign(**{c.DECISION: "remove"})
    merged = with_decisions(stale, decided(store))
    assert list(merged.columns).count(c.DECISION) == 1
    assert merged[c.DECISION].iloc[1] == ""


def test_the_later_of_copy_and_all_copies(store: Store) -> None:
    copies = frame(("a.jpg", "car", "aa"), ("b.jpg", "car", "aa"))
    alone = items_of(copies.iloc[1:], only_this_file=True)
    store.decide(alone, "remove", reviewer="Mara")
    assert list(with_decisions(copies, store.current())[c.DECISION]) == ["", "remove"]
    renamed = frame(("a.jpg", "car", "aa"), ("c.jpg", "car", "aa"))
    assert list(with_decisions(renamed, store.current())[c.DECISION]) == ["", ""]
    assert list(unmatched(renamed, store.current())[c.FILE]) == ["b.jpg"]
    store.decide(items_of(copies), "keep", reviewer="Mara")
    assert list(with_decisions(copies, store.current())[c.DECISION]) == ["keep", "keep"]
    store.undo("Mara")
    assert list(with_decisions(copies, store.current())[c.DECISION]) == ["", "remove"]


def test_the_store_and_the_frame_say_the_same(store: Store) -> None:
    current = decided(store)
    said = [d.text if d else "" for d in store.current_for(items_of(ITEMS))]
    assert said == list(with_decisions(ITEMS, current)[c.DECISION])
    assert set(current["item_key"]) <= set(keys_of(ITEMS))


def test_an_export_holds_the_decisions(store: Store, tmp_path: Path) -> None:
    store.decide([Item("=x", "a\tb")], "relabel", to_label='=1+1, "q"\n🐆', reviewer="Mara")
    items = with_decisions(frame(("=x", "a\tb", "")), store.current())
    empty = pd.DataFrame({c.LABEL: []})
    (path, *_) = export_csv(items, empty, empty, empty, tmp_path)
    assert read_csv(path)[c.DECISION].tolist() == ['relabel: =1+1, "q" 🐆']
