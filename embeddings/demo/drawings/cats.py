"""Big cats, walking, with the head turned to us."""

from __future__ import annotations

from random import Random

from embeddings.demo.pen import CREAM, INK, Colour, Pen, dark, hsv, mix

_LEG_TOP, _FOOT = 0.12, 0.78


def _leg(pen: Pen, x: float, step: float, coat: Colour, paw: Colour) -> None:
    path = [(x, _LEG_TOP), (x + step * 0.55, 0.45), (x + step, _FOOT - 0.06)]
    pen.stroke(path, 0.27, coat, 0.16)
    pen.oval(x + step - 0.04, _FOOT - 0.04, 0.13, 0.075, paw)


def _tail(pen: Pen, rng: Random, coat: Colour, tip: Colour) -> None:
    up, curl = rng.uniform(-0.75, 0.25), rng.uniform(-0.2, 0.25)
    path = [(0.72, -0.08), (0.95, 0.05), (1.12, up * 0.4), (1.14 + curl, up)]
    pen.stroke(path, 0.13, coat, 0.09)
    pen.stroke([(1.13 + curl * 0.6, up * 0.75), (1.14 + curl, up)], 0.1, tip, 0.09)


def _head(pen: Pen, coat: Colour, pale: Colour, iris: Colour, look: float) -> None:
    for side in (-1, 1):
        pen.dot(side * 0.23, -0.25, 0.12, dark(coat, 0.15))
        pen.dot(side * 0.23, -0.24, 0.065, mix(pale, (230, 150, 140), 0.5))
    face = [(-0.36, 0.03), (-0.27, -0.25), (0, -0.33), (0.27, -0.25), (0.36, 0.03)]
    pen.blob([*face, (0.22, 0.28), (0, 0.35), (-0.22, 0.28)], coat)
    for side in (-1, 1):
        pen.oval(side * 0.15, -0.03, 0.1, 0.11, pale)
        pen.oval(side * 0.22, 0.14, 0.13, 0.1, mix(coat, pale, 0.55))
        pen.eye(side * 0.14, -0.03, 0.068, iris, look)
        pen.oval(side * 0.085, 0.17, 0.115, 0.095, pale)
    pen.oval(0, 0.26, 0.1, 0.07, pale)
    pen.blob([(-0.075, 0.07), (0, 0.055), (0.075, 0.07), (0, 0.145)], (196, 102, 100))
    pen.line((0, 0.13), (0, 0.19), 0.016, INK)
    for side in (-1, 1):
        pen.stroke([(0, 0.19), (side * 0.05, 0.215), (side * 0.1, 0.19)], 0.016, INK)
        for row in (-0.02, 0.02, 0.06):
            pen.line((side * 0.15, 0.17 + row * 0.5), (side * 0.36, 0.14 + row * 1.8), 0.009, CREAM)


def _torso(pen: Pen, rng: Random, coat: Colour, belly: Colour) -> None:
    back, hip = rng.uniform(-0.28, -0.2), rng.uniform(-0.34, -0.26)
    top = [(-0.55, -0.12), (-0.25, -0.33), (0.15, back), (0.55, hip), (0.83, -0.08)]
    pen.blob([*top, (0.8, 0.24), (0.35, 0.27), (-0.1, 0.31), (-0.5, 0.26)], coat)
    pen.blob([(-0.45, 0.2), (0.1, 0.17), (0.5, 0.2), (0.3, 0.29), (-0.1, 0.32)], belly)


def _walker(
    pen: Pen, rng: Random, coat: Colour, belly: Colour, tip: Colour
) -> tuple[Pen, tuple[float, ...]]:
    stride = [rng.uniform(-0.17, 0.13) for _ in range(4)]
    _tail(pen, rng, coat, tip)
    shade = dark(coat, 0.25)
    _leg(pen, -0.2, stride[0], shade, dark(belly, 0.25))
    _leg(pen, 0.48, stride[1], shade, dark(belly, 0.25))
    _torso(pen, rng, coat, belly)
    pen.oval(0.62, 0.08, 0.22, 0.26, coat)
    _leg(pen, -0.4, stride[2], coat, belly)
    _leg(pen, 0.66, stride[3], coat, belly)
    head = pen.at(
        -0.62 + rng.uniform(-0.05, 0.06),
        -0.34 + rng.uniform(-0.1, 0.12),
        rng.uniform(0.98, 1.2),
        rng.uniform(-16, 16),
    )
    return head, (stride[2], stride[3])


