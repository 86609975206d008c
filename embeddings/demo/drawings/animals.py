"""Small animals: bat, mouse, fish."""

from __future__ import annotations

from random import Random

from embeddings.demo.pen import CREAM, INK, WHITE, Pen, dark, hsv, light, lively, mix


def draw_bat(pen: Pen, rng: Random) -> None:
    """The animal: wings out, ears up, two small teeth."""
    fur = hsv(rng.uniform(0.68, 1.06), rng.uniform(0.18, 0.42), rng.uniform(0.32, 0.5))
    skin = mix(fur, (206, 120, 130), 0.28)
    lift, reach = rng.uniform(-0.5, 0.25), rng.uniform(0.9, 1.08)
    for side in (-1, 1):
        wing = pen.at(0, 0, mirror=side < 0)
        tip = (reach, lift)
        elbow = (0.52, lift * 0.55 - 0.34)
        low = lift * 0.5 + 0.3
        edge = [(0.08, -0.16), (0.3, -0.28 + lift * 0.3), elbow, tip]
        hem = [(0.84, lift * 0.8 + 0.17), (0.74, low + 0.06), (0.6, low - 0.03)]
        wing.blob([*edge, *hem, (0.46, low + 0.1), (0.3, low + 0.02), (0.1, 0.3)], skin)
        for end in (tip, (0.74, low + 0.02), (0.46, low + 0.06)):
            wing.stroke(
                [elbow, ((elbow[0] + end[0]) / 2, (elbow[1] + end[1]) / 2 - 0.03), end],
                0.03,
                dark(skin, 0.3),
                0.012,
            )
        wing.stroke([(0.06, -0.12), (0.3, -0.26 + lift * 0.3), elbow], 0.06, fur, 0.04)
        wing.blob([(0.05, -0.42), (0.2, -0.8), (0.31, -0.68), (0.27, -0.4)], fur)
        wing.blob([(0.11, -0.45), (0.2, -0.7), (0.26, -0.63), (0.22, -0.43)], light(skin, 0.25))
        wing.oval(0.09, 0.5, 0.05, 0.08, dark(fur, 0.3))
    pen.oval(0, 0.16, 0.24, 0.36, fur)
    pen.oval(0, 0.2, 0.15, 0.25, mix(fur, CREAM, 0.3))
    pen.oval(0, -0.28, 0.3, 0.27, fur)
    pen.oval(0, -0.2, 0.2, 0.16, mix(fur, CREAM, 0.22))
    look = rng.uniform(-1, 1)
    for side in (-1, 1):
        pen.dot(side * 0.125, -0.32, 0.1, WHITE)
        pen.eye(side * 0.125 + look * 0.025, -0.315, 0.066)
        pen.poly([(side * 0.03, -0.14), (side * 0.09, -0.145), (side * 0.06, -0.07)], WHITE)
    pen.oval(0, -0.215, 0.05, 0.035, dark(fur, 0.6))
    pen.stroke([(-0.13, -0.16), (0, -0.125), (0.13, -0.16)], 0.02, INK)


