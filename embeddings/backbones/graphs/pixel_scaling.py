"""Which scale of pixels a model is made for, read from what it does to them before its weights.

What its first steps make of black and of white is computed, not guessed from their names: however a
model is written (channels taken apart and put together again, subtracted, divided, normalised with
learnt means), the range that reaches its first weights says what it was given in training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.graphs.ops import Graph, Op
from embeddings.backbones.runtime.preprocess import Scaling

Run = Callable[[NDArray[np.float32]], NDArray[Any]]
_PASSED: Final = frozenset({"shape", "quantise", "dropout", "linear", "affine", "mix", "bend"})
_MOST: Final = 64  # steps: preprocessing is short
_ENDS: Final[dict[Scaling, tuple[float, float]]] = {
    "raw": (0, 255), "0..1": (0, 1), "-1..1": (-1, 1),
}  # fmt: skip
# From black to white: where values are about one, or deviations of one; and where they are bytes.
_UNIT: Final = (0.9, 12.0)
_BYTES: Final = (200.0, 300.0)
_HARDLY: Final = 0.05  # of their size: pictures told apart by less look all the same
_LEAST_MEAN: Final = 20.0  # of bytes; what is less was subtracted from values about one


def pixels_reached(graph: Graph) -> Op | None:
    """Return the last step without weights that the pixels go through, or None without any.

    Batch normalisation right upon the pixels is such a step: it has learnt their mean.
    """
    users: dict[str, list[Op]] = {}
    for op in graph.ops:
        for tensor in op.inputs:
            users.setdefault(tensor, []).append(op)
    made = {graph.input}
    last: Op | None = None
    waiting = list(users.get(graph.input, ()))
    for _ in range(_MOST):
        ready = [op for op in waiting if made.issuperset(op.inputs)]
        if not ready:
            break
        op = ready[0]
        waiting.remove(op)
        if op.kind not in _PASSED and op.kind != "norm":
            continue
        made.add(op.output)
        last = op
        waiting += [user for user in users.get(op.output, ()) if user not in waiting]
    return last


def scaling_read(run: Run, size: int) -> Scaling | None:
    """Say which scaling fits what ``run`` makes of pixels.

    Parameters
    ----------
    run
        Takes pixels (n, size, size, 3) float32 and returns what reaches the first weights, (n, …).
    size
        Of the images, in px.

    Returns
    -------
    The scaling, or None where the pixels pass as they are, or nothing can be told.
    """
    values = np.array([0, 255, 51], np.float32)
    flat = np.broadcast_to(values[:, None, None, None], (3, size, size, 3))
    black, white, fifth = _levels(run(np.ascontiguousarray(flat)))
    if not np.isfinite([black, white, fifth]).all() or np.isclose(white, black):
        return None
    if not np.isclose((fifth - black) / (white - black), 0.2, atol=0.02):
        return None  # no straight line, nothing to be read
    slope = (white - black) / 255
    if np.isclose(slope, 1, rtol=1e-3) and abs(black) < 1e-3:
        return None
    return scaling_of_line(slope, black)


def _levels(made: NDArray[Any]) -> tuple[float, float, float]:
    """Return the value of each picture, the middle one of its places: edges may be padded."""
    flat = np.asarray(made, np.float64).reshape(len(made), -1)
    black, white, fifth = (float(v) for v in np.median(flat, axis=1)[:3])
    return black, white, fifth


def scaling_of_line(slope: float, offset: float) -> Scaling | None:
    """Return the scaling of pixels for which ``slope * x + offset`` is what networks take.

    That is a range around zero (ImageNet's, -1 to 1, a mean subtracted) or from zero to one or to
    255; of several the one that lies most about zero. None where no scaling makes one.
    """
    found: list[tuple[float, Scaling]] = []
    for how, (low, high) in _ENDS.items():
        span = abs(slope) * (high - low)
        middle = abs(slope * (low + high) / 2 + offset)
        shifted = how != "raw" or abs(slope) < 0.9 or abs(offset) >= _LEAST_MEAN
        if (_UNIT[0] <= span <= _UNIT[1] and middle <= span) or (
            _BYTES[0] <= span <= _BYTES[1] and middle <= _BYTES[0] and shifted
        ):
            found.append((middle / span, how))
    return min(found, key=lambda f: f[0])[1] if found else None


def spread(embeddings: NDArray[Any]) -> float:
    """Return how far embeddings (n, width) lie apart, as a part of their size."""
    size = float(np.abs(embeddings).mean())
    return float(embeddings.std(axis=0).mean()) / size if size > 0 else 0.0


def wants_bytes(scaled: NDArray[Any], raw: NDArray[Any]) -> bool:
    """Whether a model must have been made for pixels from 0 to 255.

    Converters fold the scaling of pixels into the first weights, where no step tells of it. Given
    pixels of about one, such a model sees next to nothing but its biases.

    Parameters
    ----------
    scaled, raw
        Embeddings (n, width) of the same pictures, their pixels scaled to about one, and as they
        are.
    """
    seen = spread(scaled)
    return seen < _HARDLY and spread(raw) > 5 * seen