def _rosette(pen: Pen, rng: Random, x: float, y: float, size: float, coat: Colour) -> None:
    spot, heart = (66, 42, 34), mix(coat, (140, 78, 34), 0.5)
    turn = rng.uniform(0, 180)
    pen.oval(x, y, size, size * rng.uniform(0.72, 0.95), spot, turn)
    pen.oval(x, y, size * 0.58, size * 0.5, heart, turn)
    gap = rng.uniform(0, 360)
    pen.at(x, y, size, gap).block(0.8, 0, 0.28, 0.14, coat)
    if rng.random() < 0.4:
        pen.dot(x, y, size * 0.17, spot)


def draw_jaguar(pen: Pen, rng: Random) -> None:
    """The animal: golden, short in the leg, with rosettes."""
    coat = hsv(rng.uniform(0.09, 0.125), rng.uniform(0.48, 0.66), rng.uniform(0.78, 0.92))
    belly = mix(coat, CREAM, 0.65)
    head, stride = _walker(pen, rng, coat, belly, (66, 42, 34))
    for row, y in enumerate((-0.19, -0.04, 0.11)):
        for column in range(8):
            x = -0.5 + column * 0.165 + (row % 2) * 0.08 + rng.uniform(-0.02, 0.02)
            if abs(x - 0.15) < 0.63:
                bend = -0.04 if y < -0.1 and x > 0.4 else 0.0
                size = rng.uniform(0.058, 0.074)
                _rosette(pen, rng, x, y + bend + rng.uniform(-0.02, 0.02), size, coat)
    for x, step in ((-0.4, stride[0]), (0.66, stride[1])):
        for y in (0.3, 0.42, 0.54, 0.64):
            along = x + step * (y - 0.12) / 0.6 + rng.uniform(-0.05, 0.05)
            pen.oval(along, y, 0.036, 0.028, (66, 42, 34))
    _head(head, coat, mix(coat, CREAM, 0.8), (206, 170, 60), rng.uniform(-1, 1))
    for x, y in ((0, -0.25), (-0.1, -0.2), (0.1, -0.2), (-0.04, -0.15), (0.05, -0.14)):
        head.dot(x + rng.uniform(-0.015, 0.015), y, 0.026, (66, 42, 34))
    for side in (-1, 1):
        for x, y in ((0.27, -0.07), (0.3, 0.05), (0.27, 0.17), (0.2, -0.17)):
            head.dot(side * x, y, 0.022, (66, 42, 34))


def _stripe(pen: Pen, x: float, top: float, length: float, lean: float, width: float) -> None:
    tip = (x + lean, top + length)
    middle = (x + lean * 0.3 + width, top + length * 0.5)
    pen.blob([(x - width, top), (x + width, top), middle, tip, (x - width * 0.3, top + 0.1)], INK)


def draw_tiger(pen: Pen, rng: Random) -> None:
    """Orange, white below, striped all over."""
    coat = hsv(rng.uniform(0.045, 0.07), rng.uniform(0.72, 0.86), rng.uniform(0.85, 0.97))
    head, stride = _walker(pen, rng, coat, (252, 240, 224), INK)
    for column in range(9):
        x = -0.34 + column * 0.13 + rng.uniform(-0.02, 0.02)
        top = -0.27 + 0.05 * (1 - abs(column - 4) / 4)
        length, lean = rng.uniform(0.22, 0.34), rng.uniform(-0.05, 0.05)
        _stripe(pen, x, top, length, lean, rng.uniform(0.026, 0.038))
        pen.stroke([(x + 0.05, 0.19), (x + 0.07, 0.06)], 0.035, INK, 0.008)
    for x, step in ((-0.4, stride[0]), (0.66, stride[1])):
        for y in (0.28, 0.4, 0.52, 0.62):
            along = x + step * (y - 0.12) / 0.6
            pen.stroke([(along - 0.09, y), (along + 0.03, y + 0.02)], 0.04, INK, 0.012)
    _head(head, coat, (255, 246, 232), (222, 186, 84), rng.uniform(-1, 1))
    for lean in (-0.09, 0.0, 0.09):
        head.stroke([(lean * 1.2, -0.31), (lean * 0.7, -0.16)], 0.045, INK, 0.015)
    for side in (-1, 1):
        for y in (-0.06, 0.05, 0.16):
            head.stroke([(side * 0.34, y), (side * 0.22, y + 0.01)], 0.04, INK, 0.01)
