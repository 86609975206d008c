"""Decisions out and in again, with the store: an import is not a time machine."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from embeddings.decisions import Item, Store, open_store, with_decisions
from embeddings.exchange import Brought, export_workspace, import_file
from embeddings.machine import logged_in
from embeddings.workspace import Workspace
from tests.embeddings.photos import make_photos, photo_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return photo_workspace(make_photos(tmp_path / "photos", bat=3, crane=2), tmp_path / "ws")


@pytest.fixture
def store(ws: Workspace) -> Iterator[Store]:
    with open_store(ws.path) as opened:
        yield opened


def item(ws: Workspace, file: str) -> Item:
    row = ws.items().set_index("file").loc[file]
    return Item(file, str(row["label"]), str(row["sha256"]))


def exported(ws: Workspace, store: Store, out: Path, name: str = "csv") -> Path:
    return export_workspace(ws, store, name, out).files[0]


def standing(store: Store) -> dict[str, tuple[str, str]]:
    frame = store.current()
    return {
        file: (decision, by)
        for file, decision, by in zip(
            frame["file"], frame["decision"], frame["reviewer"], strict=True
        )
    }


def conflicts(brought: Brought) -> list[str]:
    return [conflict.text for conflict in brought.report.conflicts]


@pytest.mark.parametrize("name", ["csv", "fiftyone"])
def test_an_old_file_does_not_overrule_what_was_decided_later(
    ws: Workspace, store: Store, tmp_path: Path, name: str
) -> None:
    first = item(ws, "bat/0.png")
    store.decide([first], "remove", reviewer="Mara")
    old = exported(ws, store, tmp_path / "out", name)
    store.decide([first], "keep", reviewer="Ada")
    brought = import_file(ws, store, old, reviewer="Tom")
    assert (brought.receipts, conflicts(brought)) == ((), ["'bat/0.png' (Ada: keep)"])
    assert "--overrule" in "".join(brought.report.lines())
    assert standing(store) == {"bat/0.png": ("keep", "Ada")}
    # whoever insists signs for it, and the log says where it came from
    insisted = import_file(ws, store, old, reviewer="Tom", overrule=True)
    assert standing(store) == {"bat/0.png": ("remove", "Tom")}
    assert store.history(1)[0].context.source == f"{old.name}, decided by Mara"
    assert "overruled" in "".join(insisted.report.lines())


def test_what_was_taken_back_since_stays_so(ws: Workspace, store: Store, tmp_path: Path) -> None:
    store.decide([item(ws, "bat/0.png")], "remove", reviewer="Mara")
    old = exported(ws, store, tmp_path / "out")
    store.undo("Mara")
    brought = import_file(ws, store, old, reviewer="Tom")
    assert conflicts(brought) == ["'bat/0.png' (taken back)"]
    assert standing(store) == {}


def test_a_cell_that_was_edited_is_new_as_long_as_what_it_was_edited_from_stands(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    store.decide([item(ws, "bat/0.png"), item(ws, "bat/1.png")], "remove", reviewer="Mara")
    table = exported(ws, store, tmp_path / "out")
    edited(table, {"bat/0.png": "keep", "bat/1.png": "unsure", "bat/2.png": "unsure"})
    store.decide([item(ws, "bat/1.png")], "keep", reviewer="Ada")
    brought = import_file(ws, store, table, reviewer="Tom")
    assert conflicts(brought) == ["'bat/1.png' (Ada: keep)"]
    assert standing(store) == {
        "bat/0.png": ("keep", "Tom"),
        "bat/1.png": ("keep", "Ada"),
        "bat/2.png": ("unsure", "Tom"),
    }


def test_an_undecided_cell_that_was_filled_in_does_not_overrule_either(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    table = exported(ws, store, tmp_path / "out")
    edited(table, {"bat/0.png": "remove"})
    store.decide([item(ws, "bat/0.png")], "keep", reviewer="Ada")
    assert conflicts(import_file(ws, store, table, reviewer="Tom")) == ["'bat/0.png' (Ada: keep)"]


def test_batches_of_equal_number_in_two_stores_are_two(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    other_place = tmp_path / "other"
    other_place.mkdir()
    with open_store(other_place) as other:
        other.decide([item(ws, "bat/0.png")], "remove", reviewer="Mara")
        table = exported(ws, other, tmp_path / "out")
    store.decide([item(ws, "bat/0.png")], "keep", reviewer="Mara")
    assert conflicts(import_file(ws, store, table)) == ["'bat/0.png' (Mara: keep)"]
    store.undo("Mara")
    # this store never heard of that decision, so nobody took it back here
    assert conflicts(import_file(ws, store, table)) == []
    assert standing(store) == {"bat/0.png": ("remove", logged_in())}


def test_an_import_is_signed_by_who_is_logged_in_not_by_a_name_in_the_file(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("file,decision,reviewer\nbat/0.png,keep,Mara\n")
    import_file(ws, store, tmp_path / "t.csv")
    assert standing(store) == {"bat/0.png": ("keep", logged_in())}
    assert store.history(1)[0].context.source == "t.csv, decided by Mara"
    assert import_file(ws, store, tmp_path / "t.csv", reviewer="Tom").receipts == ()


def test_a_decision_on_one_copy_alone_comes_back_as_that(ws: Workspace, tmp_path: Path) -> None:
    photos = Path(ws.info.root)
    (photos / "bat" / "copy.png").write_bytes((photos / "bat" / "0.png").read_bytes())
    twice = photo_workspace(photos, tmp_path / "twice")
    one = item(twice, "bat/copy.png")
    with open_store(twice.path) as store:
        store.decide([Item(one.file, one.label, one.sha256, True)], "remove", reviewer="Mara")
        flagged = export_workspace(twice, store, "csv", tmp_path / "out", scope="flagged").files[0]
    (tmp_path / "fresh").mkdir()
    with open_store(tmp_path / "fresh") as fresh:
        import_file(twice, fresh, flagged)
        assert list(fresh.current()["only_this_file"]) == [True]
        back = pd.read_csv(exported(twice, fresh, tmp_path / "back"), keep_default_na=False)
    said = dict(zip(back["file"], back["decision"], strict=True))
    assert (said["bat/0.png"], said["bat/copy.png"]) == ("", "remove")


def test_what_is_insisted_on_of_one_copy_is_in_force_and_the_other_stays(
    ws: Workspace, tmp_path: Path
) -> None:
    photos = Path(ws.info.root)
    (photos / "bat" / "copy.png").write_bytes((photos / "bat" / "0.png").read_bytes())
    twice = photo_workspace(photos, tmp_path / "twice")
    one, copy = item(twice, "bat/0.png"), item(twice, "bat/copy.png")
    (tmp_path / "t.csv").write_text("file,decision\nbat/copy.png,keep\n")
    with open_store(twice.path) as store:
        store.decide([one], "keep", reviewer="Tom")  # on both
        store.decide([Item(one.file, one.label, one.sha256, True)], "unsure", reviewer="Ada")
        store.decide([Item(copy.file, copy.label, copy.sha256, True)], "remove", reviewer="Tom")
        import_file(twice, store, tmp_path / "t.csv", reviewer="Tom", overrule=True)
        decided = with_decisions(twice.items(), store.current()).set_index("file")["decision"]
    assert (decided["bat/0.png"], decided["bat/copy.png"]) == ("unsure", "keep")


def test_what_is_decided_while_a_file_is_compared_is_no_less_a_conflict(
    ws: Workspace, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_text("file,decision\nbat/0.png,keep\nbat/1.png,keep\n")
    read = store.current
    told = []

    def current() -> pd.DataFrame:
        frame = read()
        if not told:
            told.append(store.decide([item(ws, "bat/0.png")], "remove", reviewer="Ada"))
        return frame

    monkeypatch.setattr(store, "current", current)
    assert conflicts(import_file(ws, store, tmp_path / "t.csv", reviewer="Tom")) == [
        "'bat/0.png' (Ada: remove)"
    ]
    monkeypatch.undo()
    assert standing(store) == {"bat/0.png": ("remove", "Ada"), "bat/1.png": ("keep", "Tom")}


def test_a_picture_that_changed_since_the_run_is_not_decided_on(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("file,decision\nbat/0.png,keep\nbat/1.png,keep\n")
    other = Path(ws.info.root) / "crane" / "0.png"
    (Path(ws.info.root) / "bat" / "0.png").write_bytes(other.read_bytes())
    report = import_file(ws, store, table, reviewer="Tom").report
    assert [stop.name for stop in report.stopped] == ["bat/0.png"]
    assert "has changed since the run" in "".join(report.lines())
    assert standing(store) == {"bat/1.png": ("keep", "Tom")}


def edited(table: Path, decisions: dict[str, str]) -> None:
    """Write decisions into the cells of an export, as somebody with a spreadsheet does."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["decision"] = decisions.get(row["file"], row["decision"])
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
