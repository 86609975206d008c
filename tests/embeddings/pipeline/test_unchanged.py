"""Files that vanish, change or are closed while a run is under way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import pipeline
from embeddings.engines import WorkItem
from embeddings.errors import ImageError
from embeddings.images import CHANGED, is_passing
from embeddings.images.files import open_regular
from embeddings.pipeline.unchanged import unchanged
from embeddings.records import Batch, Extracted
from embeddings.workspace import Workspace


class Means:
    """The mean colour; as many images as it was asked for are counted."""

    name, fingerprint = "means", "0" * 64
    input_size, width, classes = 8, 3, None
    notes = ()

    def extract(self, images: np.ndarray) -> Batch:
        return Batch(images.mean(axis=(1, 2)).astype(np.float32), None)


@pytest.fixture
def scanned(tmp_path: Path) -> tuple[Path, Path]:
    """Return the root of four images that are scanned, and the workspace."""
    root = tmp_path / "data"
    (root / "cat").mkdir(parents=True)
    for number in range(4):
        Image.new("RGB", (8, 8), (60 * number, 0, 0)).save(root / "cat" / f"{number}.png")
    pipeline.scan(root, tmp_path / "ws")
    return root, tmp_path / "ws"


def embedded(ws: Path) -> dict[str, tuple[str, float]]:
    """Return the status and the first value of the embedding by file, of those looked at."""
    space = pipeline.embed(ws, model=Means())
    frame = space.manifest()
    store = space.store(Means.fingerprint)
    status = store.facts()[c.STATUS].reindex(frame[c.SHA256])
    matrix = space.embeddings(frame)
    rows = zip(frame[c.FILE], status, matrix[:, 0], strict=True)
    return {str(file): (str(said), float(first)) for file, said, first in rows}


def paint(path: Path, red: int) -> None:
    Image.new("RGB", (8, 8), (red, 0, 0)).save(path)


def test_a_file_that_changed_never_stands_for_what_it_was(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    before = (root / "cat" / "1.png").read_bytes()
    paint(root / "cat" / "1.png", 255)
    (root / "cat" / "2.png").unlink()
    (root / "cat" / "3.png").write_bytes(b"cut short by another program")
    first = embedded(ws)
    assert first["cat/0.png"] == (c.OK, 0.0)
    assert {first[f"cat/{n}.png"][0] for n in (1, 2, 3)} == {c.UNREADABLE}
    reasons = Workspace.open(ws).store(Means.fingerprint).facts()[c.REASON]
    assert sorted(reasons) == ["", *["the file changed after the scan"] * 2, "the file is gone"]
    # what comes back as it was is looked at again, though nothing was scanned in between
    (root / "cat" / "1.png").write_bytes(before)
    paint(root / "cat" / "2.png", 120)
    again = embedded(ws)
    assert again["cat/1.png"] == (c.OK, 60.0)
    assert again["cat/2.png"] == (c.OK, 120.0)
    assert again["cat/3.png"][0] == c.UNREADABLE


def test_a_run_after_it_takes_the_file_as_it_is_now(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    paint(root / "cat" / "1.png", 255)
    embedded(ws)
    pipeline.scan(root, ws)
    assert embedded(ws)["cat/1.png"] == (c.OK, 255.0)


def test_the_report_says_why(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    paint(root / "cat" / "1.png", 255)
    embedded(ws)
    items = pipeline.cluster(ws).items().set_index(c.FILE)
    assert items.loc["cat/1.png", c.STATUS] == c.UNREADABLE
    assert "changed after the scan" in items.loc["cat/1.png", c.REASON]
    assert items[c.STATUS].tolist().count(c.OK) == 3


def test_a_file_that_was_only_touched_is_the_same(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    for path in (root / "cat").iterdir():
        os.utime(path, ns=(1, 1))
    assert {status for status, _ in embedded(ws).values()} == {c.OK}


def test_without_the_times_of_the_scan_contents_are_compared(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    (ws / "hashes.parquet").unlink()
    paint(root / "cat" / "1.png", 255)
    said = embedded(ws)
    assert said["cat/0.png"][0] == c.OK
    assert said["cat/1.png"][0] == c.UNREADABLE


def test_a_file_that_goes_after_it_was_decoded(scanned: tuple[Path, Path]) -> None:
    root, ws = scanned
    path = root / "cat" / "1.png"
    seen = Extracted("key", np.ones(3, np.float32))
    path.unlink()
    ((said,),) = unchanged([(seen,)], Workspace.open(ws), [WorkItem("key", path)])
    assert (said.embedding, said.reason) == (None, CHANGED)


def closed(path: Path) -> Any:
    raise PermissionError(13, "Permission denied")


def failing(path: Path) -> Any:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("broken", [closed, failing])
def test_what_the_system_refuses_may_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[[Path], Any]
) -> None:
    (tmp_path / "1.png").touch()
    monkeypatch.setattr(Path, "open", lambda path, mode: broken(path))
    with pytest.raises(ImageError, match=r"(?i)permission|input/output") as told:
        open_regular(tmp_path / "1.png")
    assert told.value.hint
    assert is_passing(told.value.message)
