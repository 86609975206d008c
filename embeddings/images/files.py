"""Open image files of unknown origin safely with Pillow, and read their headers.

``manifest`` reads headers here and ``images`` reads pixels, so that both agree on the format of a
file and on the reason why it can't be read.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import re
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Final

# Imported by name, so that Pillow does not load its forty other formats.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
    _imaging,
)

from embeddings.errors import ImageError
from embeddings.images.unreadable import refusal, refuse_raw
from embeddings.storage import RemoteFile

# What is read, and how each is known by its first bytes. SGI, FLI, EPS, PSD and the rest are left
# out on purpose: their readers see little use and much of Pillow's history of security fixes.
_PLUGINS = {
    "JPEG": JpegImagePlugin,
    "PNG": PngImagePlugin,
    "WEBP": WebPImagePlugin,
    "GIF": GifImagePlugin,
    "BMP": BmpImagePlugin,
    "TIFF": TiffImagePlugin,
    "AVIF": AvifImagePlugin,
}
FORMATS = tuple(_PLUGINS)

# A file of such a name is meant to be an image: where it can't be read, that is worth a row.
# fmt: off
IMAGE_SUFFIXES: Final = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".avif", ".avifs", ".heic", ".heif", ".jp2", ".j2k", ".j2c", ".jpx",
    ".jxl", ".sgi", ".rgb", ".bw", ".psd", ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".ico",
    ".icns", ".svg", ".eps", ".pcx", ".dds", ".exr", ".hdr", ".qoi", ".fli", ".flc", ".xcf",
    ".cr2", ".nef", ".arw", ".dng",
))
# fmt: on

MAX_PIXELS = 50_000_000
"""Pixels decoded at most: a 7,000 px square. Decoded they take 200 MB, and while they are read up
to four times that (WebP, the worst; most formats stay below twice)."""

LARGE_PIXELS = 12_000_000
"""Above this, images are decoded one at a time, so that a pool of threads stays within memory."""

_LARGE_ONE_BY_ONE = threading.Lock()

_SIGNATURES: tuple[tuple[str, int, bytes], ...] = (
    ("JPEG", 0, rb"\xff\xd8\xff"),
    ("PNG", 0, rb"\x89PNG\r\n\x1a\n"),
    ("WEBP", 0, rb"RIFF....WEBP"),
    ("GIF", 0, rb"GIF8[79]a"),
    ("BMP", 0, rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00"),
    ("TIFF", 0, rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]|MM\x2a\x00|II\x00\x2a"),
    ("AVIF", 4, rb"ftyp(avif|avis|(mif1|msf1)....(....)*?(avif|avis))"),
    ("HEIC", 4, rb"ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)"),
    ("MP4 video", 4, rb"ftyp"),
    ("JPEG 2000", 0, rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),
    ("JPEG XL", 0, rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    ("Photoshop", 0, rb"8BPS"),
    ("SGI", 0, rb"\x01\xda[\x00\x01][\x01\x02]"),
    ("PostScript", 0, rb"%!PS|\xc5\xd0\xd3\xc6"),
    ("PDF", 0, rb"%PDF"),
    ("video", 0, rb"RIFF....AVI |\x1a\x45\xdf\xa3|OggS|FLV\x01|\x00\x00\x01\xba"),
    ("icon", 0, rb"\x00\x00[\x01\x02]\x00"),
    ("DDS", 0, rb"DDS "),
    ("PPM", 0, rb"P[1-6][\s#]"),
    ("QOI", 0, rb"qoif"),
    ("OpenEXR", 0, rb"\x76\x2f\x31\x01"),
    ("FITS", 0, rb"SIMPLE  ="),
    ("FLI", 4, rb"[\x11\x12]\xaf"),
    ("DICOM", 128, rb"DICM"),
    ("SVG", 0, rb"\s*<(svg|\?xml)"),
    ("HTML", 0, rb"(?i)\s*<(!doctype html|html|head|body)"),
    ("ZIP", 0, rb"PK\x03\x04"),
    ("gzip", 0, rb"\x1f\x8b"),
)
_COMPILED = tuple((name, at, re.compile(rx, re.DOTALL)) for name, at, rx in _SIGNATURES)
_SNIFFED_BYTES = 512
_SUFFIXES = {
    "JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp",
    "TIFF": ".tif", "AVIF": ".avif",
}  # fmt: skip

# Everything that Pillow and the C libraries under it have been seen to raise on broken files.
# ``Warning`` is here for programs that turn warnings into errors.
_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
_NO_MEMORY = "takes more memory than there is"
_GONE, _FORBIDDEN = "the file is gone", "permission denied"
CHANGED = "the file changed after the scan"
_DISK = "it can't be read now: "
_FROM_PILLOW = r"PIL(\.|$)"
_EXIF_ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height

# Pillow logs odd TIFF tags at level ERROR; without a handler Python would print them.
logging.getLogger("PIL").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header of an image file says.

    ``format`` is one of ``FORMATS``; ``width`` and ``height`` in px, after EXIF orientation.
    ``more_pages``: it is a TIFF of several pages, of which the first counts.
    """

    format: str
    width: int
    height: int
    more_pages: bool = False


