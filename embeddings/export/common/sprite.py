"""Sprite: thumbnails of many items in one square picture, for the projector.

Row-major, as many rows as columns (else its thumbnails are misplaced), a side of at most
``LARGEST`` px (else it shows none).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from embeddings.storage import atomic_path

LARGEST: Final = 8192  # px, a texture's side on old machines and the projector's limit
TILE: Final = 64  # px, a thumbnail's side where there is room

_LOSSLESS_UP_TO: Final = 2048  # px; above it a PNG of photos is too large for a browser
_PAPER: Final = (255, 255, 255)
_MISSING: Final = (200, 200, 200)


def grid(count: int) -> tuple[int, int]:
    """Return how many tiles a row has, and the side of a tile in px."""
    across = max(1, math.isqrt(max(count - 1, 0)) + 1)
    return across, min(TILE, LARGEST // across)


def write_sprite(
    target: Path,
    keys: Sequence[str],
    thumbnail: Callable[[str], bytes | None],
    tick: Callable[[int], None],
) -> tuple[Path, int, int]:
    """Write the sprite of the items ``keys``, in their order.

    Parameters
    ----------
    target
        Without suffix: it is ``.png``, or ``.jpg`` where the picture is large.
    thumbnail
        From a key to a JPEG, or None: that tile is grey.
    tick
        Called with the number of tiles done.

    Returns
    -------
    The path written, the side of a tile in px, and how many items had no thumbnail.
    """
    across, side = grid(len(keys))
    sheet = Image.new("RGB", (across * side, across * side), _PAPER)
    missing = 0
    for place, key in enumerate(keys):
        tile = _tile(thumbnail(key) if key else None, side)
        missing += tile is None
        corner = (place % across * side, place // across * side)
        if tile is None:
            sheet.paste(_MISSING, (*corner, corner[0] + side, corner[1] + side))
        else:
            sheet.paste(
                tile, (corner[0] + (side - tile.width) // 2, corner[1] + (side - tile.height) // 2)
            )
        if (place + 1) % 256 == 0 or place + 1 == len(keys):
            tick(place + 1)
    lossless = sheet.width <= _LOSSLESS_UP_TO
    path = target.with_name(target.name + (".png" if lossless else ".jpg"))
    with atomic_path(path) as temporary:
        if lossless:
            sheet.save(temporary, "PNG", compress_level=1)  # four times as fast as the default
        else:
            sheet.save(temporary, "JPEG", quality=85, subsampling=0)
    return path, side, missing


def _tile(jpeg: bytes | None, side: int) -> Image.Image | None:
    """Return the whole picture within (side, side), or None where there is none to read."""
    if jpeg is None:
        return None
    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            image.draft("RGB", (side, side))
            small = image.convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None
    small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return small
