"""Things of the house, and the house."""

from __future__ import annotations

import itertools
import math
from random import Random

from embeddings.demo.pen import CREAM, INK, WHITE, Pen, dark, hsv, light, lively, mix


def draw_cup(pen: Pen, rng: Random) -> None:
    """A mug on a saucer, steaming."""
    glaze = lively(rng)
    band = mix(lively(rng), CREAM, 0.4)
    wide, tall = rng.uniform(0.44, 0.56), rng.uniform(0.72, 0.95)
    top, foot = 0.68 - tall, 0.68
    pen.oval(0, 0.72, 0.86, 0.15, light(glaze, 0.55))
    pen.oval(0, 0.7, 0.6, 0.09, light(glaze, 0.3))
    hy = (top + foot) / 2 - 0.04
    pen.stroke(
        [
            (wide - 0.06, hy - 0.2),
            (wide + 0.26, hy - 0.22),
            (wide + 0.3, hy + 0.1),
            (wide - 0.1, hy + 0.26),
        ],
        0.12,
        dark(glaze, 0.1),
    )
    body = [(-wide, top), (wide, top), (wide * 0.94, foot - 0.2), (wide * 0.66, foot + 0.03)]
    pen.poly(
        [*body[:2]]
        + [(wide * (1 - 0.36 * t**3), top + (foot - top) * t) for t in (0.3, 0.6, 0.8, 0.92, 1)]
        + [(wide * 0.3, foot + 0.06), (-wide * 0.3, foot + 0.06)]
        + [(-wide * (1 - 0.36 * t**3), top + (foot - top) * t) for t in (1, 0.92, 0.8, 0.6, 0.3)],
        glaze,
    )
    y = top + (foot - top) * rng.uniform(0.35, 0.6)
    count = 5
    for step in range(count):
        pen.dot((step - (count - 1) / 2) * wide * 0.38, y, 0.07, band)
    pen.stroke(
        [(-wide * 0.8, top + 0.14), (-wide * 0.78, hy), (-wide * 0.68, foot - 0.2)],
        0.08,
        light(glaze, 0.6),
        0.03,
    )
    pen.oval(0, top, wide, 0.13, light(glaze, 0.4))
    pen.oval(0, top + 0.012, wide * 0.88, 0.1, dark(glaze, 0.45))
    pen.oval(0, top + 0.03, wide * 0.82, 0.076, mix((98, 58, 38), (206, 158, 98), rng.random()))
    for x in (-0.18, 0.02, 0.22):
        sway = rng.uniform(-0.12, 0.12)
        pen.stroke(
            [(x, top - 0.1), (x + sway, top - 0.28), (x - sway, top - 0.46)],
            0.05,
            (246, 244, 240),
            0.012,
        )


def draw_clock(pen: Pen, rng: Random) -> None:
    """An alarm clock with two bells."""
    case, bell = lively(rng), mix((232, 196, 96), lively(rng), 0.3)
    for side in (-1, 1):
        pen.stroke([(side * 0.4, 0.5), (side * 0.52, 0.82)], 0.13, dark(case, 0.35), 0.09)
        hat = pen.at(side * 0.42, -0.62, 1.0, side * 34)
        hat.arch(0, 0.06, 0.28, 0.24, bell)
        hat.block(0, 0.06, 0.29, 0.025, dark(bell, 0.25), 0.02)
        hat.dot(0, -0.2, 0.045, dark(bell, 0.2))
        hat.stroke([(-0.14, 0.0), (-0.1, -0.1)], 0.045, light(bell, 0.6), 0.02)
    pen.stroke([(0, -0.6), (0, -0.86)], 0.06, dark(case, 0.3))
    pen.dot(0, -0.9, 0.065, dark(case, 0.3))
    pen.dot(0, 0.04, 0.7, case)
    pen.ring(0, 0.04, 0.65, 0.05, light(case, 0.35))
    pen.dot(0, 0.04, 0.55, mix(CREAM, lively(rng), 0.1))
    for hour in range(12):
        angle = hour * math.pi / 6
        far, close = 0.5, 0.4 if hour % 3 == 0 else 0.45
        sx, sy = math.sin(angle), -math.cos(angle)
        pen.line((sx * close, 0.04 + sy * close), (sx * far, 0.04 + sy * far), 0.035, INK)
    minute = rng.uniform(0, 12)
    for turns, length, width in ((minute / 12, 0.27, 0.065), (minute % 1, 0.4, 0.045)):
        angle = turns * 2 * math.pi
        pen.stroke(
            [(0, 0.04), (math.sin(angle) * length, 0.04 - math.cos(angle) * length)],
            width,
            INK,
            width * 0.6,
        )
    pen.dot(0, 0.04, 0.055, (206, 66, 58))


