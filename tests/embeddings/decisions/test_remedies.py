"""Remedies of errors about decisions, each carried out as it is said, and seen to help."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from embeddings.decisions import Choice, Item, open_store
from embeddings.decisions.records import ACTIONS, parse_choice
from embeddings.errors import RosetteError
from tests.embeddings.decisions.conftest import some_items
from tests.embeddings.decisions.postgres import own_schema
from tests.faults.disks import read_only


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(RosetteError) as told:
        act()
    return told.value.hint


def decided(target: str | Path, count: int = 1) -> int:
    """Decide on some items, and return how many decisions then stand."""
    with open_store(target) as store:
        store.decide(some_items(count), "keep", reviewer="Mara")
        return len(store.current())


def test_a_folder_that_is_made_first(tmp_path: Path) -> None:
    hint = refused(lambda: open_store(tmp_path / "ws"))
    assert hint == f"Make a workspace with `rosette run SOURCE -w {tmp_path / 'ws'}`."
    (tmp_path / "ws").mkdir()  # which is the first thing that it does
    assert decided(tmp_path / "ws") == 1


def test_an_address_as_the_hint_writes_it(tmp_path: Path) -> None:
    for wrong in ("mysql://host/db", "sqlite://"):
        hint = refused(lambda wrong=wrong: open_store(wrong))  # type: ignore[misc]
        assert "postgresql" in hint
    assert decided(f"sqlite:///{tmp_path / 'own.sqlite'}") == 1


def test_a_store_of_its_own_beside_the_tables_of_something_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "decisions.sqlite") as other:
        other.execute("CREATE TABLE entries (id INTEGER)")
    other.close()
    assert "of its own" in refused(lambda: open_store(tmp_path))
    assert decided(f"sqlite:///{tmp_path / 'rosette.sqlite'}") == 1


@pytest.mark.parametrize("how", ["a copy is put back", "it is moved away"])
def test_a_damaged_store(tmp_path: Path, how: str) -> None:
    decided(tmp_path)
    file = tmp_path / "decisions.sqlite"
    shutil.copy(file, tmp_path / "copy")
    file.write_bytes(b"no database at all" * 100)
    for beside in ("decisions.sqlite-wal", "decisions.sqlite-shm"):
        (tmp_path / beside).unlink(missing_ok=True)
    hint = refused(lambda: open_store(tmp_path))
    assert hint == "Put a copy of it back, or move it away to begin a new one."
    if how == "a copy is put back":
        shutil.copy(tmp_path / "copy", file)
        assert decided(tmp_path, 2) == 2
        return
    file.rename(tmp_path / "damaged")
    assert decided(tmp_path) == 1


def test_decisions_are_kept_elsewhere_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    with read_only(tmp_path / "ws") as folder, open_store(folder) as store:
        hint = refused(lambda: store.decide(some_items(1), "keep", reviewer="Mara"))
    assert "--store" in hint
    assert decided(f"sqlite:///{tmp_path / 'elsewhere.sqlite'}") == 1
    assert "Check the rights of the folder" in hint
    assert decided(tmp_path / "ws") == 1  # whose rights are as they should be again


def test_read_only_is_left_out(tmp_path: Path) -> None:
    decided(tmp_path)
    with open_store(tmp_path, read_only=True) as store:
        hint = refused(lambda: store.decide(some_items(2), "remove", reviewer="Mara"))
    assert "leave --read-only out" in hint
    assert decided(tmp_path, 2) == 2


def test_a_store_on_a_server_is_opened_once_to_write(postgres: str) -> None:
    target = own_schema(postgres, "remedies")
    hint = refused(lambda: open_store(target, read_only=True))
    assert hint == "Open it once without --read-only, which brings it up to date."
    assert decided(target) == 1
    with open_store(target, read_only=True) as store:
        assert len(store.current()) == 1


def test_a_writer_that_holds_the_store_goes_on(tmp_path: Path) -> None:
    decided(tmp_path)
    holder = sqlite3.connect(tmp_path / "decisions.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with open_store(tmp_path, wait_s=0.1) as store:
            hint = refused(lambda: store.decide(some_items(2), "keep", reviewer="Ole"))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert hint == "Try again in a moment."
    assert decided(tmp_path, 2) == 2


def test_others_decided_meanwhile_and_one_decides_once_more(tmp_path: Path) -> None:
    items = some_items(2)
    with open_store(tmp_path) as store:
        seen = store.position()
        store.decide(items, "keep", reviewer="Ole")
        hint = refused(lambda: store.decide(items, "remove", reviewer="Mara", expected=seen))
        assert "decide once more" in hint
        store.decide(items, "remove", reviewer="Mara", expected=store.position())
        assert [d.action for d in store.current_for(items) if d] == ["remove", "remove"]


def test_equal_pictures_decided_on_differently(tmp_path: Path) -> None:
    one, two = Item("a.jpg", "cat", "aa"), Item("b.jpg", "cat", "aa")
    with open_store(tmp_path) as store:
        hint = refused(lambda: store.decide_each(
            [(one, Choice("keep")), (two, Choice("remove"))], reviewer="Mara"))  # fmt: skip
        assert hint == "Decide alike on both, or on each as only this file."
        store.decide_each([(one, Choice("keep")), (two, Choice("keep"))], reviewer="Mara")
        each = [Item(i.file, i.label, i.sha256, only_this_file=True) for i in (one, two)]
        store.decide_each([(each[0], Choice("keep")), (each[1], Choice("remove"))], reviewer="Mara")
        assert [d.action for d in store.current_for(each) if d] == ["keep", "remove"]


def test_actions_and_texts_from_the_hint() -> None:
    hint = refused(lambda: Choice("burn"))  # type: ignore[arg-type]
    named = hint.removeprefix("Use one of ").rstrip(".").split(", ")
    assert set(named) == set(ACTIONS)
    for action in named:
        Choice(action, "car" if action == "relabel" else None)  # type: ignore[arg-type]
    assert "leave the label out" in refused(lambda: Choice("keep", "car"))
    hint = refused(lambda: parse_choice("car please"))
    texts = re.findall(r"`([^`]+)`", hint)
    assert [choice.action for text in texts if (choice := parse_choice(text))] == list(ACTIONS)


def test_names_and_notes_as_long_as_are_kept() -> None:
    hint = refused(lambda: Choice("relabel", "x" * 100_000))
    longest = int("".join(filter(str.isdigit, hint)))
    assert Choice("relabel", "x" * longest).to_label == "x" * longest
    hint = refused(lambda: Choice("keep", note="x" * 1_000_000))
    longest = int("".join(filter(str.isdigit, hint)))
    assert Choice("keep", note="x" * longest).note


def test_something_is_selected_and_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert "Select at least one" in refused(lambda: store.decide([], "keep", reviewer="Mara"))
        assert "Select some" in refused(lambda: store.save_selection("odd", [], by="Mara"))
        assert "Name at least one" in refused(lambda: store.assign([], "Ole", by="Mara"))
        store.decide(some_items(1), "keep", reviewer="Mara")
        store.save_selection("odd", some_items(1), by="Mara")
        store.assign(["jaguar"], "Ole", by="Mara")
        hint = refused(lambda: store.undo_batch(99, reviewer="Mara"))
        assert "history" in hint
        assert store.undo_batch(store.history()[-1].position, reviewer="Mara").changed == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="whoever runs this may write anywhere")
def test_the_rights_of_file_and_folder(tmp_path: Path) -> None:
    decided(tmp_path)
    (tmp_path / "decisions.sqlite").chmod(0o400)
    with open_store(tmp_path) as store:
        assert store.read_only
    (tmp_path / "decisions.sqlite").chmod(0o600)
    assert decided(tmp_path, 2) == 2