def draw_mouse(pen: Pen, rng: Random) -> None:
    """The animal: round, with large ears and a long pink tail, nose to the left."""
    fur = hsv(rng.uniform(0.02, 0.12), rng.uniform(0.06, 0.4), rng.uniform(0.52, 0.84))
    pink = (236, 164, 164)
    rise, curl = rng.uniform(-0.5, 0.15), rng.uniform(-0.15, 0.2)
    tail = [(0.6, 0.42), (0.92, 0.5), (1.08, 0.2 + rise * 0.5), (0.98 + curl, rise)]
    pen.stroke(tail, 0.085, dark(pink, 0.1), 0.03)
    hunch = rng.uniform(-0.08, 0.08)
    back = [(-0.5, -0.02), (-0.2, -0.26 + hunch), (0.2, -0.36 + hunch), (0.58, -0.18), (0.76, 0.22)]
    pen.oval(-0.38, 0.56, 0.14, 0.06, dark(pink, 0.2))
    pen.blob([*back, (0.62, 0.54), (0.1, 0.6), (-0.4, 0.54), (-0.6, 0.3)], fur)
    pen.oval(-0.02, 0.47, 0.42, 0.13, mix(fur, CREAM, 0.55))
    pen.oval(0.45, 0.3, 0.27, 0.27, light(fur, 0.1))
    for x in (-0.22, 0.42):
        pen.oval(x, 0.58, 0.17, 0.06, pink)
    head = pen.at(-0.5, 0.06, rng.uniform(0.95, 1.12), rng.uniform(-14, 16))
    ear = rng.uniform(0.2, 0.26)
    head.dot(0.3, -0.3, ear, dark(fur, 0.2))
    head.dot(0.3, -0.3, ear * 0.7, dark(pink, 0.12))
    face = [(-0.56, 0.12), (-0.3, -0.14), (0.0, -0.28), (0.28, -0.14), (0.34, 0.16), (0.05, 0.3)]
    head.blob([*face, (-0.3, 0.25)], fur)
    head.oval(-0.18, 0.18, 0.26, 0.1, mix(fur, CREAM, 0.55), -10)
    head.dot(0.06, -0.3, ear, fur)
    head.dot(0.05, -0.29, ear * 0.7, pink)
    head.dot(-0.56, 0.11, 0.065, (214, 112, 122))
    head.eye(-0.2, -0.02, 0.075)
    head.dot(-0.02, 0.13, 0.07, mix(fur, pink, 0.6))
    for row in (-0.08, 0.0, 0.08):
        head.line((-0.42, 0.14), (-0.24, 0.2 + row * 2.2), 0.011, CREAM)
    if rng.random() < 0.35:
        cheese = pen.at(-0.95, 0.5, rng.uniform(0.8, 1.2), rng.uniform(-10, 10))
        cheese.poly([(-0.2, 0.1), (0.2, 0.1), (0.2, -0.16)], (250, 206, 92))
        cheese.dot(0.1, 0.0, 0.04, (222, 170, 62))
        cheese.dot(0.0, 0.06, 0.026, (222, 170, 62))


def draw_fish(pen: Pen, rng: Random) -> None:
    """A fish of any colour, striped, fins out, mouth to the left."""
    scale = lively(rng)
    fin = mix(scale, lively(rng), 0.55)
    deep = rng.uniform(0.36, 0.58)
    flick = rng.uniform(-0.16, 0.16)
    tail = [(0.48, 0.0), (0.98, -0.4 + flick), (0.86, flick * 0.7), (0.98, 0.4 + flick)]
    pen.blob(tail, fin)
    for y in (-0.22, 0.0, 0.22):
        pen.stroke([(0.6, y * 0.2), (0.9, y + flick)], 0.02, dark(fin, 0.2), 0.008)
    pen.blob([(-0.28, -deep * 0.7), (0.0, -deep - 0.26), (0.42, -deep * 0.6), (0.3, -0.1)], fin)
    pen.blob([(-0.1, deep * 0.7), (0.18, deep + 0.2), (0.34, deep * 0.5)], fin)
    body = [(-0.86, 0.02), (-0.6, -deep * 0.66), (-0.15, -deep), (0.35, -deep * 0.52)]
    pen.blob([*body, (0.62, 0), (0.35, deep * 0.52), (-0.15, deep), (-0.6, deep * 0.66)], scale)
    pen.blob(
        [
            (-0.74, 0.2),
            (-0.2, deep * 0.62),
            (0.4, deep * 0.3),
            (-0.15, deep * 0.94),
            (-0.58, deep * 0.6),
        ],
        mix(scale, CREAM, 0.5),
    )
    stripe = light(scale, 0.6) if rng.random() < 0.5 else dark(scale, 0.35)
    for x in (-0.16, 0.1, 0.33):
        tall = deep * (1 - abs(x + 0.15) * 1.1) * 0.84
        pen.stroke([(x, -tall), (x + 0.06, 0), (x, tall)], 0.1, stripe, 0.07)
    pen.stroke([(-0.36, -deep * 0.72), (-0.28, 0), (-0.36, deep * 0.72)], 0.025, dark(scale, 0.3))
    pen.blob([(-0.22, 0.06), (0.06, 0.0), (0.1, 0.2), (-0.06, 0.26)], light(fin, 0.25))
    pen.dot(-0.56, -0.1, 0.125, WHITE)
    pen.eye(-0.58, -0.1, 0.08)
    pen.stroke([(-0.86, 0.08), (-0.76, 0.13), (-0.66, 0.1)], 0.03, dark(scale, 0.5))
