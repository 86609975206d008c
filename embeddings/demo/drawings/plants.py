"""Things that grow."""

from __future__ import annotations

import math
from random import Random

from embeddings.demo.pen import CREAM, Pen, dark, hsv, light, lively, mix, near


def draw_flower(pen: Pen, rng: Random) -> None:
    """One bloom on a stem with two leaves."""
    petal = lively(rng)
    green = hsv(rng.uniform(0.24, 0.4), rng.uniform(0.4, 0.65), rng.uniform(0.4, 0.65))
    sway = rng.uniform(-0.18, 0.18)
    stem = [(sway * 0.6, 0.95), (sway, 0.5), (0, 0.0), (0, -0.3)]
    pen.stroke(stem, 0.085, green, 0.06)
    for side in (-1, 1):
        leaf = pen.at(
            sway * 0.85,
            rng.uniform(0.45, 0.75),
            rng.uniform(0.85, 1.15),
            side * rng.uniform(10, 35),
            side < 0,
        )
        leaf.blob([(0, 0), (0.2, -0.26), (0.56, -0.32), (0.36, -0.04)], light(green, 0.12))
        leaf.stroke([(0.02, -0.02), (0.25, -0.18), (0.5, -0.29)], 0.02, dark(green, 0.2), 0.008)
    count, turn = rng.randrange(6, 12), rng.uniform(0, 60)
    fat = rng.uniform(1.7, 2.4) / count
    for ring, tone in ((1.0, dark(petal, 0.18)), (0.86, petal)):
        for i in range(count):
            angle = turn + (i + (0.5 if ring == 1.0 else 0)) * 360 / count
            leaf = pen.at(0, -0.36, ring, angle)
            leaf.blob(
                [
                    (0.05, 0),
                    (0.3, -fat * 0.5),
                    (0.52, -fat * 0.42),
                    (0.62, 0),
                    (0.52, fat * 0.42),
                    (0.3, fat * 0.5),
                ],
                tone,
            )
            leaf.stroke([(0.16, 0), (0.44, 0)], 0.03, light(tone, 0.25), 0.01)
    heart = hsv(rng.uniform(0.06, 0.16), 0.75, 0.92)
    pen.dot(0, -0.36, 0.19, dark(heart, 0.15))
    pen.dot(0, -0.37, 0.16, heart)
    for i in range(9):
        angle = i * 2.4
        pen.dot(
            0.045 * math.sqrt(i) * math.cos(angle),
            -0.37 + 0.045 * math.sqrt(i) * math.sin(angle),
            0.018,
            dark(heart, 0.35),
        )


def draw_tree(pen: Pen, rng: Random) -> None:
    """A round tree in any season."""
    leaf = hsv(rng.uniform(0.04, 0.4), rng.uniform(0.42, 0.7), rng.uniform(0.5, 0.85))
    bark = hsv(rng.uniform(0.03, 0.09), rng.uniform(0.25, 0.45), rng.uniform(0.35, 0.55))
    lean = rng.uniform(-0.12, 0.12)
    pen.poly([(-0.17, 0.95), (0.17, 0.95), (lean + 0.08, 0.1), (lean - 0.08, 0.1)], bark)
    pen.blob([(-0.3, 0.97), (-0.1, 0.8), (0.1, 0.8), (0.3, 0.97)], bark)
    for side in (-1, 1):
        pen.stroke(
            [(lean * 0.6, 0.4), (lean + side * 0.2, 0.15), (lean + side * 0.34, 0.0)],
            0.1,
            bark,
            0.05,
        )
    wide, clumps = rng.uniform(0.5, 0.66), 13
    for depth, tone in ((0.16, dark(leaf, 0.3)), (0.0, leaf), (-0.14, light(leaf, 0.2))):
        for i in range(clumps):
            angle = 2 * math.pi * i / clumps + rng.uniform(-0.2, 0.2)
            reach = rng.uniform(0.35, 0.95) if depth >= 0 else rng.uniform(0.1, 0.65)
            x = lean + math.cos(angle) * wide * reach
            y = -0.35 + depth + math.sin(angle) * 0.44 * reach
            pen.dot(
                x, y, rng.uniform(0.15, 0.25) * (1 if depth >= 0 else 0.7), near(rng, tone, 0.03)
            )
    fruit = hsv(rng.uniform(-0.05, 0.1), 0.75, 0.9)
    for _ in range(rng.randrange(0, 12)):
        angle, reach = rng.uniform(0, 6.28), math.sqrt(rng.random())
        pen.dot(
            lean + math.cos(angle) * wide * reach,
            -0.33 + math.sin(angle) * 0.42 * reach,
            0.05,
            fruit,
        )


def draw_mushroom(pen: Pen, rng: Random) -> None:
    """A toadstool with spots on its cap."""
    cap = hsv(rng.gauss(0.02, 0.05), rng.uniform(0.5, 0.85), rng.uniform(0.6, 0.92))
    stalk = mix(CREAM, (214, 190, 160), rng.random())
    wide, tall = rng.uniform(0.72, 0.95), rng.uniform(0.62, 0.9)
    thick, lean = rng.uniform(0.19, 0.29), rng.uniform(-0.1, 0.1)
    pen.blob(
        [
            (-thick * 1.2, 0.86),
            (-thick * 0.8, 0.3),
            (lean - thick * 0.8, -0.2),
            (lean + thick * 0.8, -0.2),
            (thick * 0.8, 0.3),
            (thick * 1.2, 0.86),
            (0, 0.93),
        ],
        stalk,
    )
    pen.blob(
        [(lean - thick * 1.5, 0.18), (lean, 0.06), (lean + thick * 1.5, 0.18), (lean, 0.28)],
        light(stalk, 0.4),
    )
    top = pen.at(lean, 0.0, 1.0, rng.uniform(-9, 9))
    top.oval(0, -0.02, wide, 0.17, mix(stalk, cap, 0.25))
    for step in range(-5, 6):
        top.line((step * 0.05, -0.06), (step * wide / 6, 0.1), 0.012, dark(stalk, 0.2))
    top.blob(
        [
            (-wide, 0.0),
            (-wide * 0.86, -tall * 0.5),
            (-wide * 0.4, -tall * 0.92),
            (0, -tall),
            (wide * 0.4, -tall * 0.92),
            (wide * 0.86, -tall * 0.5),
            (wide, 0.0),
            (wide * 0.5, -0.03),
            (0, -0.045),
            (-wide * 0.5, -0.03),
        ],
        cap,
    )
    for i in range(9):
        x = wide * (-0.72 + 0.18 * i) + rng.uniform(-0.03, 0.03)
        room = 1 - (x / wide) ** 2
        y = -tall * room * (0.22 + 0.5 * ((i * 5) % 9) / 9) - 0.07
        size = rng.uniform(0.05, 0.12) * (0.5 + 0.5 * room)
        top.oval(x, y, size, size * 0.85, mix(CREAM, cap, 0.08))
