"""Scalings of pixels: what a model expects where it does not scale inside."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import UsageError

Scaling = Literal["raw", "0..1", "-1..1", "imagenet", "caffe"]
SCALINGS: Final[tuple[Scaling, ...]] = get_args(Scaling)
DESCRIPTIONS: Final[dict[Scaling, str]] = {
    "raw": "0 to 255, as they are",
    "0..1": "divided by 255",
    "-1..1": "divided by 127.5, less 1",
    "imagenet": "divided by 255, less ImageNet's mean, by its deviation (PyTorch's habit)",
    "caffe": "BGR, less ImageNet's mean, 0 to 255",
}
_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION: Final = np.array([0.229, 0.224, 0.225], np.float32)
_CAFFE_MEAN: Final = np.array([103.939, 116.779, 123.68], np.float32)


def scaling(name: str) -> Scaling:
    """Return ``name`` if it is a scaling.

    Raises
    ------
    UsageError
        It is none; the hint lists them.
    """
    for known in SCALINGS:
        if name == known:
            return known
    raise UsageError(f"There is no scaling {name!r}.", hint=f"Choose one of {', '.join(SCALINGS)}.")


def scale(images: NDArray[np.uint8], how: Scaling) -> NDArray[np.float32]:
    """Scale pixels (n, size, size, 3) uint8 RGB to float32 of the same shape."""
    x = images.astype(np.float32)
    if how == "raw":
        return x
    if how == "caffe":
        return x[..., ::-1] - _CAFFE_MEAN
    if how == "-1..1":
        return x / np.float32(127.5) - np.float32(1)
    x /= np.float32(255)
    return x if how == "0..1" else (x - _MEAN) / _DEVIATION


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows of ``logits`` (n, classes) as probabilities."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), dtype=np.float32)


def as_probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``scores`` if they are probabilities already, else their softmax."""
    flat = np.asarray(scores, dtype=np.float32).reshape(len(scores), -1)
    sums = flat.sum(axis=1)
    if (flat >= 0).all() and np.allclose(sums, 1, atol=0.02):
        return flat / sums[:, None]
    return softmax(flat)
