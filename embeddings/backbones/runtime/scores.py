"""What a classifier's scores are, and the probabilities that they mean.

What they are is settled once, when the model is loaded: judged batch by batch, an image's
probabilities would depend on its neighbours.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

ScoreKind = Literal["probabilities", "logits", "independent"]
NOTES: Final[dict[ScoreKind, str]] = {
    "probabilities": "",
    "logits": "The model gives logits; their softmax is kept as probabilities.",
    "independent": "The model judges each class for itself; its scores are kept as shares of one.",
}
_PROBES: Final = 4
_WHOLES: Final = (1, 100, 255)  # what shares add up to: one, per cent, 8 bits


def probe(size: int) -> NDArray[np.uint8]:
    """Return a few smooth pictures, (4, size, size, 3) uint8, the same each time."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 3, size)
    low = np.minimum(ramp.astype(int), 2)
    part = (ramp - low)[:, None, None]
    knots = rng.uniform(0, 255, (_PROBES, 4, 4, 3))
    rows = knots[:, low] * (1 - part[None]) + knots[:, low + 1] * part[None]
    part = (ramp - low)[None, None, :, None]
    both = rows[:, :, low] * (1 - part) + rows[:, :, low + 1] * part
    return np.asarray(both.round(), dtype=np.uint8)


def judge(scores: NDArray[np.float32]) -> ScoreKind:
    """Tell from the scores of :func:`probe`, (n, classes) float32, what they are."""
    if (scores < 0).any():
        return "logits"
    totals = scores.sum(axis=1)
    shares = scores.shape[1] > 1 and np.allclose(totals, totals.mean(), rtol=0.02)
    if shares and any(np.isclose(totals.mean(), whole, rtol=0.02) for whole in _WHOLES):
        return "probabilities"
    return "independent" if (scores <= 1).all() else "logits"


def to_probabilities(scores: NDArray[np.float32], kind: ScoreKind) -> NDArray[np.float32]:
    """Return ``scores`` (n, classes) as probabilities, float32, each row summing to one.

    A single score per image is that of the second of two classes.
    """
    flat = np.asarray(scores, dtype=np.float32).reshape(len(scores), -1)
    if flat.shape[1] == 1:
        if kind == "logits":
            flat = np.concatenate([np.zeros_like(flat), flat], axis=1)
        else:
            flat = np.concatenate([1 - flat, flat], axis=1)
    if kind == "logits":
        e = np.exp(flat - flat.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True), dtype=np.float32)
    total = flat.sum(axis=1, keepdims=True)
    even = np.float32(1 / flat.shape[1])  # a quantised model may round every class to nothing
    return np.where(total > 0, flat / np.where(total > 0, total, 1), even).astype(np.float32)
