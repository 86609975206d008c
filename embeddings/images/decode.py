"""Decode an image file to the square for the model and to a thumbnail.

Both come from one decode. Everything becomes 8-bit RGB here:

* EXIF orientation is applied.
* Transparency is laid on white. Dropping alpha would show the colour under it, mostly black, which
  hides dark drawings; pictures with transparency are made for light pages.
* More than 8 bits are scaled by the range that the data uses (see ``_eight_bit``), never clipped.
* CMYK and YCbCr go by Pillow's formulas, LAB by LittleCMS; of an animation the first frame counts.
* ICC profiles are ignored: the pretrained models were fed by readers that ignore them, and a
  profile is one more parser that a hostile file could attack.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageOps

from embeddings.images.deep_colour import brightened, deep_mode
from embeddings.images.files import (
    MAX_PIXELS,
    SIDEWAYS,
    ImageFacts,
    format_name,
    opened,
    orientation,
    probe,
    reduction,
)
from embeddings.records import Prepared
from embeddings.storage import RemoteFile

__all__ = ["MAX_PIXELS", "ImageFacts", "prepare", "prepare_all", "probe"]

_JPEG_QUALITY: Final = 82
_NOTHING: Final = np.zeros((0, 0, 3), np.uint8)  # until the square is cut
_GREY_TOLERANCE: Final = 6  # of 255: what JPEG's rounding leaves between channels without colour

# Averaging neighbouring pixels is right in these modes; not for palette indices, nor for LAB,
# whose a and b wrap around.
_REDUCIBLE: Final = frozenset({"L", "La", "LA", "RGB", "RGBa", "RGBA", "CMYK", "YCbCr", "I", "F"})


def prepare(
    path: Path | RemoteFile | bytes,
    size: int,
    *,
    thumbnail_size: int = 160,
    max_pixels: int = MAX_PIXELS,
) -> Prepared:
    """Read an image for a model and as a thumbnail, in one decode. Safe to call from threads.

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
    (prepared,) = prepare_all(path, (size,), thumbnail_size=thumbnail_size, max_pixels=max_pixels)
    return prepared


