"""A second run with nothing to do: the model is not loaded, and nothing is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import embeddings
from embeddings import backbones, pipeline
from embeddings.pipeline.stages.embed import MODEL_FILE

SECOND = """
import sys, embeddings
ws = embeddings.run(sys.argv[1], sys.argv[2])
assert len(ws.items()) == 8
print(*[m for m in ("tensorflow", "keras") if m in sys.modules])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("nothing")
    rng = np.random.default_rng(0)
    for number in range(8):
        file = folder / "photos" / ("cat" if number < 4 else "dog") / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)).save(file)
    embeddings.run(folder / "photos", folder / "ws")
    return folder / "photos", folder / "ws"


def test_a_second_run_loads_no_tensorflow_and_prints_nothing(made: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SECOND, *map(str, made)], capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_new_image_is_embedded(made: tuple[Path, Path], tmp_path: Path) -> None:
    photos, ws = made
    Image.new("RGB", (40, 40), (9, 9, 200)).save(photos / "dog" / "new.png")
    pipeline.scan(photos, ws)
    space = pipeline.embed(ws)
    assert np.isfinite(space.embeddings(space.manifest())).all()
    (photos / "dog" / "new.png").unlink()
    pipeline.scan(photos, ws)


def test_another_precision_is_another_model() -> None:
    spec = embeddings.ModelSpec
    names = {backbones.identity(spec(precision=p)) for p in ("fp32", "bf16")}
    names |= {backbones.identity(spec("resnet50v2"))}
    assert len(names) == 3
    assert backbones.identity(spec("mine.keras")) == ""


def test_what_is_kept_of_a_model_may_be_damaged(made: tuple[Path, Path]) -> None:
    photos, ws = made
    (file,) = (ws / "embeddings").glob(f"*/{MODEL_FILE}")
    whole = file.read_text(encoding="utf-8")
    file.write_text("{", encoding="utf-8")
    pipeline.scan(photos, ws)
    pipeline.embed(ws)
    assert file.read_text(encoding="utf-8") == whole


class Stages:
    """Takes note of the stages that were at work."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, done: int, total: int, what: str) -> None:
        if done and what not in self.heard:
            self.heard.append(what)


@pytest.fixture
def judged(tmp_path: Path) -> tuple[Path, Path]:
    from tests.embeddings.pipeline.test_run import Colours, draw

    draw(tmp_path / "photos" / "night", 12, (20, 20, 40), 1)
    draw(tmp_path / "photos" / "grass", 12, (40, 200, 40), 4)
    embeddings.run(tmp_path / "photos", tmp_path / "ws", model=Colours())
    return tmp_path / "photos", tmp_path / "ws"


def again(judged: tuple[Path, Path], **how: Any) -> list[str]:
    from tests.embeddings.pipeline.test_run import Colours

    stages = Stages()
    embeddings.run(*judged, model=Colours(), progress=stages, **how)
    return stages.heard


def test_what_was_judged_is_not_judged_again(judged: tuple[Path, Path]) -> None:
    before = {file: file.read_bytes() for file in judged[1].rglob("*.parquet")}
    assert not {"cluster", "label errors", "outliers"} & set(again(judged))
    assert {file: file.read_bytes() for file in judged[1].rglob("*.parquet")} == before


@pytest.mark.parametrize("what", ["another label", "a new file", "a file that was broken"])
def test_what_changed_is_judged(judged: tuple[Path, Path], what: str) -> None:
    photos, _ = judged
    first = photos / "night" / "000.png"
    if what == "another label":
        first.rename(photos / "grass" / "moved.png")
    elif what == "a new file":
        Image.new("RGB", (24, 24), (9, 9, 200)).save(photos / "grass" / "new.png")
    else:
        whole = first.read_bytes()
        first.write_bytes(whole[:60])
        assert "cluster" in again(judged)
        first.write_bytes(whole)
    assert "cluster" in again(judged)
    assert "cluster" not in again(judged)


def test_what_was_asked_otherwise_is_judged(judged: tuple[Path, Path]) -> None:
    assert "cluster" in again(judged, seed=1)
    assert "cluster" not in again(judged, seed=1)
    assert "cluster" in again(judged, labelled=False)


def test_a_run_that_was_stopped_before_the_check_is_checked(judged: tuple[Path, Path]) -> None:
    ws = embeddings.Workspace.open(judged[1])
    (ws.run_folder / "health.json").unlink()
    assert ws.health() is None
    assert "outliers" in again(judged)
    assert embeddings.Workspace.open(judged[1]).health() is not None


def test_the_stage_asked_for_by_itself_works_again(judged: tuple[Path, Path]) -> None:
    stages = Stages()
    pipeline.cluster(judged[1], progress=stages)
    assert "label errors" in stages.heard
    assert embeddings.Workspace.open(judged[1]).health() is None  # of the findings before
