"""Small videos for tests, written by PyAV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def shade_of(second: int) -> int:
    """Return the grey that ``film`` shows in a second."""
    return 20 + 40 * (second % 6)


def film(
    path: Path,
    seconds: float,
    *,
    rate: int = 5,
    size: tuple[int, int] = (64, 48),
    frame: Callable[[int], NDArray[np.uint8]] | None = None,
) -> Path:
    """Write a video whose picture changes with each second, or is what ``frame`` draws of it."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * rate)):
            second = number // rate
            pixels = (
                np.full((height, width, 3), shade_of(second), np.uint8)
                if frame is None
                else frame(second)
            )
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
