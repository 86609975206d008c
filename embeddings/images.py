"""One image file to what the rest needs of it: the square a model sees, and a thumbnail.

Both come from one decode. Everything becomes 8-bit RGB here:

* EXIF orientation is applied.
* Transparency is laid on white. Dropping alpha would show whatever colour lies under it (mostly
  black), which hides dark drawings; pictures with holes are made for light pages.
* More than 8 bits are scaled by the range that the data uses (see ``_eight_bit``), never clipped.
* CMYK and YCbCr go by Pillow's formulas, LAB by LittleCMS; of an animation the first frame counts.
* ICC profiles are ignored: the pretrained models were fed by readers that ignore them, and a
  profile is one more parser for a hostile file to reach.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from embeddings.imagefile import MAX_PIXELS, ImageFacts, format_name, opened, orientation, probe
from embeddings.records import Prepared

__all__ = ["MAX_PIXELS", "ImageFacts", "prepare", "probe"]

_JPEG_QUALITY: Final = 82
_GREY_TOLERANCE: Final = 6  # of 255: what JPEG's rounding leaves between channels without colour

# Averaging neighbouring pixels is right in these modes; not for palette indices, nor for LAB,
# whose a and b wrap around.
_REDUCIBLE: Final = frozenset({"L", "La", "LA", "RGB", "RGBa", "RGBA", "CMYK", "YCbCr", "I", "F"})

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def prepare(
    path: Path, size: int, *, thumbnail_size: int = 160, max_pixels: int = MAX_PIXELS
) -> Prepared:
    """Read an image for a model and for the eye, in one decode. Safe to call from threads.

    The model sees the largest centre square, resized to ``size`` by antialiased bicubic
    filtering (``pixels``, (size, size, 3) uint8). That keeps proportions, as the classifiers'
    own training crops did; what lies beyond the square of an elongated picture is not seen.
    The thumbnail is the whole picture, its long side at most ``thumbnail_size`` px, a JPEG;
    small pictures are not enlarged.

    Raises
    ------
    ImageError
        When the file is not an image of a known format, is broken or truncated, or holds more
        than ``max_pixels`` pixels. The message is a reason of one line without the path.
    """
    # twice the size needed leaves the final filter enough to work with
    with opened(path, max_pixels=max_pixels, at_least=2 * max(size, thumbnail_size)) as image:
        name, full = format_name(image), _oriented_size(image)
        image.load()
        turned = orientation(image)
        rgb = _rgb(_reduced(image, 2 * max(size, thumbnail_size)))
        if turned in _TURNS:
            rgb = rgb.transpose(_TURNS[turned])
            full = full[::-1] if turned >= 5 else full
        pixels = np.asarray(_centre_square(rgb, size))
        small = _whole(rgb, thumbnail_size)
        return Prepared(
            pixels=pixels,
            thumbnail=_jpeg(small),
            width=full[0],
            height=full[1],
            format=name,
            grey=_is_grey(small),
        )
