"""JPEG files for measuring, made here: no two of the same bytes, all of camera-like weight."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

DISTINCT = 8  # pictures; files beyond these differ by a comment alone, which costs no reader time
NOISE = 8.0  # of 255: makes the files as heavy as a camera's (2.8 bits a pixel)


def picture(width: int, height: int, seed: int) -> bytes:
    """Draw smooth colours under noise, as JPEG."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 64 + 2, width // 64 + 2, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, NOISE, (height, width, 1)).astype(np.int16)
    pixels = (np.asarray(smooth).astype(np.int16) + noise).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def write_jpegs(folder: Path, n: int, width: int, height: int) -> list[Path]:
    """Write ``n`` files under one label, and return them."""
    target = folder / "label"
    target.mkdir(parents=True)
    drawn = [picture(width, height, seed) for seed in range(min(n, DISTINCT))]
    files = []
    for number in range(n):
        said = f"{number:08d}".encode()
        comment = b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said
        jpeg = drawn[number % len(drawn)]
        file = target / f"{number:06d}.jpg"
        file.write_bytes(jpeg[:2] + comment + jpeg[2:])
        files.append(file)
    return files
