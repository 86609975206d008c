"""A machine that gives up in the middle of a stage: plain words, and the next run goes on."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings import images, pipeline
from embeddings.errors import ImageError, MachineError, RosetteError, WorkspaceError
from embeddings.images import files as imagefile
from embeddings.pipeline.stages.stage import held
from embeddings.records import Batch, Prepared
from embeddings.storage import atomic as files
from embeddings.storage import lock_folder
from embeddings.workspace import Workspace
from tests.embeddings.pipeline.test_run import Colours, draw, tree


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    draw(root / "night", 10, (20, 20, 40), 1)
    draw(root / "grass", 10, (40, 200, 40), 2)
    return root


@pytest.fixture
def whole(photos: Path, tmp_path: Path) -> dict[str, bytes]:
    pipeline.run(photos, tmp_path / "whole", model=Colours())
    return tree(tmp_path / "whole")


class Fails(Colours):
    """The model of the tests, but its second batch fails."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def extract(self, images: np.ndarray) -> Batch:
        if self.seen:
            raise self.error
        return super().extract(images)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "ran out of memory"),
        (BrokenProcessPool("gone"), "died, most likely for want of memory"),
    ],
)
def test_no_memory_is_said_and_the_next_run_goes_on(
    photos: Path, tmp_path: Path, whole: dict[str, bytes], error: Exception, words: str
) -> None:
    with pytest.raises(MachineError, match=words) as raised:
        pipeline.run(photos, tmp_path / "ws", model=Fails(error), batch_size=8)
    assert "goes on from there" in raised.value.hint
    pipeline.run(photos, tmp_path / "ws", model=Colours())
    assert tree(tmp_path / "ws") == whole


def test_an_image_that_found_no_memory_is_looked_at_again(
    photos: Path, tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = images.prepare_all

    def starved(path: Path, sizes: Sequence[int]) -> tuple[Prepared, ...]:
        if path.name == "003.png":
            raise ImageError(f"this PNG {imagefile._NO_MEMORY}")
        return prepare(path, sizes)

    monkeypatch.setattr(images, "prepare_all", starved)
    for _ in range(2):  # a second time changes nothing
        ws = pipeline.run(photos, tmp_path / "ws", model=Colours())
        items = ws.items()
        assert (items[c.STATUS] == c.UNREADABLE).sum() == 2
        assert len(ws.store(Colours.fingerprint).files()) == 1
    monkeypatch.setattr(images, "prepare_all", prepare)
    ws = pipeline.run(photos, tmp_path / "ws", model=Colours())
    assert (ws.items()[c.STATUS] == c.OK).all()
    run = f"runs/{ws.run_id}/items.parquet"
    assert tree(tmp_path / "ws")[run] == whole[run]


@contextmanager
def failing_at(step: int, error: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the write number ``step`` fail, as a full disk would, with half the file written."""
    original, left = files.atomic_path, [step]

    @contextmanager
    def atomic_path(target: Path) -> Iterator[Path]:
        with original(target) as temporary:
            yield temporary
            left[0] -= 1
            if left[0] < 0:
                temporary.write_bytes(temporary.read_bytes()[:10])
                raise OSError(error, os.strerror(error), str(temporary))

    with monkeypatch.context() as patch:
        patch.setattr(files, "atomic_path", atomic_path)
        yield


@pytest.mark.parametrize("step", range(9))
def test_a_disk_that_is_full_at_any_write(
    photos: Path,
    tmp_path: Path,
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    with failing_at(step, errno.ENOSPC, monkeypatch):
        with pytest.raises(WorkspaceError, match="disk is full"):
            pipeline.run(photos, tmp_path / "ws", model=Colours())
    assert not list((tmp_path / "ws").rglob(".*.part"))
    pipeline.run(photos, tmp_path / "ws", model=Colours())
    assert tree(tmp_path / "ws") == whole


def test_the_run_before_stays_current_until_there_is_a_new_one(
    photos: Path, tmp_path: Path
) -> None:
    first = pipeline.run(photos, tmp_path / "ws", model=Colours())
    draw(photos / "grass", 1, (40, 200, 40), 9)
    starved = Fails(MemoryError())
    starved.seen = 1  # there is one new image, so its first batch must fail
    with pytest.raises(MachineError):
        pipeline.run(photos, tmp_path / "ws", model=starved)
    now = Workspace.open(tmp_path / "ws")
    assert now.run_id == first.run_id
    assert len(now.items()) == 20
    assert len(now.manifest()) == 21


def test_files_of_one_folder_are_never_looked_for_in_another(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.run(photos, tmp_path / "ws", model=Colours())
    other = tmp_path / "other"
    draw(other / "sea", 5, (20, 40, 220), 5)
    with failing_at(1, errno.EIO, monkeypatch), pytest.raises(OSError, match="Input/output"):
        pipeline.scan(other, tmp_path / "ws")
    with pytest.raises(RosetteError, match="no scan yet"):
        pipeline.embed(tmp_path / "ws", model=Colours())


def test_no_other_run_comes_in_between_two_stages(photos: Path, tmp_path: Path) -> None:
    tried = []

    def progress(done: int, total: int, what: str) -> None:
        with pytest.raises(WorkspaceError, match="Another run"), lock_folder(tmp_path / "ws"):
            pass
        tried.append(what)

    pipeline.run(photos, tmp_path / "ws", model=Colours(), progress=progress)
    assert {"scan", "embed", "cluster"} <= set(tried)
    with held(tmp_path / "ws"), pytest.raises(WorkspaceError, match="Another run"):
        with lock_folder(tmp_path / "ws"):
            pass


def test_what_a_killed_write_left_is_cleared_and_nothing_else(photos: Path, tmp_path: Path) -> None:
    ws = pipeline.run(photos, tmp_path / "ws", model=Colours())
    before = tree(ws.path)
    left = [ws.path / ".x.part", ws.path / "labels" / ".y.arrow.part"]
    mine = ws.path / "my" / ".z.part"
    mine.parent.mkdir()
    for file in (*left, mine):
        file.write_bytes(b"half")
    pipeline.run(photos, tmp_path / "ws", model=Colours())
    assert mine.exists()
    mine.unlink()
    assert tree(ws.path) == before