def sniff(head: bytes) -> str | None:
    """Name the format of a file that begins with ``head``; None where no format matches."""
    for name, at, pattern in _COMPILED:
        if pattern.match(head, at):
            return name
    return None


def suffix_of(head: bytes) -> str:
    """Return the suffix for a picture that begins with ``head``, "" where it is none we read."""
    return _SUFFIXES.get(sniff(head) or "", "")


def looks_like_image(path: Path) -> bool:
    """Tell whether the first bytes are those of a format in ``FORMATS``; False if unreadable."""
    try:
        with open_regular(path) as stream:
            return sniff(stream.read(_SNIFFED_BYTES)) in _PLUGINS
    except ImageError:
        return False


def probe(path: Path | RemoteFile, *, max_pixels: int = MAX_PIXELS) -> ImageFacts:
    """Read the header of an image file, no pixels.

    Raises ``ImageError`` with a reason of one line that does not repeat the path. A file that
    passes may still turn out to be broken further on, when its pixels are read.
    """
    with opened(path, max_pixels=max_pixels) as (image, (width, height)):
        if _header_orientation(image) in SIDEWAYS:
            width, height = height, width
        more = bool(getattr(getattr(image, "tag_v2", None), "next", 0))
        return ImageFacts(format_name(image), width, height, more)


@contextmanager
def opened(
    path: Path | RemoteFile | bytes, *, max_pixels: int = MAX_PIXELS, at_least: int | None = None
) -> Iterator[tuple[ImageFile.ImageFile, tuple[int, int]]]:
    """Open an image file whose header is sane and whose pixels fit in memory.

    Yields the image, not yet loaded, and its full width and height in px before orientation
    (a TIFF's: after it, as Pillow has it).

    Parameters
    ----------
    path
        The file, or its bytes. Pipes, devices and folders are refused.
    max_pixels
        Most pixels to decode. A larger image is refused by its header.
    at_least
        Side in px below which the image need not be kept: a JPEG is then decoded at 1/2, 1/4 or
        1/8 of its size as long as both sides stay at least this long.

    Raises
    ------
    ImageError
        For whatever goes wrong, also inside the ``with`` block.
    """
    hush()
    _hush_libtiff()
    with open_regular(path) as stream:
        head = stream.read(_SNIFFED_BYTES)
        kind = _readable_kind(head)
        _refuse_webp_bomb(kind, head, max_pixels)
        try:
            with Image.open(stream, formats=(kind,)) as image:
                if kind == "TIFF":
                    refuse_raw(head, getattr(image, "tag_v2", {}))
                full = image.size
                if at_least is not None and _drafts_cheaply(image):
                    # draft() keeps the size at or above the one asked for
                    image.draft(None, _least(full, at_least))
                # A baseline JPEG is judged by what a reduced decode would take
                pixels = image.width * image.height
                _refuse_bomb(full, pixels, max_pixels)
                with _LARGE_ONE_BY_ONE if pixels > LARGE_PIXELS else nullcontext():
                    yield image, full
        except ImageError:
            raise
        except _PILLOW_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's, not Pillow's
                raise ImageError(_DISK + one_line(error), hint="Look at the disk.") from error
            raise ImageError(_reason(kind, error), hint=_hint(error)) from error


def _least(full: tuple[int, int], at_least: int) -> tuple[int, int]:
    scale = at_least / min(full)
    return int(full[0] * scale), int(full[1] * scale)


