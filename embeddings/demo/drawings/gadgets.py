"""Things to hold: the mouse on a desk, the bat of a game, and their neighbours."""

from __future__ import annotations

import math
from random import Random

from embeddings.demo.pen import CREAM, INK, WHITE, Colour, Pen, dark, hsv, light, lively, mix


def _plastic(rng: Random) -> Colour:
    tone = hsv(rng.random(), rng.uniform(0.03, 0.14), rng.uniform(0.3, 0.96))
    return mix(tone, lively(rng), rng.uniform(0, 0.3))


def draw_mouse_device(pen: Pen, rng: Random) -> None:
    """The device: two keys, a wheel, a cable, seen from above."""
    shell = _plastic(rng)
    glow = lively(rng)
    bend = rng.uniform(-0.5, 0.5)
    cable = [(0, -0.5), (bend * 0.4, -0.85), (bend, -1.1), (bend * 0.6 + 0.2, -1.6)]
    pen.stroke(cable, 0.06, dark(shell, 0.5))
    pen.oval(0, 0.08, 0.5, 0.76, dark(shell, 0.5))
    side = [(-0.44, -0.3), (-0.3, -0.64), (0, -0.74), (0.3, -0.64), (0.44, -0.3)]
    pen.blob([*side, (0.46, 0.3), (0.3, 0.68), (0, 0.78), (-0.3, 0.68), (-0.46, 0.3)], shell)
    pen.blob(
        [(-0.3, -0.02), (0, 0.06), (0.3, -0.02), (0.32, 0.36), (0, 0.66), (-0.32, 0.36)],
        light(shell, 0.22),
    )
    pen.line((0, -0.74), (0, -0.02), 0.028, dark(shell, 0.5))
    pen.stroke([(-0.45, -0.06), (0, 0.04), (0.45, -0.06)], 0.028, dark(shell, 0.5))
    pen.block(0, -0.36, 0.075, 0.17, dark(shell, 0.6), 0.07)
    pen.block(0, -0.36, 0.045, 0.13, glow, 0.04)
    for step in (-0.07, 0.0, 0.07):
        pen.block(0, -0.36 + step, 0.045, 0.012, dark(glow, 0.4))
    pen.oval(0, 0.38, 0.08, 0.06, mix(shell, glow, 0.7))
    pen.stroke([(-0.3, -0.5), (-0.36, -0.3), (-0.37, -0.12)], 0.05, light(shell, 0.6), 0.02)


def draw_keyboard(pen: Pen, rng: Random) -> None:
    """A computer keyboard, seen from above."""
    shell = _plastic(rng)
    key = mix(light(shell, 0.5), dark(shell, 0.6), rng.random())
    accent = lively(rng)
    tall = rng.uniform(0.36, 0.44)
    pen.block(0, 0.04, 1.02, tall, dark(shell, 0.5), 0.09)
    pen.block(0, 0, 1.02, tall, shell, 0.09)
    rows, columns = 4, 11
    pitch, deep = 1.9 / columns, (tall * 2 - 0.12) / (rows + 1)
    for row in range(rows):
        shift = (row % 2) * 0.02
        for column in range(columns):
            x = -0.95 + pitch * (column + 0.5) + shift - 0.01
            y = -tall + 0.06 + deep * (row + 0.5)
            tone = accent if (row, column) in ((0, 0), (2, 10)) else key
            pen.block(x, y, pitch * 0.42, deep * 0.4, dark(tone, 0.3), 0.02)
            pen.block(x, y - 0.012, pitch * 0.36, deep * 0.32, tone, 0.02)
    y = -tall + 0.06 + deep * (rows + 0.5)
    for x, half in ((-0.78, 0.16), (-0.02, 0.52), (0.76, 0.17)):
        pen.block(x, y, half, deep * 0.4, dark(key, 0.3), 0.02)
        pen.block(x, y - 0.012, half - 0.012, deep * 0.32, key, 0.02)


def _ball(pen: Pen, x: float, y: float, r: float) -> None:
    pen.dot(x, y, r, (248, 244, 234))
    for side in (-1, 1):
        seam = [
            (x + side * r * 0.75, y - r * 0.6),
            (x + side * r * 0.35, y),
            (x + side * r * 0.75, y + r * 0.6),
        ]
        pen.stroke(seam, r * 0.11, (204, 62, 58))


