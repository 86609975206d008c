"""Pixels and thumbnails from files of every sort, whole and broken."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from embeddings.errors import ImageError
from embeddings.images import decode as images
from embeddings.images import files as imagefile

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 30), (30, 30, 220), (250, 250, 250)


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Four colours, so that every turn and flip shows: red, green over blue, white."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def corners(pixels: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    n = len(pixels)
    near, far = n // 4, n - 1 - n // 4
    return [tuple(pixels[y, x].tolist()) for y in (near, far) for x in (near, far)]


def alike(a: object, b: object, within: int = 25) -> bool:
    return bool(np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int)).max() <= within)


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def write(data: bytes, name: str = "image") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_format_is_known_by_content(format: str, put: Callable[..., Path]) -> None:
    path = put(encoded(quarters(), format), "liar.txt")
    seen = images.prepare(path, 48)
    assert images.probe(path) == images.ImageFacts(format, 96, 64)
    assert (seen.format, seen.width, seen.height, seen.grey) == (format, 96, 64, False)
    assert seen.pixels.shape == (48, 48, 3)
    assert seen.pixels.dtype == np.uint8
    assert alike(corners(seen.pixels), [RED, GREEN, BLUE, WHITE])


def test_the_thumbnail_is_the_whole_picture_and_never_enlarged(put: Callable[..., Path]) -> None:
    wide = images.prepare(put(encoded(quarters(1200, 300), "PNG")), 32, thumbnail_size=100)
    assert Image.open(io.BytesIO(wide.thumbnail)).size == (100, 25)
    small = images.prepare(put(encoded(quarters(20, 10), "PNG")), 32)
    with Image.open(io.BytesIO(small.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", (20, 10))


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(orientation: int, format: str, put: Callable[..., Path]) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = quarters()
    if orientation in undo:
        image = image.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = put(encoded(image, format, exif=exif))
    seen = images.prepare(path, 48)
    assert (seen.width, seen.height) == (96, 64)
    assert images.probe(path) == images.ImageFacts(format, 96, 64)
    assert alike(corners(seen.pixels), [RED, GREEN, BLUE, WHITE])


def test_transparency_is_laid_on_white(put: Callable[..., Path]) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (0, 0, 20, 40))
    palette = clear.convert("P", palette=Image.Palette.ADAPTIVE)
    grey = clear.convert("LA")
    keyed = Image.new("RGB", (40, 40), (1, 2, 3))
    for data in (
        encoded(clear, "PNG"),
        encoded(clear, "WEBP", lossless=True),
        encoded(palette, "PNG", transparency=palette.getpixel((39, 39))),
        encoded(grey, "PNG"),
        encoded(keyed, "PNG", transparency=(1, 2, 3)),
    ):
        assert alike(images.prepare(put(data), 40).pixels[20, 39], (255, 255, 255), within=3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB", "I;16", "F", "LA", "RGBX"])
def test_every_mode_of_tiff_becomes_rgb(mode: str, put: Callable[..., Path]) -> None:
    if mode in ("I;16", "F"):
        ramp = np.linspace(0, 65_535 if mode == "I;16" else 1, 64 * 64).reshape(64, 64)
        image = Image.fromarray(ramp.astype(np.uint16 if mode == "I;16" else np.float32))
    elif mode == "LAB":
        image = Image.frombytes("LAB", (64, 64), bytes((128, 0, 0)) * 64 * 64)
    else:
        image = quarters().convert(mode)
    seen = images.prepare(put(encoded(image, "TIFF")), 32)
    assert seen.pixels.shape == (32, 32, 3)
    assert seen.grey == (mode in {"1", "L", "LAB", "I;16", "F", "LA"})


def test_deep_greys_keep_their_range(put: Callable[..., Path]) -> None:
    def ends(values: NDArray[np.generic], format: str = "TIFF") -> tuple[int, int]:
        pixels = images.prepare(put(encoded(Image.fromarray(values), format)), 64).pixels
        return int(pixels[0, 0, 0]), int(pixels[-1, -1, 0])

    ramp = np.linspace(0, 1, 64 * 64).reshape(64, 64)
    assert ends((ramp * 65_535).astype(np.uint16), "PNG") == (0, 255)
    assert ends((ramp * 4_095).astype(np.uint16)) == (0, 255)  # 12 bits stored in 16
    assert ends((ramp * 30_000).astype(np.uint16)) == (0, pytest.approx(117, abs=1))
    assert ends((ramp * 2_000 - 1_000).astype(np.int32)) == (0, 255)
    assert ends(ramp.astype(np.float32)) == (0, 255)
    assert ends((ramp * 128).astype(np.float32)) == (0, pytest.approx(128, abs=1))
    assert ends((ramp * 1e6 - 5e5).astype(np.float32)) == (0, 255)
    flat = np.full((64, 64), -7, dtype=np.int32)
    assert ends(flat) == (128, 128)
    holes = np.full((64, 64), np.nan, dtype=np.float32)
    assert ends(holes) == (0, 0)


def test_of_an_animation_the_first_frame_counts(put: Callable[..., Path]) -> None:
    first, second = Image.new("RGB", (30, 30), RED), Image.new("RGB", (30, 30), BLUE)
    for format in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        data = encoded(first, format, save_all=True, append_images=[second])
        assert alike(images.prepare(put(data), 30).pixels[15, 15], RED)


def test_grey_is_told_from_colour(put: Callable[..., Path]) -> None:
    grey = quarters().convert("L").convert("RGB")
    assert images.prepare(put(encoded(grey, "JPEG")), 32).grey
    assert not images.prepare(put(encoded(quarters(), "JPEG")), 32).grey


def test_a_large_jpeg_is_decoded_small_and_looks_the_same(put: Callable[..., Path]) -> None:
    rng = np.random.default_rng(0)
    blobs = Image.fromarray(rng.integers(0, 255, (12, 18, 3), dtype=np.uint8))
    large = blobs.resize((3600, 2400), Image.Resampling.BICUBIC)
    seen = images.prepare(put(encoded(large, "JPEG", quality=95)), 64)
    exact = large.crop((600, 0, 3000, 2400)).resize((64, 64), Image.Resampling.BICUBIC)
    assert (seen.width, seen.height) == (3600, 2400)
    assert np.abs(seen.pixels.astype(int) - np.asarray(exact).astype(int)).mean() < 2


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("side", [300, 1100, 2700])
def test_several_sizes_from_one_decode_are_what_each_alone_is(
    side: int, progressive: bool, put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    drawn = coarse.resize((side * 3 // 2, side), Image.Resampling.BICUBIC)
    path = put(encoded(drawn, "JPEG", progressive=progressive))
    opened = 0
    real = images.opened

    def counting(*args: Any, **options: Any) -> Any:
        nonlocal opened
        opened += 1
        return real(*args, **options)

    monkeypatch.setattr(images, "opened", counting)
    sizes = (384, 32, 224, 96, 224)
    together = images.prepare_all(path, sizes)
    assert opened == {300: 1, 1100: 3, 2700: 2}[side]  # reductions that the sizes ask for
    for size, one in zip(sizes, together, strict=True):
        alone = images.prepare(path, size)
        np.testing.assert_array_equal(one.pixels, alone.pixels)
        assert (one.thumbnail, one.width, one.height) == (
            alone.thumbnail,
            alone.width,
            alone.height,
        )
        assert (one.format, one.grey) == (alone.format, alone.grey)


def test_extreme_proportions(put: Callable[..., Path]) -> None:
    for size in ((1, 1), (1, 4000), (4000, 1), (3, 2)):
        seen = images.prepare(put(encoded(quarters(*size), "PNG")), 32)
        assert seen.pixels.shape == (32, 32, 3)
        assert (seen.width, seen.height) == size


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100))):
        check = struct.pack(">I", zlib.crc32(kind + body))
        chunks += struct.pack(">I", len(body)) + kind + body + check
    return b"\x89PNG\r\n\x1a\n" + chunks


def webp_header(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0"
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize(
    "bomb",
    [png_header(60_000, 60_000), png_header(10_000, 10_000), webp_header(16_000, 16_000)],
    ids=["png", "smaller png", "webp"],
)
def test_bombs_are_refused_by_their_header(bomb: bytes, put: Callable[..., Path]) -> None:
    for read in (lambda p: images.probe(p), lambda p: images.prepare(p, 32)):
        with pytest.raises(ImageError, match=r"limit|million pixels"):
            read(put(bomb))


def test_the_limit_on_pixels_is_the_callers(put: Callable[..., Path]) -> None:
    path = put(encoded(quarters(200, 100), "PNG"))
    with pytest.raises(ImageError, match="200 × 100 px is more than"):
        images.prepare(path, 32, max_pixels=19_999)
    assert images.prepare(path, 32, max_pixels=20_000).width == 200


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "not an image"),
        (b"\x01\xda\x01\x01" + b"\0" * 600, "a SGI file, which is not read"),
        (b"8BPS" + b"\0" * 600, "a Photoshop file"),
        (b"%!PS-Adobe-3.0 EPSF", "a PostScript file"),
        (b"\0\0\0\x18ftypheic", "a HEIC file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an? SVG file"),
        (b"\xff\xd8\xff" + b"\0" * 20, "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
    ],
)
def test_what_is_not_read_says_why(data: bytes, reason: str, put: Callable[..., Path]) -> None:
    for read in (lambda p: images.probe(p), lambda p: images.prepare(p, 32)):
        with pytest.raises(ImageError, match=reason) as told:
            read(put(data))
        assert "\n" not in str(told.value)
        assert told.value.hint


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.jpg")  # opening it would wait for a writer for ever
    for path, reason in (
        (tmp_path / "pipe.jpg", "not a regular file"),
        (tmp_path, "not a regular file"),
        (tmp_path / "none.jpg", "gone"),
        (tmp_path / "nul\0.jpg", "null"),
        (tmp_path / ("x" * 300), "too long"),
    ):
        with pytest.raises(ImageError, match=reason):
            images.prepare(path, 32)


WHOLE = {
    format: encoded(quarters(), format)
    for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
} | {
    "progressive": encoded(quarters(), "JPEG", progressive=True),
    "TIFF lzw": encoded(quarters(), "TIFF", compression="tiff_lzw"),
    "TIFF jpeg": encoded(quarters(), "TIFF", compression="jpeg"),
    "APNG": encoded(quarters(), "PNG", save_all=True, append_images=[quarters()]),
}


def reason_of(read: Callable[[Path], object], path: Path) -> str | None:
    try:
        read(path)
    except ImageError as error:
        return str(error)
    return None


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(sorted(WHOLE)),
    keep=st.floats(0, 1),
    spots=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
)
def test_broken_files_raise_nothing_but_image_error(
    tmp_path: Path, name: str, keep: float, spots: list[tuple[float, int]]
) -> None:
    data = bytearray(WHOLE[name])
    for where, value in spots:
        data[int(where * (len(data) - 1))] = value
    path = tmp_path / "image"
    path.write_bytes(data[: int(keep * len(data))])
    for read in (images.probe, lambda p: images.prepare(p, 16, thumbnail_size=24)):
        reason = reason_of(read, path)
        assert reason is None or (reason and "\n" not in reason)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_half_a_file_is_refused(name: str, put: Callable[..., Path]) -> None:
    data = WHOLE[name]
    with pytest.raises(ImageError):
        images.prepare(put(data[: len(data) // 2]), 16)


def test_threads_get_what_one_thread_gets(tmp_path: Path) -> None:
    paths = []
    for number, data in enumerate(list(WHOLE.values()) * 3):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(data if number % 3 else data[:-40])

    def outcome(path: Path) -> bytes:
        try:
            return images.prepare(path, 32).pixels.tobytes()
        except ImageError as error:
            return str(error).encode()

    one = [outcome(path) for path in paths]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, paths)) == one


def test_large_images_take_turns(put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagefile, "LARGE_PIXELS", 100)
    path = put(encoded(quarters(), "PNG"))
    with imagefile.opened(path):
        assert imagefile._LARGE_ONE_BY_ONE.locked()
    assert not imagefile._LARGE_ONE_BY_ONE.locked()


@pytest.mark.shared
def test_files_found_in_the_wild(shared: Path) -> None:
    import csv

    with (shared / "data" / "bad_inputs.csv").open(encoding="utf-8", newline="") as stream:
        expected = {row["file"]: row["pillow13_result"] == "ok" for row in csv.DictReader(stream)}
    found = {}
    for path in sorted((shared / "data" / "bad_inputs").iterdir()):
        try:
            facts = images.probe(path)
            seen = images.prepare(path, 64)
        except ImageError:
            found[path.name] = False
        else:
            found[path.name] = True
            assert (facts.width, facts.height) == (seen.width, seen.height)
    assert found == expected


def test_signatures_are_not_fooled() -> None:
    assert imagefile.sniff(b"BMW is a car. " * 9) is None
    assert imagefile.sniff(encoded(quarters(), "BMP")) == "BMP"
    assert imagefile.sniff(b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf") == "AVIF"
    assert imagefile.sniff(b"\0\0\0\x20ftypmif1\0\0\0\0mif1heic") == "HEIC"
