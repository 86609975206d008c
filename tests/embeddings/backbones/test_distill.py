"""The training program: crops, a run that is killed and goes on, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embeddings.backbones.distill import crops, training
from embeddings.backbones.distill.__main__ import main
from embeddings.errors import ModelError, SourceError

SIZE, TEACHER_SIZE, FEATURES, CLASSES = 32, 48, 10, 5


def photos(folder: Path, n: int = 6) -> Path:
    rng = np.random.default_rng(0)
    for kind in ("ant", "bee"):
        (folder / kind).mkdir(parents=True)
        for i in range(n // 2):
            pixels = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"{i}.jpg")
    return folder


def teach(images: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """A teacher that sees colours."""
    means = images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32) / 255
    features = np.tile(means, (1, 4))[:, :FEATURES]
    return features, np.full((len(images), CLASSES), 1 / CLASSES, np.float32)


def made(folder: Path, readers: Any, **changes: Any) -> list[Path]:
    settings: dict[str, Any] = {
        "crops_per_photo": 4, "student_size": SIZE, "teacher_size": TEACHER_SIZE, "seed": 0,
    }  # fmt: skip
    return crops.make_crops(readers, folder, teach, progress=lambda *_: None, **settings | changes)


def test_kinds_can_be_held_out(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    assert len(crops.photos([folder], [])) == 6
    assert len(crops.photos([folder], ["ant"])) == 3


def test_student_and_teacher_see_the_same_crop(tmp_path: Path) -> None:
    readers = crops.photos([photos(tmp_path / "photos")], [])
    found = crops.read_crops(made(tmp_path / "crops", readers)[0])
    assert found.pixels.shape == (24, SIZE, SIZE, 3)
    assert found.features.shape == (24, FEATURES)
    seen, _ = teach(found.pixels)
    np.testing.assert_allclose(found.features.astype(np.float32), seen, atol=0.06)


def test_crops_made_otherwise_are_refused(tmp_path: Path) -> None:
    readers = crops.photos([photos(tmp_path / "photos")], [])
    files = made(tmp_path / "crops", readers)
    before = files[0].read_bytes()
    assert made(tmp_path / "crops", readers)[0].read_bytes() == before
    with pytest.raises(SourceError, match="made otherwise"):
        made(tmp_path / "crops", readers, seed=1)


def test_batches_that_follow_a_stop_are_the_same(tmp_path: Path) -> None:
    readers = crops.photos([photos(tmp_path / "photos")], [])
    files = made(tmp_path / "crops", readers)
    assert crops.shard_size(files[0]) == 24
    whole = list(crops.batches(files, 5, (0, 1)))
    rest = list(crops.batches(files, 5, (0, 1), skip=2))
    assert (len(whole), len(rest)) == (4, 2)
    for a, b in zip(whole[2:], rest, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_the_rate_warms_up_and_falls() -> None:
    recipe = training.Recipe()
    rates = [training.rate_at(step, 100, recipe) for step in range(100)]
    assert rates[0] < rates[4] == max(rates)
    assert rates[-1] < 0.01 * recipe.learning_rate


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student of a few layers instead of MobileNetV2."""

    def network(size: int, width: int, n_classes: int) -> Any:
        import keras
        from keras import layers

        pixels = keras.Input((size, size, 3))
        x = layers.Rescaling(1 / 255)(pixels)
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(FEATURES, 3, activation="relu")(x))
        embedding = layers.Dense(width, use_bias=False)(x)
        return keras.Model(
            pixels, [embedding, layers.Dense(n_classes, activation="softmax")(embedding)]
        )

    monkeypatch.setattr(training, "network", network)


RECIPE: dict[str, Any] = {
    "input_size": SIZE, "width": 3, "passes": 2, "batch_size": 8, "from_scratch": True,
}  # fmt: skip


@pytest.mark.usefixtures("small")
def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path) -> None:
    readers = crops.photos([photos(tmp_path / "photos")], [])
    files = made(tmp_path / "crops", readers)
    recipe = training.Recipe(**RECIPE)

    def run(folder: Path, stop_after: int | None = None) -> Any:
        folder.mkdir(exist_ok=True)
        heard = 0

        def progress(done: int, total: int, what: str) -> None:
            nonlocal heard
            heard += 1
            if heard == stop_after:
                raise KeyboardInterrupt

        return training.train(files, [], recipe, folder, checkpoint_seconds=0, progress=progress)

    whole = run(tmp_path / "whole").get_weights()
    monkey = pytest.MonkeyPatch()
    monkey.setattr(training, "SAY_EVERY", 1)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", stop_after=3)
    monkey.undo()
    for a, b in zip(whole, run(tmp_path / "parts").get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    with pytest.raises(ModelError):
        other = training.Recipe(**RECIPE | {"soft": 0.5})
        training.train(files, [], other, tmp_path / "parts", progress=lambda *_: None)


def test_a_file_that_is_no_teacher_is_named(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    (tmp_path / "t.keras").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"t\.keras can't teach"):
        main(["--images", str(folder), "--teacher", str(tmp_path / "t.keras"),
              "--out", str(tmp_path / "out")])  # fmt: skip
