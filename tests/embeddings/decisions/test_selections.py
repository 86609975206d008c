"""Saved selections and their versions."""

from __future__ import annotations

import pytest

from embeddings.decisions import Item, NotInStoreError, Store
from embeddings.errors import UsageError
from tests.embeddings.decisions.conftest import some_items


def test_each_save_is_a_version(store: Store) -> None:
    items = some_items(5)
    first = store.save_selection(" night  shots ", items, by="Mara", note="dark")
    assert (first.name, first.version, first.size) == ("night shots", 1, 5)
    assert store.save_selection("night shots", items[:2], by="Ole").version == 2
    assert store.selection("night shots").items == tuple(items[:2])
    old = store.selection("night shots", 1)
    assert (old.items, old.note, old.by) == (tuple(items), "dark", "Mara")
    assert [v.version for v in store.selection_versions("night shots")] == [2, 1]
    (listed,) = store.selections()
    assert (listed.version, listed.size, listed.items) == (2, 2, ())


def test_a_dropped_selection_can_still_be_read_by_version(store: Store) -> None:
    items = some_items(1)
    store.save_selection("odd", items, by="Mara")
    store.save_selection("even", items, by="Mara")
    assert store.drop_selection("odd", by="Ole").dropped
    assert [s.name for s in store.selections()] == ["even"]
    with pytest.raises(NotInStoreError, match=r"no selection odd\. There are: even"):
        store.selection("odd")
    with pytest.raises(NotInStoreError):
        store.drop_selection("odd", by="Ole")
    assert store.selection("odd", 1).items == tuple(items)
    assert store.save_selection("odd", items, by="Mara").version == 3


def test_items_come_back_as_they_were(store: Store) -> None:
    items = [Item("🐆,\n.jpg", "=x", "AB", only_this_file=True), Item("b", "قطة")]
    store.save_selection("s", items, by="Mara")
    found = store.selection("s").items
    assert [i.key for i in found] == [i.key for i in items]
    assert [i.file for i in found] == [i.file for i in items]


def test_wrong_use(store: Store) -> None:
    with pytest.raises(UsageError, match="empty selection"):
        store.save_selection("s", [], by="Mara")
    with pytest.raises(UsageError, match="selection is empty"):
        store.save_selection(" ", some_items(1), by="Mara")
    with pytest.raises(NotInStoreError, match="There are: none"):
        store.selection("s")
    assert store.selections() == ()