def draw_bat_club(pen: Pen, rng: Random) -> None:
    """The club of a ball game: turned wood, a bound grip, a ball beside it."""
    wood = hsv(rng.uniform(0.07, 0.11), rng.uniform(0.35, 0.62), rng.uniform(0.75, 0.95))
    grip = mix(lively(rng), INK, rng.uniform(0, 0.6))
    thick = rng.uniform(0.15, 0.19)
    top = [(-1.05, -0.045), (-0.4, -0.05), (0.1, -thick * 0.62), (0.5, -thick), (0.9, -thick)]
    outline = [*top, (1.06, -thick * 0.6), (1.08, 0), (1.06, thick * 0.6)]
    pen.blob([*outline, *((x, -y) for x, y in reversed(top))], wood)
    for row in (-0.45, 0.0, 0.5):
        y = row * thick
        pen.stroke([(0.0, y * 0.6), (0.5, y), (0.98, y * 0.9)], 0.014, dark(wood, 0.2), 0.006)
    pen.stroke(
        [(0.3, -thick * 0.55), (0.6, -thick * 0.68), (0.92, -thick * 0.66)],
        0.035,
        light(wood, 0.6),
        0.02,
    )
    pen.oval(0.62, 0, 0.15, thick * 0.5, mix(wood, grip, 0.6))
    pen.block(-0.76, 0, 0.27, 0.064, grip, 0.03)
    for step in range(7):
        x = -1.0 + step * 0.08
        pen.line((x, 0.064), (x + 0.05, -0.064), 0.016, light(grip, 0.35))
    pen.oval(-1.07, 0, 0.055, 0.11, dark(wood, 0.12))
    _ball(pen, rng.uniform(-0.5, 0.2), rng.uniform(0.32, 0.5), rng.uniform(0.15, 0.2))


def draw_racket(pen: Pen, rng: Random) -> None:
    """A tennis racket with its strings, and a ball."""
    frame, grip = lively(rng), mix(lively(rng), INK, rng.uniform(0.2, 0.7))
    wide = rng.uniform(0.38, 0.46)
    cx, long = 0.46, 0.56
    string = mix(CREAM, lively(rng), 0.15)
    for step in range(-5, 6):
        x = step / 6 * long
        half = wide * math.sqrt(max(0.0, 1 - (x / long) ** 2))
        pen.line((cx + x, -half), (cx + x, half), 0.018, string)
    for step in range(-4, 5):
        y = step / 5 * wide
        half = long * math.sqrt(max(0.0, 1 - (y / wide) ** 2))
        pen.line((cx - half, y), (cx + half, y), 0.018, string)
    count = 28
    hoop = [
        (cx + long * math.cos(2 * math.pi * i / count), wide * math.sin(2 * math.pi * i / count))
        for i in range(count + 1)
    ]
    pen.stroke(hoop, 0.085, frame)
    pen.stroke([(cx - long + 0.06, -0.2), (-0.2, -0.06), (-0.34, 0)], 0.06, frame)
    pen.stroke([(cx - long + 0.06, 0.2), (-0.2, 0.06), (-0.34, 0)], 0.06, frame)
    pen.line((-0.3, 0), (-0.6, 0), 0.09, dark(frame, 0.15))
    pen.block(-0.82, 0, 0.28, 0.07, grip, 0.04)
    for step in range(6):
        x = -1.04 + step * 0.09
        pen.line((x, 0.07), (x + 0.05, -0.07), 0.016, light(grip, 0.3))
    ball = pen.at(
        rng.uniform(-0.6, -0.1),
        rng.uniform(0.35, 0.55),
        rng.uniform(0.14, 0.18),
        rng.uniform(0, 360),
    )
    ball.dot(0, 0, 1, (214, 232, 84))
    ball.stroke([(-0.7, -0.66), (-0.2, 0), (-0.7, 0.66)], 0.14, WHITE)
    ball.stroke([(0.7, -0.66), (0.2, 0), (0.7, 0.66)], 0.14, WHITE)


def draw_guitar(pen: Pen, rng: Random) -> None:
    """A six-string guitar, upright."""
    wood = hsv(rng.uniform(0.02, 0.1), rng.uniform(0.55, 0.85), rng.uniform(0.55, 0.92))
    waist, hip = rng.uniform(0.24, 0.3), rng.uniform(0.44, 0.52)
    right = [(0.12, -0.16), (0.34, -0.06), (0.36, 0.12), (waist, 0.3), (hip, 0.62), (0.3, 0.94)]
    left = [(-x, y) for x, y in reversed(right)]
    pen.blob([*right, (0, 1.0), *left], dark(wood, 0.35))
    pen.blob([*((x * 0.92, 0.4 + (y - 0.4) * 0.94) for x, y in [*right, (0.0, 1.0), *left])], wood)
    pen.ring(0, 0.32, 0.17, 0.045, mix(wood, CREAM, 0.5))
    pen.dot(0, 0.32, 0.15, dark(wood, 0.75))
    neck = mix((74, 48, 38), wood, 0.2)
    pen.block(0, -0.35, 0.062, 0.62, neck)
    for step in range(9):
        pen.block(0, -0.88 + step * 0.115, 0.062, 0.008, (206, 192, 160))
    pen.blob(
        [(-0.08, -0.94), (0.08, -0.94), (0.11, -1.22), (0, -1.27), (-0.11, -1.22)], dark(wood, 0.2)
    )
    for side in (-1, 1):
        for y in (-1.18, -1.1, -1.02):
            pen.dot(side * 0.13, y, 0.032, CREAM)
    pen.block(0, 0.68, 0.18, 0.035, dark(wood, 0.6), 0.02)
    for step in range(-2, 3):
        pen.line((step * 0.02, -1.0), (step * 0.03, 0.68), 0.008, (240, 232, 214))
    pen.stroke([(-0.34, 0.5), (-0.38, 0.66), (-0.32, 0.8)], 0.05, light(wood, 0.5), 0.02)
