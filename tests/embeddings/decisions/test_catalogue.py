"""A decision is never accepted and ignored: it is on an item of the workspace, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.decisions import (
    ChangedPictureError,
    Item,
    Store,
    UnknownItemError,
    items_of,
    open_store,
    with_decisions,
)
from embeddings.pipeline import scan
from embeddings.workspace import Workspace
from tests.embeddings.photos import make_photo, make_photos, photo_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")


@pytest.fixture
def store(ws: Workspace) -> Iterator[Store]:
    with open_store(ws.path) as opened:
        yield opened


def decided(ws: Workspace, store: Store) -> list[str]:
    items = with_decisions(ws.items(), store.current())
    return list(items.loc[items["decision"] != "", "file"])


def test_an_item_named_by_file_and_label_is_the_one_in_the_workspace(
    ws: Workspace, store: Store
) -> None:
    store.decide([Item("bat/1.png", "bat")], "relabel", to_label="car", reviewer="Mara")
    assert decided(ws, store) == ["bat/1.png"]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item("bat/9.png", "bat"), "no item 'bat/9.png' under the label 'bat' in the workspace"),
        (Item("bat/1.png", "crane"), "'bat/1.png' under the label 'crane': it is under 'bat'"),
        (Item("bat/1.png", "bat", "ab" * 32), "no item 'bat/1.png'"),
    ],
)
def test_what_matches_nothing_is_refused_by_name(
    ws: Workspace, store: Store, item: Item, said: str
) -> None:
    fine = Item("bat/0.png", "bat")
    with pytest.raises(UnknownItemError, match=said):
        store.decide([fine, item], "keep", reviewer="Mara")
    with pytest.raises(UnknownItemError, match=said):
        store.save_selection("mine", [fine, item], by="Mara")
    assert store.position() == 0


def test_a_content_under_its_label_is_known_by_any_name_but_not_as_this_file_alone(
    ws: Workspace, store: Store
) -> None:
    [one] = items_of(ws.items().iloc[[1]])
    old_name = replace(one, file="before/renaming.png")
    store.decide([old_name], "keep", reviewer="Mara")
    assert decided(ws, store) == [one.file]
    with pytest.raises(UnknownItemError):
        store.decide([replace(old_name, only_this_file=True)], "keep", reviewer="Mara")


def test_a_picture_that_changed_since_the_run_is_refused(ws: Workspace, store: Store) -> None:
    make_photo(Path(ws.info.root) / "bat" / "1.png", 99)
    with pytest.raises(ChangedPictureError, match=r"changed since the run.*bat/1\.png"):
        store.decide(items_of(ws.items()), "keep", reviewer="Mara")
    assert store.position() == 0


def test_a_new_run_brings_new_items(ws: Workspace, store: Store) -> None:
    from tests.embeddings.photos import write_run

    new = Item("crane/new.png", "crane")
    with pytest.raises(UnknownItemError):
        store.decide([new], "keep", reviewer="Mara")
    make_photo(Path(ws.info.root) / new.file, 50)
    write_run(scan(ws.info.root, ws.path))
    store.decide([new], "keep", reviewer="Mara")


def test_before_there_is_a_run_the_scan_says_what_there_is(tmp_path: Path) -> None:
    ws = scan(make_photos(tmp_path / "photos", bat=2), tmp_path / "ws")
    with open_store(ws.path) as store:
        store.decide([Item("bat/1.png", "bat")], "keep", reviewer="Mara")
        assert list(store.current()["sha256"]) == [ws.manifest()["sha256"][1]]


def test_a_store_elsewhere_is_told_of_its_workspace(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with open_store(tmp_path / "elsewhere", workspace=ws.path) as store:
        with pytest.raises(UnknownItemError):
            store.decide([Item("none.png", "bat")], "keep", reviewer="Mara")
    with open_store(tmp_path / "elsewhere") as alone:
        alone.decide([Item("none.png", "bat")], "keep", reviewer="Mara")