def reduction(image: ImageFile.ImageFile, full: tuple[int, int], at_least: int) -> int:
    """Return by how much ``opened`` would reduce this image for a side of ``at_least`` px."""
    if format_name(image) != "JPEG":
        return 1
    least = _least(full, at_least)
    most = min(side // max(1, small) for side, small in zip(full, least, strict=True))
    return next((factor for factor in (8, 4, 2) if most >= factor), 1)


def format_name(image: ImageFile.ImageFile) -> str:
    """Name the format; an MPO (two JPEGs in one file, from phones) is called a JPEG."""
    name = image.format or ""
    if name == "HEIF":
        return "HEIC"
    return name if name in _PLUGINS else "JPEG"


def orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation of a *loaded* image, 1 where there is none or the EXIF data is broken.

    Pillow turns a TIFF while it loads and takes the tag away, so a loaded TIFF says 1.
    """
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except _PILLOW_ERRORS:
        return 1  # broken EXIF data in a sound image is common, and no reason to refuse the image
    return value if isinstance(value, int) else 1


def hush() -> None:
    """Keep Pillow's warnings about odd files (`UserWarning: Corrupt EXIF data` …) off the terminal.

    A process-wide filter for warnings raised *inside* Pillow's modules, put first in the list.
    ``warnings.catch_warnings`` is no use here: it swaps the list of filters for the whole
    process, and threads that enter and leave it in turn restore each other's.
    """
    first = warnings.filters[0] if warnings.filters else None
    if first is None or first[0] != "ignore" or first[3] != re.compile(_FROM_PILLOW):
        warnings.filterwarnings("ignore", module=_FROM_PILLOW)


@cache
def _hush_libtiff() -> None:
    """Tell libtiff not to print its complaints to the terminal; Pillow raises them anyway.

    Pillow leaves libtiff's handlers as they are. Where its library can't be reached this way
    (another build of Pillow, Windows) the lines appear, and nothing else changes.
    """
    library = ctypes.CDLL(_imaging.__file__)
    for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
        if (handler := getattr(library, name, None)) is not None:
            handler.argtypes, handler.restype = (ctypes.c_void_p,), ctypes.c_void_p
            handler(None)


def open_regular(path: Path | RemoteFile | bytes) -> BufferedReader | BytesIO:
    """Open a regular file, or its bytes, for reading; a pipe would block or never end."""
    if isinstance(path, bytes):
        return BytesIO(path)
    if isinstance(path, RemoteFile):
        return BytesIO(path.read())
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ImageError("not a regular file", hint="Remove it from the data set.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise ImageError(_GONE, hint="Scan the data set again.") from error
    except PermissionError as error:
        raise ImageError(_FORBIDDEN, hint="Make the file readable.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path of a table
        raise ImageError(_DISK + one_line(error), hint="Look at the file and the disk.") from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a regular file, hex.

    Raises ``ImageError`` where it can't be opened, ``OSError`` where the disk fails.
    """
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _readable_kind(head: bytes) -> str:
    kind = sniff(head)
    if kind == "HEIC" and heic_is_read():
        return "HEIF"
    if kind in _PLUGINS:
        return kind
    raise refusal(head, kind, FORMATS)


@cache
def heic_is_read() -> bool:
    """Whether the extra ``heic`` is installed, and Pillow told of it."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


def _refuse_bomb(full: tuple[int, int], pixels: int, max_pixels: int) -> None:
    if min(full) < 1:
        raise ImageError(f"it has no pixels ({full[0]} × {full[1]})", hint="Remove it.")
    if pixels > max_pixels:
        raise ImageError(
            f"{full[0]:,} × {full[1]:,} px is more than the {max_pixels / 1e6:g} million pixels "
            "that are decoded (a decompression bomb?)",
            hint="Make it smaller.",
        )


def _refuse_webp_bomb(kind: str, head: bytes, max_pixels: int) -> None:
    """Refuse an extended WebP by its header: Pillow allocates the canvas as it opens the file."""
    if kind == "WEBP" and head[12:16] == b"VP8X" and len(head) >= 30:
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
        _refuse_bomb((width, height), width * height, max_pixels)


def _drafts_cheaply(image: ImageFile.ImageFile) -> bool:
    # A progressive JPEG keeps every coefficient of the full size in memory, reduced or not.
    small = image.width * image.height <= MAX_PIXELS
    return format_name(image) == "JPEG" and (small or not image.info.get("progressive"))


def _header_orientation(image: ImageFile.ImageFile) -> int:
    """Orientation without loading pixels; for a PNG only where EXIF stands before them."""
    if image.format == "TIFF":
        return 1  # its size is that after turning already
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return orientation(image)


def _reason(kind: str, error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"broken, or an unusual sort of {kind}: its header can't be read"
    if isinstance(error, Image.DecompressionBombError):
        return one_line(error)
    if isinstance(error, MemoryError):
        return f"this {kind} {_NO_MEMORY}"
    if isinstance(error, OSError | EOFError | SyntaxError) and "truncat" in str(error).lower():
        return f"the {kind} data ends early: {one_line(error)}"
    return f"broken {kind}: {one_line(error)}"


def _hint(error: BaseException) -> str:
    if isinstance(error, Image.DecompressionBombError | MemoryError):
        return "Make it smaller."
    return "Copy or save it again, or remove it."


def is_passing(reason: str) -> bool:
    """Whether a reason is about the machine at that moment rather than about an image's bytes."""
    if reason.startswith(_DISK) or reason.endswith(_NO_MEMORY):
        return True
    return reason in (_GONE, _FORBIDDEN, CHANGED)


def one_line(error: BaseException) -> str:
    """Quote an exception in one line of at most 200 characters, never empty."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
