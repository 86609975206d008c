"""Birds: the crane that flies, and a duck."""

from __future__ import annotations

from random import Random

from embeddings.demo.pen import CREAM, INK, Pen, dark, hsv, light, mix


def draw_crane_bird(pen: Pen, rng: Random) -> None:
    """The bird: tall, white or silver, black at neck and tail, a red crown; bill to the left."""
    plume = mix((250, 248, 244), (172, 184, 200), rng.uniform(0, 0.9))
    leg = mix((70, 66, 72), (180, 120, 90), rng.random())
    step, bend = rng.uniform(-0.12, 0.12), rng.uniform(-0.1, 0.14)
    pen.stroke(
        [(0.2, 0.2), (0.26 - step, 0.55), (0.2 - step * 1.4, 0.95)], 0.055, dark(leg, 0.25), 0.04
    )
    pen.stroke([(0.2 - step * 1.4, 0.94), (0.08 - step * 1.4, 0.96)], 0.04, dark(leg, 0.25), 0.02)
    pen.stroke([(0.05, 0.2), (0.06 + step, 0.55), (0.02 + step * 1.4, 0.95)], 0.06, leg, 0.045)
    for toe in (-0.14, 0.1):
        pen.stroke([(0.02 + step * 1.4, 0.94), (0.02 + step * 1.4 + toe, 0.965)], 0.04, leg, 0.02)
    for drop in (0.1, 0.22, 0.34):
        pen.blob(
            [
                (0.4, -0.08),
                (0.72, drop - 0.06),
                (0.8, drop + 0.12),
                (0.6, drop + 0.03),
                (0.36, 0.12),
            ],
            dark(INK, 0.0) if drop > 0.15 else mix(INK, plume, 0.35),
        )
    pen.blob(
        [
            (-0.36, -0.12),
            (-0.12, -0.3),
            (0.3, -0.24),
            (0.62, 0.02),
            (0.4, 0.24),
            (0.0, 0.28),
            (-0.28, 0.12),
        ],
        plume,
    )
    pen.blob(
        [(-0.12, -0.14), (0.3, -0.14), (0.6, 0.06), (0.3, 0.16), (0.0, 0.1)], light(plume, 0.5)
    )
    for row in (0.0, 0.08):
        pen.stroke(
            [(0.0, row), (0.3, 0.04 + row), (0.52, 0.06 + row * 0.6)],
            0.018,
            dark(plume, 0.2),
            0.008,
        )
    hx, hy = -0.5 + bend, rng.uniform(-0.9, -0.68)
    neck = [
        (-0.2, -0.12),
        (-0.42, -0.22),
        (-0.44 + bend * 0.5, (hy - 0.2) / 2 - 0.06),
        (-0.36 + bend, hy + 0.16),
        (hx, hy),
    ]
    pen.stroke(neck, 0.22, plume, 0.12)
    pen.stroke([neck[2], neck[3], (hx + 0.05, hy + 0.05)], 0.1, (58, 54, 62), 0.09)
    head = pen.at(hx, hy, 1.0, rng.uniform(-12, 14))
    head.poly([(-0.06, -0.06), (-0.46, 0.05), (-0.06, 0.06)], (214, 176, 98))
    head.poly([(-0.06, 0.01), (-0.46, 0.05), (-0.06, 0.06)], (176, 136, 74))
    head.oval(0.01, 0, 0.13, 0.105, light(plume, 0.3))
    head.blob([(-0.1, -0.06), (0.0, -0.12), (0.1, -0.07), (0.0, -0.05)], (212, 52, 50))
    head.eye(-0.035, -0.01, 0.036)


def draw_duck(pen: Pen, rng: Random) -> None:
    """A plump duck, bill to the left, on its feet."""
    body = hsv(rng.uniform(0.05, 0.16), rng.uniform(0.1, 0.7), rng.uniform(0.75, 0.98))
    hood = mix(body, hsv(rng.uniform(0.3, 0.5), 0.6, 0.5), rng.uniform(0.0, 0.85))
    orange = hsv(rng.uniform(0.06, 0.11), 0.8, 0.95)
    for x in (-0.02, 0.24):
        pen.line((x, 0.5), (x, 0.76), 0.06, dark(orange, 0.15))
        pen.blob([(x + 0.06, 0.72), (x + 0.08, 0.8), (x - 0.2, 0.82), (x - 0.2, 0.77)], orange)
    perk = rng.uniform(-0.3, -0.02)
    pen.blob([(0.5, 0.1), (0.98, perk), (0.9, 0.22), (0.7, 0.42)], dark(body, 0.18))
    pen.blob(
        [
            (-0.62, 0.12),
            (-0.35, -0.08),
            (0.1, -0.02),
            (0.55, -0.02),
            (0.84, 0.12),
            (0.6, 0.52),
            (0.0, 0.62),
            (-0.46, 0.5),
        ],
        body,
    )
    wing = pen.at(0.2, 0.2, 1.0, rng.uniform(-12, 14))
    wing.blob(
        [(-0.34, -0.1), (0.1, -0.18), (0.62, -0.08), (0.5, 0.1), (0.1, 0.22), (-0.24, 0.14)],
        dark(body, 0.2),
    )
    for row in (-0.02, 0.08):
        wing.stroke(
            [(-0.1, row + 0.05), (0.2, row + 0.06), (0.48, row - 0.03)],
            0.022,
            dark(body, 0.38),
            0.01,
        )
    head = pen.at(-0.44, -0.34, rng.uniform(0.95, 1.15), rng.uniform(-12, 16))
    pen.stroke([(-0.3, 0.2), (-0.42, -0.05), (-0.44, -0.28)], 0.5, hood, 0.36)
    pen.stroke([(-0.62, 0.0), (-0.42, 0.06), (-0.2, 0.0)], 0.07, CREAM)
    head.blob(
        [(-0.2, -0.02), (-0.44, 0.02), (-0.64, 0.06), (-0.6, 0.14), (-0.36, 0.16), (-0.2, 0.13)],
        orange,
    )
    head.stroke([(-0.6, 0.1), (-0.4, 0.1), (-0.24, 0.07)], 0.018, dark(orange, 0.35))
    head.dot(0, 0, 0.29, hood)
    head.dot(-0.12, -0.06, 0.085, light(hood, 0.7))
    head.eye(-0.13, -0.055, 0.06)
    head.dot(-0.03, 0.09, 0.07, mix(hood, (236, 140, 120), 0.4))