def draw_umbrella(pen: Pen, rng: Random) -> None:
    """An open umbrella with a crook."""
    cloth = lively(rng)
    other = mix(
        cloth, light(cloth, 0.75) if rng.random() < 0.5 else lively(rng), rng.uniform(0.3, 0.9)
    )
    arch = rng.uniform(0.62, 0.82)
    pen.line((0, -0.3), (0, 0.74), 0.055, (112, 82, 62))
    pen.stroke(
        [(0, 0.7), (0.02, 0.88), (0.14, 0.94), (0.25, 0.86), (0.25, 0.76)],
        0.07,
        dark(lively(rng), 0.35),
    )
    pen.line((0, -arch - 0.02), (0, -arch - 0.2), 0.04, (112, 82, 62))
    base = 0.02
    edges = [-1.0, -0.62, -0.21, 0.21, 0.62, 1.0]
    for i, (a, b) in enumerate(itertools.pairwise(edges)):
        tone = cloth if i % 2 == 0 else other
        steps = 8
        left = [
            (a * math.sin(t * math.pi / 2 / steps), base - arch * math.cos(t * math.pi / 2 / steps))
            for t in range(steps + 1)
        ]
        right = [
            (b * math.sin(t * math.pi / 2 / steps), base - arch * math.cos(t * math.pi / 2 / steps))
            for t in range(steps, -1, -1)
        ]
        hem = [(a + (b - a) * t / 6, base - 0.12 * math.sin(math.pi * t / 6)) for t in range(1, 6)]
        pen.poly([*left, *hem, *right], tone)
    for x in edges[1:-1]:
        rib = [
            (x * math.sin(t * math.pi / 10), base - arch * math.cos(t * math.pi / 10))
            for t in range(6)
        ]
        pen.stroke(rib, 0.014, dark(cloth, 0.3))
    pen.stroke(
        [(-0.74, -0.3 * arch), (-0.58, -0.66 * arch), (-0.34, -0.86 * arch)],
        0.05,
        light(cloth, 0.6),
        0.02,
    )


def draw_house(pen: Pen, rng: Random) -> None:
    """A cottage with a chimney; the lamps may be lit."""
    wall = mix(lively(rng), CREAM, rng.uniform(0.45, 0.8))
    roof = hsv(
        rng.uniform(-0.04, 0.08) + (0.55 if rng.random() < 0.25 else 0),
        rng.uniform(0.35, 0.65),
        rng.uniform(0.5, 0.78),
    )
    wide, eave, ridge = rng.uniform(0.62, 0.78), rng.uniform(-0.2, 0.0), rng.uniform(-0.85, -0.62)
    cx = rng.choice((-1, 1)) * wide * rng.uniform(0.42, 0.58)
    pen.block(cx, ridge + 0.12, 0.1, 0.3, dark((176, 96, 76), 0.1))
    pen.block(cx, ridge - 0.17, 0.13, 0.04, dark((176, 96, 76), 0.3))
    for puff in range(3):
        pen.dot(cx + 0.07 * puff, ridge - 0.3 - 0.14 * puff, 0.065 + 0.025 * puff, (238, 236, 234))
    pen.block(0, (eave + 0.8) / 2, wide, (0.8 - eave) / 2, wall)
    pen.block(0, 0.76, wide + 0.02, 0.05, dark(wall, 0.35))
    pen.poly(
        [
            (-wide - 0.16, eave + 0.06),
            (-wide * 0.62, ridge),
            (wide * 0.62, ridge),
            (wide + 0.16, eave + 0.06),
        ],
        roof,
    )
    for row in range(1, 4):
        y = ridge + (eave + 0.06 - ridge) * row / 4
        half = wide * 0.62 + (wide * 0.38 + 0.16) * row / 4
        pen.line((-half, y), (half, y), 0.016, dark(roof, 0.25))
    pen.block(0, eave + 0.075, wide + 0.16, 0.025, light(roof, 0.4), 0.02)
    trim, door = mix(CREAM, WHITE, 0.5), lively(rng)
    pane = mix((148, 186, 206), (255, 220, 130), rng.random())
    dx = rng.uniform(-0.14, 0.14)
    pen.block(dx, 0.5, 0.15, 0.27, trim, 0.02)
    pen.block(dx, 0.52, 0.12, 0.25, door, 0.02)
    pen.dot(dx + 0.07, 0.52, 0.022, (246, 218, 120))
    for x in (-wide * 0.62, wide * 0.62):
        y = (eave + 0.8) / 2 - 0.05
        pen.block(x, y, 0.155, 0.17, trim)
        pen.block(x, y, 0.125, 0.14, pane)
        pen.line((x, y - 0.15), (x, y + 0.15), 0.022, trim)
        pen.line((x - 0.13, y), (x + 0.13, y), 0.022, trim)
        pen.block(x, y + 0.21, 0.17, 0.045, dark(door, 0.25))
        for step in range(-2, 3):
            pen.dot(x + step * 0.07, y + 0.16, 0.04, hsv(rng.random(), 0.5, 0.95))
