"""Deciding, undoing, redoing, and what others see of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from embeddings.decisions import (
    Choice,
    ConflictError,
    Context,
    Item,
    NothingToUndoError,
    NotInStoreError,
    Store,
    open_store,
)
from embeddings.errors import UsageError
from tests.embeddings.decisions.conftest import some_items


def texts(store: Store, items: list[Item]) -> list[str]:
    return [d.text if d else "" for d in store.current_for(items)]


def test_a_whole_cluster_in_one_action(store: Store) -> None:
    items = some_items(3)
    receipt = store.decide(
        items,
        "relabel",
        to_label="car",
        note="wheels",
        reviewer="Mara",
        context=Context("jaguar", 1, "r1"),
    )
    assert (receipt.kind, receipt.position, receipt.size, receipt.changed) == ("decide", 1, 3, 3)
    assert texts(store, items) == ["relabel: car"] * 3
    (entry,) = store.history()
    assert entry.context == Context("jaguar", 1, "r1")
    assert (entry.size, entry.action, entry.to_label, entry.note) == (3, "relabel", "car", "wheels")
    assert (entry.reviewer, entry.undone, entry.first) == ("Mara", False, items[0])
    assert entry.at == datetime(2025, 3, 12, 14, 1, tzinfo=UTC)
    made = store.decisions(receipt.batch)
    assert [d.id for d in made] == [1, 2, 3]
    assert [d.item for d in made] == items
    assert {d.at for d in made} == {entry.at}
    assert {d.at.utcoffset() for d in made} == {entry.at.utcoffset()}


def test_undo_brings_back_what_stood_before(store: Store) -> None:
    items = some_items(3)
    store.decide(items, "keep", reviewer="Mara")
    store.decide(items[:2], "remove", reviewer="Mara")
    assert store.undo("Mara").changed == 2
    assert texts(store, items) == ["keep"] * 3
    assert store.undo("Mara").changed == 3
    assert texts(store, items) == [""] * 3
    assert store.redo("Mara").action == "keep"
    assert store.redo("Mara").action == "remove"
    assert texts(store, items) == ["remove", "remove", "keep"]
    with pytest.raises(NothingToUndoError, match="Mara has nothing to redo"):
        store.redo("Mara")
    assert [e.kind for e in store.history()] == ["redo", "redo", "undo", "undo", "decide", "decide"]


def test_a_new_decision_ends_what_could_be_redone_but_loses_nothing(store: Store) -> None:
    items = some_items(1)
    first = store.decide(items, "keep", reviewer="Mara")
    store.undo("Mara")
    store.decide(items, "unsure", reviewer="Mara")
    with pytest.raises(NothingToUndoError):
        store.redo("Mara")
    store.redo_batch(first.batch, "Mara")
    assert texts(store, items) == ["unsure"], "back in its old place, below the later one"
    store.undo("Mara")
    assert texts(store, items) == ["keep"]


def test_each_reviewer_undoes_their_own(store: Store) -> None:
    items = some_items(2)
    store.decide(items, "keep", reviewer="Mara")
    store.decide(items[:1], "remove", reviewer="Ole")
    receipt = store.undo("Mara")
    assert (receipt.size, receipt.changed) == (2, 1), "Ole's later decision stays"
    assert texts(store, items) == ["remove", ""]
    with pytest.raises(NothingToUndoError):
        store.undo("Mara")
    store.redo("Mara")
    assert texts(store, items) == ["remove", "keep"]
    store.undo("Ole")
    assert texts(store, items) == ["keep", "keep"]


def test_any_batch_can_be_undone_by_anyone_and_redone(store: Store) -> None:
    items = some_items(1)
    batch = store.decide(items, "remove", reviewer="Mara").batch
    store.undo_batch(batch, "Ole")
    assert store.history(1)[0].batch == batch
    assert all(e.undone for e in store.history())
    with pytest.raises(NothingToUndoError, match="Ole has undone this already"):
        store.undo_batch(batch, "Mara")
    with pytest.raises(NothingToUndoError):
        store.undo("Mara")
    store.redo("Ole")
    assert texts(store, items) == ["remove"]
    with pytest.raises(NothingToUndoError, match="not undone"):
        store.redo_batch(batch, "Ole")
    with pytest.raises(NotInStoreError, match="no batch 99"):
        store.undo_batch(99, "Ole")


def test_undo_and_redo_go_on_after_a_restart(target: str) -> None:
    items = some_items(2)
    with open_store(target) as store:
        store.decide(items, "keep", reviewer="Mara")
        store.decide(items, "relabel", to_label="car", reviewer="Mara")
        store.undo("Mara")
    with open_store(target) as store:
        store.redo("Mara")
        assert texts(store, items) == ["relabel: car"] * 2
        store.undo("Mara")
    with open_store(target) as store:
        store.undo("Mara")
        assert texts(store, items) == ["", ""]
        assert len(store.current()) == 0


def test_a_refused_undo_leaves_no_trace(store: Store) -> None:
    with pytest.raises(NothingToUndoError):
        store.undo("Mara")
    assert (store.position(), store.history()) == (0, ())


def test_a_conflict_says_who_what_when_and_where(store: Store) -> None:
    items = some_items(4)
    seen = store.position()
    store.decide(items[:2], "relabel", to_label="car", reviewer="Mara", expected=seen)
    with pytest.raises(ConflictError) as caught:
        store.decide(items, "remove", reviewer="Ole", expected=seen)
    said = str(caught.value)
    assert "2 of these 4 items" in said
    assert "Mara decided `relabel: car` on 2 of them, 12 Mar 2025 14:01 UTC" in said
    assert "jaguar/0.jpg, jaguar/1.jpg" in said
    assert [d.item for d in caught.value.decisions] == items[:2]
    assert texts(store, items) == ["relabel: car", "relabel: car", "", ""], "nothing was written"
    assert store.position() == 1
    store.decide(items, "remove", reviewer="Ole", expected=caught.value.position)
    assert texts(store, items) == ["remove"] * 4
    with pytest.raises(ConflictError, match="Ole decided `remove`"):
        store.decide(items, "keep", reviewer="Mara", expected=1)
    store.decide(items, "keep", reviewer="Mara")  # without `expected` there is no question


def test_what_is_no_conflict(store: Store) -> None:
    items = some_items(2)
    store.decide(items[:1], "remove", reviewer="Mara", expected=0)
    store.decide(items[:1], "remove", reviewer="Ole", expected=0)  # they agree
    store.decide(items[1:], "keep", reviewer="Ole", expected=0)  # another item
    store.decide(items[1:], "unsure", reviewer="Ole", expected=0)  # one's own
    store.undo("Ole")
    store.undo("Ole")
    store.decide(items[1:], "remove", reviewer="Mara", expected=0)  # taken back


def test_what_ones_own_undo_brings_back_is_no_conflict(store: Store) -> None:
    items = some_items(1)
    store.decide(items, "remove", reviewer="Mara")
    seen = store.position()
    store.decide(items, "unsure", reviewer="Ole", expected=seen)
    store.undo("Ole")
    store.decide(items, "keep", reviewer="Ole", expected=seen)


def test_ones_own_decision_that_another_brings_back_is_no_conflict(store: Store) -> None:
    items = some_items(1)
    store.decide(items, "remove", reviewer="Ole")
    batch = store.decide(items, "unsure", reviewer="Ole").batch
    seen = store.position()
    store.undo_batch(batch, "Mara")
    assert texts(store, items) == ["remove"]
    store.decide(items, "keep", reviewer="Ole", expected=seen)


def test_a_redo_after_the_reviewer_looked_is_a_conflict(store: Store) -> None:
    items = some_items(1)
    store.decide(items, "remove", reviewer="Mara")
    store.undo("Mara")
    seen = store.position()
    store.redo("Mara")
    with pytest.raises(ConflictError, match="Mara decided `remove`"):
        store.decide(items, "keep", reviewer="Ole", expected=seen)


def test_the_second_reviewer_sees_what_the_first_did(store: Store) -> None:
    items = some_items(3)
    store.decide(items, "keep", reviewer="Ole")
    seen = store.position()
    assert store.since(seen).entries == ()
    store.decide(items[:2], "remove", reviewer="Mara")
    store.decide(items[2:], "unsure", reviewer="Mara")
    store.undo("Mara")
    changes = store.since(seen)
    assert [e.kind for e in changes.entries] == ["decide", "decide", "undo"]
    now = {key: d.text if d else None for key, d in changes.now.items()}
    assert now == {items[0].key: "remove", items[1].key: "remove", items[2].key: "keep"}
    store.undo("Ole")
    taken_back = store.since(changes.position)
    assert dict(taken_back.now) == {items[2].key: None}
    assert store.since(taken_back.position).now == {}


def test_history_by_reviewer_label_item_and_page(store: Store) -> None:
    jaguars, cranes = some_items(3), some_items(1, "crane")
    store.decide(jaguars, "keep", reviewer="Mara")
    store.decide(cranes, "keep", reviewer="Ole")
    store.decide(jaguars[:1] + cranes, "remove", reviewer="Ole")
    store.undo("Ole")

    def positions(**wanted: object) -> list[int]:
        return [e.position for e in store.history(**wanted)]  # type: ignore[arg-type]

    assert positions() == [4, 3, 2, 1]
    assert positions(limit=2, before=4) == [3, 2]
    assert positions(reviewer="Mara") == [1]
    assert positions(label="crane") == [4, 3, 2]
    assert positions(item=jaguars[1]) == [1]
    assert positions(item=jaguars[0], kind="decide") == [3, 1]
    with pytest.raises(UsageError):
        store.history(0)


def test_progress_counts_what_is_in_force(store: Store) -> None:
    jaguars, cranes = some_items(3), some_items(2, "crane")
    store.decide(jaguars, "relabel", to_label="car", reviewer="Mara")
    store.decide(cranes, "keep", reviewer="Ole")
    store.decide(jaguars[:1], "remove", reviewer="Ole")
    store.decide(cranes, "remove", reviewer="Ole")
    store.undo("Ole")
    progress = store.progress()
    assert (progress.decided, progress.batches, progress.position) == (5, 3, 5)
    assert progress.by_action == {"relabel": 2, "keep": 2, "remove": 1}
    assert progress.by_reviewer == {"Mara": 2, "Ole": 3}
    assert progress.by_label == {"jaguar": 3, "crane": 2}
    assert progress.per_batch == pytest.approx(5 / 3)
    assert store.progress() == progress


def test_each_item_its_own_choice_still_one_batch(store: Store) -> None:
    items = some_items(3)
    pairs = [
        (items[0], Choice("relabel", "car", "wheels")),
        (items[1], Choice("keep")),
        (items[2], Choice("remove")),
    ]
    receipt = store.decide_each(pairs, reviewer="Mara", context=Context(source="labels.json"))
    assert (receipt.size, receipt.action) == (3, None)
    (entry,) = store.history()
    assert (entry.action, entry.context.source) == (None, "labels.json")
    assert [d.note for d in store.decisions(receipt.batch)] == ["wheels", "", ""]
    again = store.decide_each(pairs, reviewer="Mara", only_changes=True)
    assert (again.position, again.size) == (0, 0)
    assert store.position() == 1
    pairs[1] = (items[1], Choice("unsure"))
    assert store.decide_each(pairs, reviewer="Mara", only_changes=True).size == 1
    assert store.decide_each(pairs, reviewer="Ole", only_changes=True).size == 3
    store.undo_batch(receipt.batch, "Mara")
    store.undo("Ole")
    assert texts(store, items) == ["", "unsure", ""]


def test_equal_files_are_one_item(store: Store) -> None:
    a, b = Item("a.jpg", "car", "aa"), Item("b.jpg", "car", "aa")
    receipt = store.decide([a, b], "keep", reviewer="Mara")
    assert (receipt.size, receipt.copies) == (1, 1)
    assert texts(store, [a, b]) == ["keep", "keep"]
    with pytest.raises(UsageError, match=r"a\.jpg and b\.jpg are the same picture"):
        store.decide_each([(a, Choice("keep")), (b, Choice("remove"))], reviewer="Mara")


def test_one_of_two_copies_can_be_removed(store: Store) -> None:
    a, b = Item("a.jpg", "car", "aa"), Item("b.jpg", "car", "aa")
    alone = Item("b.jpg", "car", "aa", only_this_file=True)
    store.decide([alone], "remove", reviewer="Mara")
    assert texts(store, [a, b]) == ["", "remove"]
    with pytest.raises(ConflictError, match="Mara decided `remove` on 1"):
        store.decide([a], "keep", reviewer="Ole", expected=0)
    other = Item("a.jpg", "car", "aa", only_this_file=True)
    store.decide([other], "keep", reviewer="Ole", expected=0)  # nothing against Mara's
    store.decide([a, b], "relabel", to_label="van", reviewer="Ole")
    assert texts(store, [a, b]) == ["relabel: van"] * 2, "the later word counts"
    store.undo("Ole")
    assert texts(store, [a, b]) == ["keep", "remove"]


def test_wrong_use_is_refused_before_anything_is_written(store: Store) -> None:
    with pytest.raises(UsageError, match="nothing to decide"):
        store.decide([], "keep", reviewer="Mara")
    with pytest.raises(UsageError, match="reviewer is empty"):
        store.decide(some_items(1), "keep", reviewer=" ")
    with pytest.raises(UsageError, match="can't be stored"):
        store.decide(some_items(1), "keep", reviewer="Mara", context=Context(run="\0"))
    assert store.position() == 0


STRANGE = ["a,b", '"q"', "tab\there", "new\nline", "🐆", "قطة", "=1+1", "'; DROP TABLE x", "%s :a"]


def test_strange_names_come_back_as_they_were(store: Store) -> None:
    items = [Item(f"{s}/{s}.jpg", s) for s in STRANGE]
    choices = [Choice("relabel", s, s) for s in STRANGE]
    store.decide_each(zip(items, choices, strict=True), reviewer="Zoë 🐆")
    found = store.current_for(items)
    assert [d.item for d in found if d] == items
    assert [d.note for d in found if d] == STRANGE
    assert [d.to_label for d in found if d] == [c.to_label for c in choices]
    assert list(store.current()["file"]) == [i.file for i in items]
    assert store.progress().by_reviewer == {"Zoë 🐆": len(STRANGE)}


def test_thousands_of_items_in_one_transaction(store: Store) -> None:
    items = some_items(12_000)
    assert store.decide(items, "relabel", to_label="car", reviewer="Mara").size == 12_000
    assert store.decide(items, "remove", reviewer="Mara", expected=1).size == 12_000
    assert store.undo("Mara").changed == 12_000
    frame = store.current()
    assert len(frame) == 12_000
    assert set(frame["decision"]) == {"relabel: car"}
    assert len(store.since(2).now) == 12_000
    assert set(texts(store, items)) == {"relabel: car"}
    assert store.problems() == ()
