"""Running a model that takes a fixed number of images at once, whatever the number given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def in_steps(
    x: NDArray[Any], step: int | None, run: Callable[[NDArray[Any]], Sequence[NDArray[Any]]]
) -> list[NDArray[Any]]:
    """Run ``run`` on parts of ``x`` of exactly ``step`` rows, and join what it gives.

    The last part is filled up with zeros, and what comes of those is dropped. With ``step`` None
    all rows go at once.
    """
    if step is None or step == len(x):
        return list(run(x))
    parts = []
    for start in range(0, len(x), step):
        part = x[start : start + step]
        n = len(part)
        if n < step:
            part = np.concatenate([part, np.zeros((step - n, *x.shape[1:]), x.dtype)])
        parts.append([out[:n] for out in run(part)])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
