"""Things on wheels: cars, lorries, and the crane that lifts."""

from __future__ import annotations

import itertools
import math
from random import Random

from embeddings.demo.pen import CREAM, Colour, Pen, dark, hsv, light, lively, mix

_GROUND = 0.55
_TYRE: Colour = (46, 44, 52)
_GLASS: Colour = (172, 208, 222)


def _wheel(pen: Pen, rng: Random, x: float, r: float, hub: Colour) -> None:
    y = _GROUND - r
    pen.dot(x, y, r, _TYRE)
    pen.dot(x, y, r * 0.62, hub)
    pen.dot(x, y, r * 0.5, dark(hub, 0.25))
    turn = rng.uniform(0, math.pi)
    for spoke in range(5):
        angle = turn + spoke * 2 * math.pi / 5
        tip = (x + math.cos(angle) * r * 0.52, y + math.sin(angle) * r * 0.52)
        pen.line((x, y), tip, r * 0.17, hub)
    pen.dot(x, y, r * 0.16, light(hub, 0.5))


def _automobile(pen: Pen, rng: Random, paint: Colour, roof: float, bonnet: float) -> None:
    """A car seen from its side, nose to the left; ``roof`` and ``bonnet`` shape it."""
    r = rng.uniform(0.185, 0.22)
    belt, sill = 0.02, 0.42
    front, rear = -0.12 - 0.1 * (1 - bonnet), rng.uniform(0.78, 0.92)
    top = belt - roof
    nose = rng.uniform(-0.06, 0.05)
    cabin = [
        (front - 0.12, belt + 0.05),
        (front + 0.16, top + 0.06),
        (front + 0.4, top),
        (rear - 0.36, top + 0.02),
        (rear - 0.1, belt),
        (rear, belt + 0.14),
        (front, belt + 0.16),
    ]
    pen.blob(cabin, paint)
    body = [
        (-1.0, 0.2 + nose),
        (-0.93, 0.08 + nose * 0.6),
        (-0.55, 0.0),
        (front, belt - 0.01),
        (0.4, belt - 0.01),
        (rear, belt + 0.02),
        (1.0, 0.12),
        (1.02, 0.32),
        (0.94, sill),
        (0, sill + 0.01),
        (-0.94, sill),
        (-1.03, 0.34),
    ]
    pen.blob(body, paint)
    glass = mix(_GLASS, dark(paint, 0.5), 0.25)
    split = (front + rear) / 2 + 0.04
    low, high = belt - 0.01, top + 0.07
    pen.blob(
        [
            (front + 0.02, low),
            (front + 0.2, high + 0.03),
            (split - 0.03, high),
            (split - 0.03, low),
        ],
        glass,
    )
    pen.blob(
        [(split + 0.03, low), (split + 0.03, high), (rear - 0.4, high + 0.02), (rear - 0.19, low)],
        glass,
    )
    gleam = light(glass, 0.6)
    pen.poly(
        [
            (front + 0.2, low - 0.02),
            (front + 0.28, high + 0.05),
            (front + 0.34, high + 0.05),
            (front + 0.26, low - 0.02),
        ],
        gleam,
    )
    pen.stroke([(-0.9, 0.14), (-0.3, 0.09), (0.9, 0.12)], 0.03, light(paint, 0.45), 0.02)
    pen.block(0, sill - 0.02, 0.9, 0.035, dark(paint, 0.45), 0.03)
    for x in (front + 0.04, split, rear - 0.2):
        pen.stroke([(x, belt + 0.02), (x + 0.01, sill - 0.06)], 0.012, dark(paint, 0.35))
    for x in (split - 0.1, rear - 0.3):
        pen.block(x, 0.15, 0.045, 0.014, light(paint, 0.7), 0.01)
    pen.oval(-0.93, 0.19 + nose * 0.6, 0.055, 0.07, (255, 240, 190), -12)
    pen.block(0.985, 0.2, 0.03, 0.06, (214, 62, 56), 0.02)
    pen.block(-0.99, 0.38, 0.07, 0.03, light((150, 150, 160), 0.4), 0.02)
    pen.block(0.98, 0.38, 0.07, 0.03, light((150, 150, 160), 0.4), 0.02)
    hub = mix((206, 208, 214), paint, rng.uniform(0, 0.25))
    for x in (-0.62, 0.6):
        pen.dot(x, _GROUND - r - 0.01, r * 1.16, dark(paint, 0.6))
        _wheel(pen, rng, x, r, hub)


def draw_car(pen: Pen, rng: Random) -> None:
    """A car of any colour, from a tall small one to a low long one."""
    _automobile(pen, rng, lively(rng), rng.uniform(0.28, 0.46), rng.uniform(0.0, 0.9))


def draw_jaguar_car(pen: Pen, rng: Random) -> None:
    """The car: rather low, rather long in the bonnet, with a cat leaping from it."""
    paints = ((30, 84, 62), (150, 34, 44), (168, 176, 188), (38, 62, 112), (222, 210, 182))
    paint = mix(rng.choice(paints), lively(rng), rng.uniform(0.0, 0.45))
    _automobile(pen, rng, paint, rng.uniform(0.27, 0.38), rng.uniform(0.4, 1.0))
    cat = pen.at(-0.83, 0.0, 0.16, rng.uniform(-14, -4))
    silver = (232, 232, 238)
    cat.stroke([(-0.8, -0.32), (-0.2, -0.38), (0.5, -0.12), (0.95, -0.3)], 0.26, silver, 0.1)
    cat.dot(-0.85, -0.34, 0.18, silver)
    cat.stroke([(-0.4, -0.3), (-0.95, -0.02)], 0.14, silver, 0.08)
    cat.stroke([(0.45, -0.12), (0.75, 0.2)], 0.16, silver, 0.08)


