"""Light: shading, shadows and grain, which make shapes look round and pictures differ."""

from __future__ import annotations

import math
from functools import cache
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageFilter

_TILE = 512  # px; side of the textures that pictures cut their grain and brush marks from


@cache
def _grain_tile() -> Image.Image:
    noise = np.random.Generator(np.random.PCG64(20)).normal(128, 24, (_TILE, _TILE))
    return Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))


@cache
def _brush_tile() -> Image.Image:
    """Streaks and blotches about 128: noise smoothed more along one direction than the other."""
    generator = np.random.Generator(np.random.PCG64(21))
    spectrum = np.fft.rfft2(generator.normal(0, 1, (_TILE, _TILE)))
    down = np.fft.fftfreq(_TILE)[:, None]
    across = np.fft.rfftfreq(_TILE)[None, :]
    streaks = np.exp(-((down * 9) ** 2) - (across * 60) ** 2)
    blotches = 3.0 * np.exp(-((down * 45) ** 2) - (across * 45) ** 2)
    marks = np.fft.irfft2(spectrum * (streaks + blotches), s=(_TILE, _TILE))
    marks = 128 + 34 * marks / marks.std()
    return Image.fromarray(np.clip(marks, 0, 255).astype(np.uint8))


@cache
def _bright_middle() -> Image.Image:
    """White in the middle, black in the corners, as a lens that lets less light to the edge."""
    axis = np.linspace(-1, 1, 64)
    distance = np.hypot(axis[:, None], axis[None, :])
    fall = np.clip(1.15 - 0.62 * distance**2, 0, 1)
    return Image.fromarray((255 * fall).astype(np.uint8))


@cache
def _slope() -> Image.Image:
    """A ramp from black at the left to white at the right, larger than a picture's diagonal."""
    row = np.linspace(0, 255, 96, dtype=np.uint8)
    return Image.fromarray(np.repeat(row[None], 96, axis=0))


def _cut(tile: Image.Image, size: tuple[int, int], rng: Random) -> Image.Image:
    x, y = rng.randrange(_TILE - size[0]), rng.randrange(_TILE - size[1])
    return tile.crop((x, y, x + size[0], y + size[1]))


def _scaled(mask: Image.Image, low: float, high: float) -> Image.Image:
    """``mask`` with black raised to ``low`` and white to ``high``, both in [0, 1]."""
    return mask.point([round(255 * (low + (high - low) * i / 255)) for i in range(256)])


def _multiply(image: Image.Image, grey: Image.Image) -> Image.Image:
    return ImageChops.multiply(image, Image.merge("RGB", (grey, grey, grey)))


def round_off(thing: Image.Image, sun: float, depth: float) -> Image.Image:
    """Shade an RGBA cut-out as if it were round and lit from ``sun`` (-1 left … 1 right).

    The mask, blurred and moved away from the light, is dark along the edges that face away.
    ``depth`` in [0, 1] says how dark.
    """
    mask = thing.getchannel("A")
    reach = max(thing.size) / 17
    soft = mask.filter(ImageFilter.BoxBlur(reach)).filter(ImageFilter.BoxBlur(reach * 0.6))
    moved = ImageChops.offset(soft, round(sun * reach * 0.9), round(-reach * 0.8) * -1)
    lit = ImageChops.offset(soft, round(sun * -reach * 0.8), round(-reach * 0.7))
    form = ImageChops.subtract(moved, lit, 2.0, 128)
    shade = form.point(
        [round(min(255, 255 * (1 - depth * max(0.0, (i - 128) / 64)))) for i in range(256)]
    )
    shine = form.point([round(min(90, 150 * depth * max(0.0, (128 - i) / 64))) for i in range(256)])
    rgb = thing.convert("RGB")
    cool = Image.merge("RGB", (shade, shade, _scaled(shade, 0.18, 1.0)))
    rgb = ImageChops.multiply(rgb, cool)
    rgb = ImageChops.screen(rgb, Image.merge("RGB", (shine, shine, _scaled(shine, 0, 0.8))))
    rgb.putalpha(mask)
    return rgb


def cast_shadow(
    scene: Image.Image, thing: Image.Image, foot: int, sun: float, strength: float
) -> Image.Image:
    """Lay the shadow of ``thing``, squashed and slanted from row ``foot``, on ``scene``."""
    flat = 0.2
    width, height = scene.size
    slant = -sun * 0.9
    shape = thing.getchannel("A").transform(
        (width, height),
        Image.Transform.AFFINE,
        (1, slant / flat, -slant / flat * foot, 0, 1 / flat, foot - foot / flat),
        Image.Resampling.BILINEAR,
    )
    shape = shape.filter(ImageFilter.BoxBlur(2.2))
    return _multiply(scene, _scaled(ImageChops.invert(shape), 1 - strength, 1.0))


def hover_shadow(
    scene: Image.Image, thing: Image.Image, drop: int, sun: float, strength: float
) -> Image.Image:
    """Lay the shadow of ``thing`` on the plane close behind it."""
    shape = ImageChops.offset(thing.getchannel("A"), round(-sun * drop), drop)
    shape = shape.filter(ImageFilter.BoxBlur(max(2.0, drop * 0.6)))
    return _multiply(scene, _scaled(ImageChops.invert(shape), 1 - strength, 1.0))


def finish(image: Image.Image, tint: tuple[float, float, float], rng: Random) -> Image.Image:
    """Grade, light from a side, darken the corners, then brush marks and grain."""
    size = image.size
    exposure = rng.uniform(0.82, 1.12)
    gamma = rng.uniform(0.88, 1.14)
    share = rng.uniform(0.3, 1.0)  # how much of the time's tint reaches the picture
    table: list[int] = []
    for gain in tint:
        full = exposure * (1 + (gain - 1) * share)
        table += [min(255, round(255 * full * math.pow(i / 255, gamma))) for i in range(256)]
    image = image.point(table)

    slope = _slope().rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR)
    slope = slope.crop((14, 14, 82, 82)).resize(size, Image.Resampling.BILINEAR)
    image = _multiply(image, _scaled(slope, 1 - rng.uniform(0, 0.32), 1.0))
    corners = _bright_middle().resize(size, Image.Resampling.BILINEAR)
    image = _multiply(image, _scaled(corners, 1 - rng.uniform(0.05, 0.55), 1.0))

    brush = _scaled(_cut(_brush_tile(), size, rng), 0.5 - 0.13, 0.5 + 0.13)
    grain = _cut(_grain_tile(), size, rng)
    amount = rng.uniform(0.08, 0.42)
    grain = _scaled(grain, 0.5 - amount / 2, 0.5 + amount / 2)
    both = ImageChops.add(brush, grain, 1, -128)
    return ImageChops.add(image, Image.merge("RGB", (both, both, both)), 1, -128)
