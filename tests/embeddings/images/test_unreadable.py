"""Files that are called images and are none: what they are, and the remedy, which is tried."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from embeddings.errors import ImageError
from embeddings.images import prepare, probe
from embeddings.images.files import heic_is_read


def refused(path: Path) -> ImageError:
    with pytest.raises(ImageError) as told:
        probe(path)
    return told.value


@pytest.mark.parametrize(
    ("content", "reason", "remedy"),
    [
        # github.com/huggingface/datasets, issues of sets cloned without git-lfs
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n", "Git LFS",
         "git lfs pull"),
        # hub caches copied from or to Windows: links become text
        (b"../../../../blobs/0123abcd", "link written as text", "--local-dir"),
        (b"<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title>", "HTML",
         "download it again"),
        (b"\0" * 4096, "begins with zeros", "kept on this device"),
        (b"", "empty", "Copy it again"),
        (b"\0\0\0\x18ftypmp42" + b"0" * 40, "MP4 video", "ffmpeg -i FILE"),
        (b"\x1a\x45\xdf\xa3" + b"0" * 40, "video", "ffmpeg -i FILE"),
        (b"%PDF-1.7\n", "PDF", "pdftoppm"),
        (b"PK\x03\x04" + b"0" * 40, "ZIP", "Unpack it"),
        (b"8BPS" + b"0" * 40, "Photoshop", "JPEG or PNG"),
        (b"some words", "not an image of any known format", "look at it"),
    ],
)  # fmt: skip
def test_what_it_is_and_what_helps(
    tmp_path: Path, content: bytes, reason: str, remedy: str
) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    told = refused(tmp_path / "a.jpg")
    assert reason in told.message
    assert remedy in told.hint


def raw(path: Path, *, dng: bool) -> None:
    """Write what a camera does: a thumbnail first, the picture in a directory below it."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    if dng:
        directory[50706] = b"\x01\x04\x00\x00"
        directory.tagtype[50706] = 1
    else:
        directory[254] = 1
        directory.tagtype[254] = 4
    Image.new("RGB", (160, 120), "red").save(path, "TIFF", tiffinfo=directory)


@pytest.mark.parametrize("dng", [True, False])
def test_the_preview_of_a_raw_file_is_not_the_photo(tmp_path: Path, dng: bool) -> None:
    """python-pillow/Pillow issue 6482: 256 x 195 of a .dng, 160 x 120 of a .NEF."""
    raw(tmp_path / "a.dng", dng=dng)
    told = refused(tmp_path / "a.dng")
    assert "RAW" in told.message
    assert "Develop it to JPEG" in told.hint


def test_a_canon_raw_file(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 12)).save(buffer, "TIFF")
    content = bytearray(buffer.getvalue())
    content[8:10] = b"CR"  # after the header, as CR2 has it; no directory is there
    struct.pack_into("<I", content, 4, len(content))
    whole = bytes(content) + buffer.getvalue()[8:]
    (tmp_path / "a.cr2").write_bytes(whole)
    assert refused(tmp_path / "a.cr2")


def test_pages_are_told(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue", "green")]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "one.tif")
    assert probe(tmp_path / "stack.tif").more_pages
    assert not probe(tmp_path / "one.tif").more_pages


def deep_png(path: Path, values: np.ndarray) -> None:
    """Write (height, width, channels) uint16 as a 16-bit PNG, which Pillow can't."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    kind = {3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_deep_colour_is_scaled_by_the_bits_it_uses(tmp_path: Path, bits: int) -> None:
    """python-pillow/Pillow issue 3159, to which its issue 4044 belongs: depth is cut in silence."""
    shades = np.linspace(0, 1, 64 * 64 * 3).reshape(64, 64, 3)
    deep_png(tmp_path / "a.png", np.rint(shades * (2**bits - 1)).astype(np.uint16))
    pixels = prepare(tmp_path / "a.png", 64).pixels.astype(float)
    assert np.abs(pixels - shades * 255).max() <= 2


def test_deep_colour_with_transparency_is_laid_on_white(tmp_path: Path) -> None:
    values = np.full((32, 32, 4), 2000, np.uint16)
    values[..., 3] = 0
    values[:16, :, 3] = 65535
    deep_png(tmp_path / "a.png", values)
    pixels = prepare(tmp_path / "a.png", 32).pixels
    assert abs(int(pixels[4, 4, 0]) - round(2000 / 4095 * 255)) <= 1
    assert pixels[28, 4].tolist() == [255, 255, 255]


def test_the_extra_reads_photos_of_phones(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    heif = pillow_heif.from_pillow(Image.new("RGB", (64, 48), (200, 30, 30)))
    heif.save(tmp_path / "a.heic")
    assert heic_is_read()
    assert (probe(tmp_path / "a.heic").width, probe(tmp_path / "a.heic").format) == (64, "HEIC")
    assert abs(int(prepare(tmp_path / "a.heic", 32).pixels[..., 0].mean()) - 200) < 12


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.images.files.heic_is_read", lambda: False)
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert "rosette-explorer[heic]" in refused(tmp_path / "a.heic").hint