def prepare_all(
    path: Path | RemoteFile | bytes,
    sizes: Sequence[int],
    *,
    thumbnail_size: int = 160,
    max_pixels: int = MAX_PIXELS,
) -> tuple[Prepared, ...]:
    """Read an image for several models at once: for each size what ``prepare`` gives for it.

    The file is decoded once. Only a JPEG that ``prepare`` decodes at another reduction for one of
    the sizes is decoded once for each reduction, so that what a model sees of an image does not
    depend on the other models.

    Raises
    ------
    ImageError
        As ``prepare``; for the image as a whole.
    """
    if isinstance(path, RemoteFile) and len(set(sizes)) > 1:
        path = path.read()
    # the final filters do well from so many px
    enough = {size: 3 * max(size, thumbnail_size) // 2 for size in sizes}
    made: dict[int, Prepared] = {}
    while left := {size: least for size, least in enough.items() if size not in made}:
        most = max(left.values())
        with opened(path, max_pixels=max_pixels, at_least=most) as (image, full):
            factor = reduction(image, full, most)
            alike = {s: n for s, n in left.items() if reduction(image, full, n) == factor}
            deep = deep_mode(image)
            image.load()
            loaded = brightened(image, deep, path, max_pixels) if deep else image
            averageable, turn = _averageable(loaded), orientation(image)
            for least in set(alike.values()):
                rgb = _turned(_rgb(_reduced(averageable, least)), turn)
                small = _whole(rgb, thumbnail_size)
                seen = Prepared(
                    pixels=_NOTHING,
                    thumbnail=_jpeg(small),
                    width=full[turn in SIDEWAYS],
                    height=full[turn not in SIDEWAYS],
                    format=format_name(image),
                    grey=_is_grey(small),
                )
                made |= {
                    size: replace(seen, pixels=np.asarray(_centre_square(rgb, size)))
                    for size, needed in alike.items()
                    if needed == least
                }
    return tuple(made[size] for size in sizes)


def whole_rgb(
    path: Path, *, as_stored: tuple[int, int] | None = None, max_pixels: int = MAX_PIXELS
) -> Image.Image:
    """Return a whole picture in 8-bit RGB, turned as its EXIF data say.

    It is not turned where ``as_stored`` is its width and height before that and not after.

    Raises
    ------
    ImageError
        As ``prepare``.
    """
    with opened(path, max_pixels=max_pixels) as (image, full):
        deep = deep_mode(image)
        image.load()
        loaded = brightened(image, deep, path, max_pixels) if deep else image
        turn = orientation(image)
        if turn in SIDEWAYS and as_stored == full and full[0] != full[1]:
            turn = 1
        return _turned(_rgb(_averageable(loaded)), turn)


def _turned(rgb: Image.Image, orientation: int) -> Image.Image:
    """Turn a reduced picture as the EXIF data of the file say; nothing else of them is used."""
    rgb.info.clear()
    rgb.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(rgb)


def _reduced(image: Image.Image, enough: int) -> Image.Image:
    """Average whole blocks of pixels while the short side stays ``enough`` px or more.

    Cheap, and it keeps small the copies that later conversions make.
    """
    factor = min(image.size) // enough
    return image.reduce(factor) if factor >= 2 and image.mode in _REDUCIBLE else image


def _averageable(image: Image.Image) -> Image.Image:
    """To a mode in which neighbouring pixels may be averaged, transparency as a channel."""
    if image.mode == "LAB":
        return _from_lab(image)
    if image.mode.startswith("I;16"):
        return _keyed_deep_grey(image)
    if image.has_transparency_data and image.mode not in ("LA", "RGBA", "La", "RGBa"):
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _REDUCIBLE else image.convert("RGB")


def _rgb(image: Image.Image) -> Image.Image:
    """From any of ``_REDUCIBLE`` to RGB, transparency laid on white."""
    if image.mode in ("I", "F"):
        image = Image.fromarray(_eight_bit(np.asarray(image)))
    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    if image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _keyed_deep_grey(image: Image.Image) -> Image.Image:
    """16-bit grey to 32-bit, which can be averaged; its key colour, if any, becomes white."""
    wide = image.convert("I")
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return wide
    values = np.array(wide)
    seen = values != key
    values[~seen] = values.max(initial=0, where=seen)
    return Image.fromarray(values)


def _eight_bit(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Scale (height, width) of any number type to 0..255 by the range that it uses.

    Integers without negative values are taken to be of 8, 10, 12, 14 or 16 bits, the least that
    holds the largest value: scanners and microscopes store 12 bits in 16, which would look black
    otherwise. Floats within 0..1 or 0..255 are taken to use that range. Everything else is scaled
    from its lowest to its highest finite value; what is not finite becomes 0.
    """
    numbers = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    if low >= 0 and np.issubdtype(values.dtype, np.integer) and high < 2**16:
        low, high = 0.0, float(next(2**b - 1 for b in (8, 10, 12, 14, 16) if high < 2**b))
    elif low >= 0 and np.issubdtype(values.dtype, np.floating) and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    if high <= low:  # one value everywhere: there is no range to scale by
        return np.full(values.shape, 128, dtype=np.uint8)
    numbers -= low
    numbers *= 255.0 / (high - low)
    return np.rint(numbers).astype(np.uint8)


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    turned = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if turned is None:  # only when asked to work in place
        raise ValueError("LAB can't be converted")
    return turned


def _centre_square(rgb: Image.Image, size: int) -> Image.Image:
    side = min(rgb.size)
    left, top = (rgb.width - side) // 2, (rgb.height - side) // 2
    box = (left, top, left + side, top + side)
    return rgb.resize((size, size), Image.Resampling.BICUBIC, box=box)


def _whole(rgb: Image.Image, longest: int) -> Image.Image:
    scale = min(1.0, longest / max(rgb.size))
    width, height = (max(1, round(side * scale)) for side in rgb.size)
    return rgb.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=1.5)


def _jpeg(rgb: Image.Image) -> bytes:
    buffer = io.BytesIO()
    rgb.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _is_grey(rgb: Image.Image) -> bool:
    red, green, blue = rgb.split()
    lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    most = ImageChops.difference(lightest, darkest).histogram()
    return not any(most[_GREY_TOLERANCE + 1 :])
