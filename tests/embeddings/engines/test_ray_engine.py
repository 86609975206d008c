"""A Ray cluster of two nodes does what one machine does, also when workers die."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from embeddings import pipeline
from embeddings.engines import Engine, WorkItem
from embeddings.errors import EngineError, ModelError
from embeddings.workspace import FRAMES, Workspace
from tests.embeddings.engines.extractors import Broken, Colours, Doomed, Mortal

pytestmark = [
    # Ray's own: sockets and log files of its processes, and a tip about a future version
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Tip.*accelerator:FutureWarning"),
]


def shards(ws: Workspace) -> dict[str, bytes]:
    folders = [ws.path / "embeddings", ws.path / "thumbnails"]
    files = [file for folder in folders for file in folder.rglob("*.arrow")]
    return {str(file.relative_to(ws.path)): file.read_bytes() for file in sorted(files)}


@pytest.fixture(scope="session")
def alone(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """What one machine makes of the photos."""
    folder = tmp_path_factory.mktemp("alone") / "ws"
    return pipeline.run(photos, folder, model=Colours(), batch_size=4)


def test_from_a_bucket_by_a_cluster_the_same_workspace(
    s3: str, alone: Workspace, ray_engine: Engine, tmp_path: Path
) -> None:
    heard: list[tuple[int, int, str]] = []
    ws = pipeline.run(
        s3,
        tmp_path / "ws",
        model=Colours(),
        batch_size=4,
        engine=ray_engine,
        progress=lambda done, total, what: heard.append((done, total, what)),
    )
    assert ws.info.root == s3
    assert shards(ws) == shards(alone)
    for name in FRAMES:
        ours, theirs = getattr(ws, name)(), getattr(alone, name)()
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-4, atol=1e-4)
    assert [done for done, _, what in heard if what == "embed"] == list(range(82))
    assert ws.items().set_index(c.FILE)[c.STATUS]["grass/broken.png"] == c.UNREADABLE


def test_a_worker_killed_in_the_middle_neither_ends_the_run_nor_doubles_a_row(
    photos: Path, alone: Workspace, ray_engine: Engine, tmp_path: Path
) -> None:
    flag = tmp_path / "killed"
    pipeline.scan(photos, tmp_path / "ws")
    ws = pipeline.embed(tmp_path / "ws", model=Mortal(flag), batch_size=4, engine=ray_engine)
    assert flag.exists()
    assert shards(ws) == shards(alone)


def test_images_that_end_every_worker_are_named(
    photos: Path, ray_engine: Engine, tmp_path: Path
) -> None:
    pipeline.scan(photos, tmp_path / "ws")
    with pytest.raises(EngineError, match=r"\.png ended 4 workers"):
        pipeline.embed(tmp_path / "ws", model=Doomed(), batch_size=4, engine=ray_engine)


def test_a_fault_of_the_model_arrives_as_itself(
    photos: Path, ray_engine: Engine, tmp_path: Path
) -> None:
    pipeline.scan(photos, tmp_path / "ws")
    with pytest.raises(ZeroDivisionError, match="a fault of the model"):
        pipeline.embed(tmp_path / "ws", model=Broken(), batch_size=4, engine=ray_engine)


def test_a_model_that_cannot_travel_is_said(ray_engine: Engine) -> None:
    import threading

    with pytest.raises(ModelError, match="can't be sent"):
        with ray_engine.embedder(partial(dict, lock=threading.Lock())):
            pass


def alone_loaded() -> tuple[Colours, ...]:
    return (Colours(),)


def killed_once(flag: Path, number: int) -> int:
    import os
    import signal

    if number == 2:
        try:
            flag.touch(exist_ok=False)
        except FileExistsError:
            return number
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_tasks_come_back_in_order_and_survive_their_worker(
    ray_engine: Engine, tmp_path: Path
) -> None:
    each = ray_engine.mapper(6)
    assert list(each(partial(killed_once, tmp_path / "flag"), range(6))) == list(range(6))
    assert (tmp_path / "flag").exists()


def test_tasks_are_drawn_as_they_are_needed(ray_engine: Engine) -> None:
    drawn: list[int] = []

    def tasks() -> object:
        for number in range(100):
            drawn.append(number)
            yield np.full(4, number)

    results = ray_engine.mapper(100)(np.sum, tasks())  # type: ignore[arg-type]
    assert next(iter(results)) == 0
    assert len(drawn) <= 8


def test_workers_that_do_not_see_the_data_are_refused(
    photos: Path, ray_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a folder of this process only, as a disk is that the other machines don't have
    seen = WorkItem("k", photos / "night" / "only-here.png")
    real = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path == seen.path or real(path))
    with pytest.raises(EngineError, match=r"does not see .*only-here\.png"):
        with ray_engine.embedder(alone_loaded, sample=seen):
            pass
