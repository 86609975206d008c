"""Images that somebody made to do harm, or that a disk or a program spoilt: each format in turn."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from embeddings.errors import ImageError
from embeddings.images import decode as images
from embeddings.images import is_passing
from tests.embeddings.images.test_decode import WHOLE, alike, encoded, put, quarters, reason_of

__all__ = ["put"]  # a fixture
CODE_ROOT = Path(__file__).resolve().parents[3]
Put = Callable[..., Path]


def read_all(path: Path) -> None:
    images.prepare(path, 16, thumbnail_size=24)


# -- cut and spoilt --------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_file_cut_anywhere_is_refused_in_one_line_or_whole(name: str, put: Put) -> None:
    data = WHOLE[name]
    for length in range(1, len(data), max(1, len(data) // 40)):
        reason = reason_of(read_all, put(data[:length]))
        assert reason is None or (reason and "\n" not in reason)
    for length in (1, 4, 12, len(data) // 3):
        assert reason_of(read_all, put(data[:length])) is not None


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_noise_after_the_header_raises_nothing_else(name: str, put: Put) -> None:
    rng = np.random.default_rng(0)
    data = WHOLE[name]
    for start in (12, 32, len(data) // 2):
        spoilt = data[:start] + rng.bytes(len(data) - start)
        reason = reason_of(read_all, put(spoilt))
        assert reason is None or (reason and "\n" not in reason)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_follows_the_image_does_not_matter(name: str, put: Put) -> None:
    assert reason_of(read_all, put(WHOLE[name] + b"<?php system('id'); ?>" * 50)) is None


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".txt", ".exe", ""])
def test_the_suffix_is_believed_by_nobody(name: str, suffix: str, put: Put) -> None:
    assert images.probe(put(WHOLE[name], f"image{suffix}")).format == name


def test_a_disk_that_fails_while_pixels_are_read_is_no_broken_image(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(encoded(quarters(400, 300), "BMP"))

    class Failing(io.FileIO):
        def read(self, size: int = -1, /) -> bytes:
            if self.tell() > 1000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    monkeypatch.setattr(Path, "open", lambda path, mode: Failing(str(path)))
    with pytest.raises(ImageError, match="Input/output") as told:
        read_all(path)
    assert is_passing(told.value.message)


# -- bombs -----------------------------------------------------------------------------


def sized(name: str, width: int, height: int) -> bytes:
    """Write another size into the header of a sound file; what follows is too short for it."""
    data = bytearray(WHOLE[name])
    little, big = struct.pack("<HH", width, height), struct.pack(">HH", height, width)
    if name in ("JPEG", "progressive"):
        marker = b"\xff\xc2" if name == "progressive" else b"\xff\xc0"
        at = data.index(marker) + 5
        data[at : at + 4] = big
    elif name == "PNG":
        from tests.embeddings.images.test_decode import png_header

        return png_header(width, height)
    elif name == "GIF":
        data[6:10] = little
        at = data.index(b"\x2c\0\0\0\0") + 5
        data[at : at + 4] = little
    elif name == "BMP":
        data[18:26] = struct.pack("<ii", width, height)
    elif name == "TIFF":
        for tag, value in ((256, width), (257, height)):
            at = data.index(struct.pack("<HH", tag, 4) + struct.pack("<I", 1)) + 8
            data[at : at + 4] = struct.pack("<I", value)
    elif name == "WEBP":
        from tests.embeddings.images.test_decode import webp_header

        return webp_header(min(width, 16_000), min(height, 16_000))
    else:
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


BOMBS = ("JPEG", "progressive", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_of_each_format_is_refused(name: str, put: Put) -> None:
    path = put(sized(name, 65_000, 65_000))
    for read in (images.probe, read_all):
        assert reason_of(read, path)


def test_bombs_take_no_memory(tmp_path: Path) -> None:
    for name in BOMBS:
        (tmp_path / name).write_bytes(sized(name, 65_000, 65_000))
    code = """
        import resource, sys
        from pathlib import Path
        from embeddings import images
        from embeddings.errors import ImageError

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        before = peak()
        for path in Path(sys.argv[1]).iterdir():
            try:
                images.prepare(path, 16)
            except ImageError:
                continue
        print(peak() - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    done = subprocess.run(command, cwd=CODE_ROOT, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 100_000  # KB; the pixels of one would take 12 GB


def test_a_negative_or_absent_height_is_refused(put: Put) -> None:
    for name in ("JPEG", "PNG", "GIF", "BMP", "TIFF"):
        assert reason_of(read_all, put(sized(name, 96, 0)))


def test_long_and_thin_is_no_bomb(put: Put) -> None:
    seen = images.prepare(put(encoded(quarters(30_000, 2), "PNG")), 16)
    assert (seen.width, seen.height) == (30_000, 2)
    with Image.open(io.BytesIO(seen.thumbnail)) as thumbnail:
        assert thumbnail.size == (160, 1)


def test_text_packed_into_a_png_is_a_bomb_too(put: Put) -> None:
    import zlib

    packed = zlib.compress(b" " * 200_000_000, 9)
    chunk = b"zTXtbomb\0\0" + packed
    body = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    sound = WHOLE["PNG"]
    at = sound.index(b"IDAT") - 4
    assert "too large" in str(reason_of(read_all, put(sound[:at] + body + sound[at:])))


# -- profiles, inks and depths ---------------------------------------------------------


def test_profiles_are_ignored_sound_or_not(put: Put) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        seen = [
            images.prepare(put(encoded(quarters(), format_, **given)), 32).pixels
            for given in ({}, {"icc_profile": profile}, {"icc_profile": b"\xff" * 200})
        ]
        assert np.array_equal(seen[0], seen[1])
        assert np.array_equal(seen[0], seen[2])


def test_inks_come_out_as_the_colours_they_print(put: Put) -> None:
    for format_ in ("JPEG", "TIFF"):
        seen = images.prepare(put(encoded(quarters().convert("CMYK"), format_)), 48)
        assert alike(seen.pixels[4, 4], (220, 30, 30), within=40)
        assert alike(seen.pixels[-4, -4], (250, 250, 250), within=40)


def depths() -> list[tuple[str, bytes]]:
    ramp = np.linspace(0, 1, 32 * 32).reshape(32, 32)
    colour = quarters(32, 32)
    made: list[tuple[str, Any, str, dict[str, Any]]] = [
        *((f"PNG {mode}", colour.convert(mode), "PNG", {}) for mode in ("1", "L", "P", "LA")),
        ("PNG 2 bits", colour.quantize(4), "PNG", {"bits": 2}),
        ("PNG 4 bits", colour.quantize(16), "PNG", {"bits": 4}),
        ("PNG 16 bits", Image.fromarray((ramp * 65_535).astype(np.uint16)), "PNG", {}),
        *((f"BMP {mode}", colour.convert(mode), "BMP", {}) for mode in ("1", "L", "P", "RGBA")),
        ("TIFF 32 bits", Image.fromarray((ramp * 2e9).astype(np.int32)), "TIFF", {}),
        ("TIFF float", Image.fromarray(ramp.astype(np.float32)), "TIFF", {}),
        *((f"GIF {mode}", colour.convert(mode), "GIF", {}) for mode in ("1", "L", "P")),
    ]
    return [(name, encoded(image, format_, **given)) for name, image, format_, given in made]


@pytest.mark.parametrize(("name", "data"), depths(), ids=[name for name, _ in depths()])
def test_every_depth_is_read(name: str, data: bytes, put: Put) -> None:
    seen = images.prepare(put(data), 16)
    assert seen.pixels.dtype == np.uint8
    assert seen.pixels.std() > 20  # neither black nor blown out


def test_the_reason_never_holds_the_path(tmp_path: Path) -> None:
    path = tmp_path / "secret-folder-name.jpg"
    path.write_bytes(b"\xff\xd8\xff" + b"\0" * 50)
    with pytest.raises(ImageError) as told:
        images.prepare(path, 16)
    assert "secret" not in str(told.value)
