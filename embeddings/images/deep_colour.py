"""Colour of more than 8 bits a channel, of which Pillow keeps the upper byte alone.

Where the upper bytes are all small, the picture uses 12 bits of 16 or fewer and would come out
black. The lower bytes are then read too, by telling the decoder that bytes are swapped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from embeddings.images.files import opened
from embeddings.storage import RemoteFile

_SWAPPED: Final = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
}
_FULL: Final = 64  # upper bytes from which 14 bits and more are used


def deep_mode(image: ImageFile.ImageFile) -> str:
    """Return how 16-bit colour is packed in an image that is not loaded, "" where it is not."""
    if not image.tile:
        return ""
    args = image.tile[0].args
    mode = args[0] if isinstance(args, tuple) and args else args
    return mode if isinstance(mode, str) and mode in _SWAPPED else ""


def brightened(
    image: Image.Image, mode: str, path: Path | RemoteFile | bytes, max_pixels: int
) -> Image.Image:
    """Return a loaded image of packing ``mode`` scaled by the bits that it uses.

    The same image where it uses the upper bytes well.
    """
    upper = np.asarray(image)
    colours = upper[..., :3]
    if int(colours.max(initial=0)) >= _FULL:
        return image
    with opened(path, max_pixels=max_pixels) as (again, _):
        tile = again.tile[0]
        args = tile.args
        swapped = (_SWAPPED[mode], *args[1:]) if isinstance(args, tuple) else _SWAPPED[mode]
        again.tile = [tile._replace(args=swapped), *again.tile[1:]]
        again.load()
        lower = np.asarray(again)
    deep = (colours.astype(np.uint16) << 8) | lower[..., :3]
    scaled = _to_eight_bits(deep)
    if upper.shape[-1] == 4:
        scaled = np.concatenate([scaled, upper[..., 3:]], axis=-1)
    return Image.fromarray(scaled)


def _to_eight_bits(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    most = int(deep.max(initial=0))
    full = next(2**bits - 1 for bits in (8, 10, 12, 14, 16) if most < 2**bits)
    scaled: NDArray[np.uint8] = np.rint(deep.astype(np.float32) * (255.0 / full)).astype(np.uint8)
    return scaled
