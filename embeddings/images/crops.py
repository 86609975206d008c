"""Boxes cut out of a picture, each as a picture of its own."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embeddings.errors import ImageError
from embeddings.images.decode import whole_rgb

_QUALITY: Final = 95
_LEAST: Final = 2  # px of a side, below which there is nothing to see


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width, height: in px, or in shares of the picture's sides."""

    left: float
    top: float
    width: float
    height: float
    in_shares: bool = False


def cut(
    path: Path, boxes: Sequence[Box], *, context: float = 0.0, size: tuple[int, int] | None = None
) -> list[bytes | ImageError]:
    """Cut boxes out of a picture, as JPEG bytes, or the reason why one can't be.

    Parameters
    ----------
    path
        The picture.
    boxes
        What lies beyond the picture is left out.
    context
        Share of each side that is taken in on either side of a box.
    size
        Width and height in px that the boxes were drawn on. Where they are those of the pixels
        before the EXIF orientation, the picture is not turned; as seen by default.

    Raises
    ------
    ImageError
        The picture can't be read.
    """
    picture = whole_rgb(path, as_stored=size)
    out: list[bytes | ImageError] = []
    for box in boxes:
        sides = _pixels(box, picture.size, context)
        if sides is None:
            out.append(ImageError("its box is empty or outside the picture", hint="Draw it again."))
            continue
        buffer = io.BytesIO()
        picture.crop(sides).save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
        out.append(buffer.getvalue())
    return out


def _pixels(box: Box, size: tuple[int, int], context: float) -> tuple[int, int, int, int] | None:
    wide, high = size if box.in_shares else (1, 1)
    left, top = box.left * wide, box.top * high
    width, height = box.width * wide, box.height * high
    if not all(map(math.isfinite, (left, top, width, height))) or min(width, height) <= 0:
        return None
    more_x, more_y = width * context, height * context
    x0, y0 = max(0, math.floor(left - more_x)), max(0, math.floor(top - more_y))
    x1 = min(size[0], math.ceil(left + width + more_x))
    y1 = min(size[1], math.ceil(top + height + more_y))
    return (x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= _LEAST else None
