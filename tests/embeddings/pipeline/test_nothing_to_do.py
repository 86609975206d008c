"""A second run with nothing to do: the model is not loaded, and nothing is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
