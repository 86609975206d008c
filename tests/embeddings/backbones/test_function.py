"""Any function of images as a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.backbones import Extractor, from_function
from embeddings.errors import ModelError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)


def mean_colour(images: np.ndarray) -> np.ndarray:
    return images.mean(axis=(1, 2))


def with_scores(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return images.mean(axis=(1, 2)), images.mean(axis=(1, 2))[:, :2] - 128


def test_embeddings_and_scores_come_from_the_function() -> None:
    plain: Extractor = from_function(mean_colour, size=8)
    assert (plain.name, plain.width, plain.input_size) == ("mean_colour", 3, 8)
    np.testing.assert_allclose(plain.extract(IMAGES).embeddings, mean_colour(IMAGES), rtol=1e-6)
    assert plain.extract(IMAGES).probabilities is None
    scored = from_function(with_scores, size=8, classes=("warm", "cold"))
    probabilities = scored.extract(IMAGES).probabilities
    assert probabilities is not None
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_fingerprint_covers_size_weights_and_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"one")
    first = from_function(mean_colour, size=8, weights=file)
    assert first.fingerprint == from_function(mean_colour, size=8, weights=file).fingerprint
    others = [
        from_function(mean_colour, size=9, weights=file),
        from_function(with_scores, size=8, weights=file),
        from_function(mean_colour, size=8, weights=b"other"),
        from_function(mean_colour, size=8, weights=file, fingerprint_of="layer 3"),
    ]
    file.write_bytes(b"two")
    others.append(from_function(mean_colour, size=8, weights=file))
    assert len({first.fingerprint, *(o.fingerprint for o in others)}) == 6


def test_a_function_that_answers_at_random_is_told_by_what_is_said() -> None:
    rng = np.random.default_rng(0)

    def random(images: np.ndarray) -> np.ndarray:
        return rng.normal(size=(len(images), 3))

    first, again = (from_function(random, size=8, fingerprint_of="1") for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != from_function(random, size=8, fingerprint_of="2").fingerprint


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda images: images, "shape"),
        (lambda images: images.mean(axis=(1, 2))[:1], "one row an image"),
        (lambda images: "nothing", "no array"),
    ],
)
def test_what_is_no_row_an_image_is_refused(returned: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        from_function(returned, size=8)


def test_classes_must_be_as_many_as_scores() -> None:
    with pytest.raises(UsageError, match="3 classes are named"):
        from_function(with_scores, size=8, classes=("a", "b", "c"))
    with pytest.raises(UsageError, match="no scores"):
        from_function(mean_colour, size=8, classes=("a",))
