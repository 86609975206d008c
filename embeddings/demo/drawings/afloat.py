"""Things that water or air carries."""

from __future__ import annotations

import itertools
import math
from random import Random

from embeddings.demo.pen import CREAM, Pen, dark, hsv, light, lively, mix


def draw_boat(pen: Pen, rng: Random) -> None:
    """A small sailing boat, bow to the left."""
    hull, sail = lively(rng), mix(CREAM, lively(rng), rng.uniform(0, 0.45))
    flag = lively(rng)
    belly, mast = rng.uniform(0.06, 0.24), rng.uniform(-1.0, -0.85)
    pen.line((0.06, mast - 0.05), (0.06, 0.5), 0.05, (122, 88, 62))
    pen.poly([(0.06, mast - 0.06), (0.34, mast + 0.02), (0.06, mast + 0.1)], flag)
    main = [(0.12, mast + 0.12)]
    main += [
        (
            0.12 + (0.72 + belly) * math.sin(t * math.pi / 12),
            mast + 0.12 + (0.32 - mast - 0.16) * (1 - math.cos(t * math.pi / 12)),
        )
        for t in range(1, 7)
    ]
    pen.poly([*main, (0.12, 0.34)], sail)
    for share in (0.35, 0.55, 0.75):
        y = mast + 0.12 + (0.2 - mast) * share
        pen.line((0.12, y), (0.12 + 0.62 * share + belly * 0.5, y), 0.014, dark(sail, 0.15))
    pen.poly(
        [(0.0, mast + 0.18), (-0.28 - belly * 0.6, -0.2), (-0.8, 0.32), (0.0, 0.32)],
        mix(sail, flag, 0.35),
    )
    pen.blob(
        [
            (-1.0, 0.36),
            (-0.4, 0.42),
            (0.4, 0.42),
            (0.94, 0.36),
            (0.78, 0.68),
            (0.4, 0.78),
            (-0.4, 0.78),
            (-0.76, 0.66),
        ],
        hull,
    )
    pen.stroke([(-0.98, 0.4), (0, 0.46), (0.92, 0.4)], 0.06, light(hull, 0.6))
    pen.stroke([(-0.8, 0.66), (0, 0.74), (0.78, 0.66)], 0.06, dark(hull, 0.4))
    for x in (-0.3, 0.05, 0.4):
        pen.dot(x, 0.57, 0.055, light(hull, 0.8))
        pen.dot(x, 0.57, 0.035, dark(hull, 0.55))


def draw_balloon(pen: Pen, rng: Random) -> None:
    """A hot-air balloon with its basket."""
    cloth = lively(rng)
    other = mix(lively(rng), CREAM, rng.uniform(0, 0.6))
    wide = rng.uniform(0.66, 0.78)
    skirt = 0.48

    def half(t: float) -> float:
        return float(math.sin(math.pi * t * 0.86) ** 0.8 * (1 - 0.12 * t))

    rows = [i / 14 for i in range(15)]
    gores = [-1.0, -0.74, -0.3, 0.3, 0.74, 1.0]
    for i, (a, b) in enumerate(itertools.pairwise(gores)):
        left = [(a * wide * half(t), -0.98 + (skirt + 0.98) * t) for t in rows]
        right = [(b * wide * half(t), -0.98 + (skirt + 0.98) * t) for t in reversed(rows)]
        pen.poly([*left, *right], cloth if i % 2 == 0 else other)
    y = rng.uniform(-0.4, -0.2)
    t = (y + 0.98) / (skirt + 0.98)
    band = [(x * wide * half(t), y + 0.06 * (1 - x * x)) for x in (-0.98, -0.5, 0, 0.5, 0.98)]
    pen.stroke(band, 0.11, mix(cloth, hsv(rng.random(), 0.6, 0.9), 0.6))
    pen.stroke(
        [(-wide * 0.6, -0.62), (-wide * 0.74, -0.4), (-wide * 0.76, -0.18)],
        0.07,
        light(cloth, 0.6),
        0.03,
    )
    for x in (-0.2, -0.07, 0.07, 0.2):
        pen.line((x * 1.35, skirt), (x * 0.75, 0.76), 0.014, (92, 72, 60))
    basket = (176, 122, 74)
    pen.block(0, 0.84, 0.18, 0.12, basket, 0.04)
    pen.block(0, 0.74, 0.2, 0.025, dark(basket, 0.25), 0.02)
    for step in (-0.1, 0.0, 0.1):
        pen.line((step, 0.77), (step, 0.95), 0.014, dark(basket, 0.2))