def draw_truck(pen: Pen, rng: Random) -> None:
    """A lorry with a box behind, nose to the left."""
    paint, box = lively(rng), mix(lively(rng), CREAM, rng.uniform(0.2, 0.75))
    height, rear = rng.uniform(0.75, 1.0), rng.uniform(0.85, 1.02)
    pen.block((rear - 0.45) / 2 + 0.02, 0.33, (rear + 0.5) / 2, 0.06, (70, 68, 78), 0.03)
    left = -0.38
    middle, half = (left + rear) / 2, (rear - left) / 2
    pen.block(middle, 0.28 - height / 2, half, height / 2, box, 0.04)
    stripe = rng.uniform(0.3, 0.7)
    pen.block(middle, 0.28 - height * stripe, half, 0.06, paint)
    pen.block(middle, 0.28 - height + 0.03, half, 0.03, light(box, 0.5), 0.02)
    for step in range(1, 4):
        x = left + (rear - left) * step / 4
        pen.line((x, 0.28 - height + 0.06), (x, 0.25), 0.012, dark(box, 0.15))
    cab = [(-0.98, 0.38), (-1.0, 0.1), (-0.9, -0.06), (-0.8, -0.36), (-0.68, -0.42)]
    pen.blob([*cab, (-0.44, -0.42), (-0.42, 0.1), (-0.42, 0.38)], paint)
    pen.blob(
        [(-0.86, -0.08), (-0.77, -0.32), (-0.56, -0.33), (-0.55, -0.07)], mix(_GLASS, paint, 0.1)
    )
    pen.poly([(-0.76, -0.1), (-0.7, -0.3), (-0.65, -0.3), (-0.71, -0.1)], light(_GLASS, 0.6))
    pen.line((-0.53, -0.02), (-0.53, 0.34), 0.014, dark(paint, 0.35))
    pen.block(-0.6, 0.08, 0.04, 0.014, light(paint, 0.7), 0.01)
    pen.oval(-0.95, 0.18, 0.05, 0.07, (255, 240, 190))
    pen.block(-0.93, 0.38, 0.12, 0.045, (196, 196, 204), 0.03)
    for x in (-0.66, rear - 0.52, rear - 0.2):
        pen.dot(x, 0.36, 0.2, dark(paint, 0.55))
        _wheel(pen, rng, x, 0.18, (204, 204, 210))


def draw_crane_machine(pen: Pen, rng: Random) -> None:
    """The machine: a boom of lattice on wheels, a cab, a hook with its load."""
    paint = hsv(rng.uniform(0.06, 0.15), rng.uniform(0.7, 0.9), rng.uniform(0.85, 0.98))
    steel = (96, 98, 110)
    angle = math.radians(rng.uniform(38, 62))
    reach = rng.uniform(1.35, 1.7)
    foot = (0.35, 0.12)
    tip = (foot[0] - math.cos(angle) * reach, foot[1] - math.sin(angle) * reach)
    nx, ny = math.sin(angle) * 0.09, -math.cos(angle) * 0.09
    rail = dark(paint, 0.08)
    steps = 9
    sides: list[tuple[float, float]] = []
    for i in range(steps + 1):
        share = i / steps
        wide = (1 - 0.55 * share) * (1 if i % 2 else -1)
        sides.append(
            (
                foot[0] + (tip[0] - foot[0]) * share + nx * wide,
                foot[1] + (tip[1] - foot[1]) * share + ny * wide,
            )
        )
    for a, b in itertools.pairwise(sides):
        pen.line(a, b, 0.032, dark(paint, 0.22))
    for wide in (-1.0, 1.0):
        start = (foot[0] + nx * wide, foot[1] + ny * wide)
        pen.line(start, (tip[0] + nx * wide * 0.45, tip[1] + ny * wide * 0.45), 0.05, rail)
    pen.line((0.72, -0.12), tip, 0.014, steel)
    drop = rng.uniform(0.3, 0.75)
    hook = (tip[0], tip[1] + drop)
    pen.line(tip, hook, 0.018, steel)
    pen.dot(tip[0], tip[1], 0.075, steel)
    load = lively(rng)
    pen.poly([hook, (hook[0] - 0.17, hook[1] + 0.14), (hook[0] + 0.17, hook[1] + 0.14)], steel)
    pen.block(hook[0], hook[1] + 0.22, 0.2, 0.1, load, 0.02)
    pen.block(hook[0], hook[1] + 0.22, 0.03, 0.1, dark(load, 0.3))
    pen.block(0.1, 0.33, 0.85, 0.09, dark(paint, 0.12), 0.04)
    pen.block(0.45, 0.12, 0.42, 0.16, paint, 0.06)
    pen.block(0.74, 0.08, 0.16, 0.2, steel, 0.05)
    pen.blob([(-0.12, 0.26), (-0.1, -0.1), (0.04, -0.3), (0.3, -0.3), (0.34, 0.26)], paint)
    pen.blob([(-0.04, 0.02), (-0.03, -0.1), (0.07, -0.23), (0.24, -0.23), (0.25, 0.02)], _GLASS)
    for step in range(4):
        pen.poly(
            [
                (-0.7 + step * 0.12, 0.26),
                (-0.64 + step * 0.12, 0.26),
                (-0.69 + step * 0.12, 0.4),
                (-0.75 + step * 0.12, 0.4),
            ],
            _TYRE,
        )
    for x in (-0.58, -0.16, 0.3, 0.74):
        _wheel(pen, rng, x, 0.17, paint)
