"""Backgrounds: where a thing stands. None belongs to one kind alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageFilter

from embeddings.demo.pen import CREAM, Colour, Pen, dark, hsv, light, lively, mix, near


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: the sky from ``top`` to ``low``, and how it colours what it shines on."""

    top: Colour
    low: Colour
    tint: tuple[float, float, float]  # gain of red, green and blue
    haze: float  # share of the sky in what is far away


TIMES = (
    Time((98, 168, 222), (214, 236, 240), (1.00, 1.00, 1.00), 0.25),
    Time((122, 188, 226), (252, 240, 214), (1.04, 1.01, 0.94), 0.30),
    Time((146, 160, 208), (255, 206, 150), (1.08, 0.98, 0.84), 0.35),
    Time((96, 86, 152), (246, 158, 130), (1.00, 0.88, 0.90), 0.40),
    Time((44, 54, 110), (134, 132, 186), (0.80, 0.84, 1.04), 0.45),
    Time((164, 176, 188), (222, 224, 220), (0.95, 0.97, 1.00), 0.50),
)


def ramp(width: int, height: int, top: Colour, low: Colour) -> Image.Image:
    """A picture that goes from ``top`` to ``low``."""
    strip = Image.new("RGB", (1, 2), top)
    strip.putpixel((0, 1), low)
    return strip.resize((width, height), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


@dataclass(slots=True)
class Stage:
    """A background in the making. ``edge`` is half the width, in half heights."""

    image: Image.Image
    pen: Pen
    edge: float
    horizon: float  # y in [-1, 1]
    time: Time

    def band(self, y: float, low: float, top: Colour, bottom: Colour) -> None:
        """Fill from ``y`` down to ``low`` with a ramp."""
        w, h = self.image.size
        a, b = round((y + 1) / 2 * h), round((low + 1) / 2 * h)
        if b > a:
            self.image.paste(ramp(w, b - a, top, bottom), (0, a))

    def far(self, colour: Colour, more: float = 0.0) -> Colour:
        """``colour`` as it looks from far away."""
        return mix(colour, self.time.low, min(0.9, self.time.haze + more))


def _cloud(stage: Stage, rng: Random) -> None:
    x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(-0.95, stage.horizon - 0.35)
    size = rng.uniform(0.12, 0.26)
    white = mix(stage.time.low, (255, 255, 255), rng.uniform(0.3, 0.75))
    for step in range(-2, 3):
        puff = size * (1 - 0.22 * abs(step)) * rng.uniform(0.75, 1.1)
        stage.pen.oval(x + step * size * 0.75, y - puff * 0.3, puff, puff * 0.62, white)


def _sky(stage: Stage, rng: Random) -> None:
    stage.band(-1, max(stage.horizon, -0.9), stage.time.top, stage.time.low)
    if rng.random() < 0.4:
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(-0.9, stage.horizon - 0.1)
        glow = mix(stage.time.low, (255, 246, 214), 0.75)
        for radius, share in ((0.3, 0.25), (0.2, 0.5), (0.12, 1.0)):
            stage.pen.dot(x, y, radius, mix(stage.time.low, glow, share))
    for _ in range(rng.randrange(4)):
        _cloud(stage, rng)


def _hills(stage: Stage, rng: Random, colour: Colour, rows: int = 2) -> None:
    for row in range(rows):
        height = rng.uniform(0.1, 0.4) * (1 - 0.35 * row)
        tone = stage.far(near(rng, colour, 0.04), 0.25 * (rows - 1 - row))
        steps = 6
        crest = [
            (
                -stage.edge * 1.2 + 2.4 * stage.edge * i / steps,
                stage.horizon - height * rng.uniform(0.15, 1),
            )
            for i in range(steps + 1)
        ]
        foot = [(stage.edge * 1.5, stage.horizon + 0.3), (-stage.edge * 1.5, stage.horizon + 0.3)]
        stage.pen.blob(crest + foot, tone)


def _tufts(stage: Stage, rng: Random, colour: Colour, count: int) -> None:
    for _ in range(count):
        depth = rng.random()
        x = rng.uniform(-stage.edge, stage.edge)
        y = stage.horizon + 0.06 + depth * (1 - stage.horizon)
        size = 0.04 + 0.09 * depth
        tone = mix(colour, (240, 240, 150) if rng.random() < 0.5 else (20, 60, 50), 0.22)
        for lean in (-0.5, 0.0, 0.5):
            stage.pen.poly(
                [(x - size * 0.2, y), (x + size * 0.2, y), (x + lean * size, y - size)], tone
            )


def _meadow(stage: Stage, rng: Random) -> None:
    grass = hsv(rng.uniform(0.19, 0.36), rng.uniform(0.35, 0.62), rng.uniform(0.55, 0.78))
    _sky(stage, rng)
    _hills(stage, rng, mix(grass, (90, 130, 120), 0.4))
    stage.band(stage.horizon, 1, stage.far(light(grass, 0.2)), dark(grass, 0.18))
    _tufts(stage, rng, grass, rng.randrange(8, 26))
    for _ in range(rng.randrange(9)):
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(stage.horizon + 0.1, 1)
        stage.pen.dot(x, y, 0.022, lively(rng))


def _street(stage: Stage, rng: Random) -> None:
    _sky(stage, rng)
    x = -stage.edge
    while x < stage.edge:
        width, top = rng.uniform(0.22, 0.5), stage.horizon - rng.uniform(0.4, 1.2)
        wall = stage.far(hsv(rng.random(), rng.uniform(0.1, 0.4), rng.uniform(0.5, 0.9)))
        middle = (top + stage.horizon) / 2
        stage.pen.block(x + width / 2, middle, width / 2, (stage.horizon - top) / 2, wall)
        pane = mix(wall, (255, 226, 150), 0.55) if rng.random() < 0.5 else dark(wall, 0.25)
        for row in range(int((stage.horizon - top) / 0.2)):
            for column in range(int(width / 0.13)):
                stage.pen.block(x + 0.09 + column * 0.12, top + 0.12 + row * 0.2, 0.03, 0.05, pane)
        x += width
    road = hsv(rng.uniform(0.55, 0.75), rng.uniform(0.03, 0.14), rng.uniform(0.4, 0.66))
    stage.band(stage.horizon, 1, light(road, 0.2), dark(road, 0.12))
    kerb = stage.horizon + rng.uniform(0.08, 0.16)
    stage.pen.block(0, kerb, stage.edge * 1.1, 0.025, light(road, 0.45))
    for step in range(-3, 4):
        stage.pen.block(step * 0.6 + rng.uniform(-0.1, 0.1), 0.94, 0.14, 0.018, light(road, 0.6))


def _room(stage: Stage, rng: Random) -> None:
    wall = hsv(rng.random(), rng.uniform(0.08, 0.42), rng.uniform(0.6, 0.93))
    wood = hsv(rng.uniform(0.04, 0.1), rng.uniform(0.25, 0.55), rng.uniform(0.5, 0.82))
    stage.band(-1, stage.horizon, light(wall, 0.2), wall)
    if rng.random() < 0.5:
        stripe, gap = mix(wall, CREAM, 0.25), rng.uniform(0.16, 0.4)
        for step in range(-9, 10):
            stage.pen.block(step * gap, -0.4, gap * 0.22, 1.4, stripe)
    for _ in range(rng.randrange(3)):
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(-0.8, stage.horizon - 0.5)
        w, h = rng.uniform(0.14, 0.28), rng.uniform(0.14, 0.28)
        stage.pen.block(x, y, w + 0.035, h + 0.035, dark(wood, 0.15))
        stage.pen.block(x, y, w, h, lively(rng) if rng.random() < 0.4 else stage.time.low)
        stage.pen.oval(x + w * 0.2, y + h * 0.5, w * 0.6, h * 0.3, mix(wall, lively(rng), 0.5))
    stage.band(stage.horizon, 1, light(wood, 0.12), dark(wood, 0.15))
    stage.pen.block(0, stage.horizon, stage.edge * 1.1, 0.025, light(wall, 0.55))
    for step in range(1, 5):
        y = stage.horizon + (1 - stage.horizon) * (step / 5) ** 1.3
        stage.pen.block(0, y, stage.edge * 1.1, 0.006, dark(wood, 0.2))


def _table(stage: Stage, rng: Random) -> None:
    stage.horizon -= 0.25
    wall = hsv(rng.random(), rng.uniform(0.05, 0.4), rng.uniform(0.5, 0.9))
    stage.band(-1, stage.horizon, dark(wall, 0.12), light(wall, 0.15))
    for _ in range(rng.randrange(2, 6)):
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(-0.9, stage.horizon)
        stage.pen.dot(x, y, rng.uniform(0.06, 0.22), mix(wall, lively(rng), rng.uniform(0.1, 0.4)))
    top = hsv(rng.random(), rng.uniform(0.1, 0.45), rng.uniform(0.55, 0.92))
    stage.band(stage.horizon, 1, light(top, 0.15), dark(top, 0.1))
    if rng.random() < 0.5:
        weave = mix(top, CREAM, 0.4)
        for step in range(-5, 6):
            stage.pen.line((step * 0.2, stage.horizon), (step * 0.55, 1.05), 0.05, weave)
        for step in range(1, 5):
            y = stage.horizon + (1 - stage.horizon) * (step / 5) ** 1.4
            stage.pen.block(0, y, stage.edge * 1.1, 0.012 + 0.006 * step, weave)


def _studio(stage: Stage, rng: Random) -> None:
    tone = hsv(rng.random(), rng.uniform(0.12, 0.5), rng.uniform(0.62, 0.95))
    stage.band(-1, stage.horizon, dark(tone, 0.1), light(tone, 0.25))
    stage.band(stage.horizon, 1, light(tone, 0.25), tone)
    other = mix(tone, lively(rng), 0.3)
    x, y = rng.uniform(-0.8, 0.8), rng.uniform(-0.5, 0.3)
    stage.pen.dot(x, y, rng.uniform(0.4, 0.9), mix(light(tone, 0.3), other, 0.35))


def _shore(stage: Stage, rng: Random) -> None:
    _sky(stage, rng)
    if rng.random() < 0.5:
        _hills(stage, rng, (110, 130, 130), rows=1)
    sea = hsv(rng.uniform(0.48, 0.6), rng.uniform(0.35, 0.65), rng.uniform(0.55, 0.8))
    sand = hsv(rng.uniform(0.08, 0.13), rng.uniform(0.2, 0.42), rng.uniform(0.8, 0.95))
    line = stage.horizon + (1 - stage.horizon) * rng.uniform(0.2, 0.6)
    stage.band(stage.horizon, line, stage.far(sea), sea)
    for _ in range(14):
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(stage.horizon + 0.02, line)
        stage.pen.block(x, y, rng.uniform(0.05, 0.18), 0.008, light(sea, 0.45))
    stage.band(line, 1, light(sand, 0.25), dark(sand, 0.08))
    stage.pen.block(0, line, stage.edge * 1.1, 0.016, (250, 250, 244))


def _woods(stage: Stage, rng: Random) -> None:
    leaf = hsv(rng.uniform(0.16, 0.45), rng.uniform(0.25, 0.5), rng.uniform(0.4, 0.7))
    stage.band(-1, stage.horizon, mix(leaf, stage.time.low, 0.55), light(leaf, 0.35))
    for row in range(2):
        for _ in range(6 - row):
            x, width = rng.uniform(-stage.edge, stage.edge), rng.uniform(0.03, 0.09) * (1 + row)
            bark = stage.far(mix((98, 76, 66), leaf, 0.3), 0.25 * (1 - row))
            lean = rng.uniform(-0.1, 0.1)
            stage.pen.line((x + lean, -1.1), (x, stage.horizon + 0.1), width, bark)
    for _ in range(9):
        x, y = rng.uniform(-stage.edge, stage.edge), rng.uniform(-1.05, -0.5)
        stage.pen.oval(x, y, rng.uniform(0.15, 0.4), rng.uniform(0.1, 0.25), near(rng, leaf, 0.06))
    stage.band(stage.horizon, 1, light(mix(leaf, (150, 120, 80), 0.35), 0.15), dark(leaf, 0.25))
    _tufts(stage, rng, leaf, rng.randrange(6, 20))


def _heights(stage: Stage, rng: Random) -> None:
    stage.horizon = rng.uniform(0.75, 1.0)
    _sky(stage, rng)
    for _ in range(rng.randrange(1, 4)):
        _cloud(stage, rng)
    _hills(stage, rng, hsv(rng.uniform(0.2, 0.6), 0.3, 0.6))
    ground = stage.far((120, 140, 110))
    stage.band(stage.horizon, 1, ground, ground)


def _lake(stage: Stage, rng: Random) -> None:
    _sky(stage, rng)
    _hills(stage, rng, hsv(rng.uniform(0.22, 0.55), 0.35, 0.55))
    sea = hsv(rng.uniform(0.47, 0.61), rng.uniform(0.3, 0.6), rng.uniform(0.5, 0.8))
    stage.band(stage.horizon, 1, stage.far(light(sea, 0.2)), dark(sea, 0.2))
    for _ in range(26):
        depth = rng.random()
        x, y = rng.uniform(-stage.edge, stage.edge), stage.horizon + depth * (1 - stage.horizon)
        tone = light(sea, 0.4) if rng.random() < 0.7 else dark(sea, 0.2)
        stage.pen.oval(x, y, 0.05 + 0.14 * depth, 0.006 + 0.01 * depth, tone)


def _deep(stage: Stage, rng: Random) -> None:
    sea = hsv(rng.uniform(0.46, 0.62), rng.uniform(0.4, 0.7), rng.uniform(0.6, 0.85))
    stage.band(-1, 1, light(sea, 0.4), dark(sea, 0.35))
    for _ in range(4):
        x, lean = rng.uniform(-1, 1), rng.uniform(0.1, 0.5)
        beam = [(x, -1.1), (x + 0.2, -1.1), (x + lean + 0.45, 0.7), (x + lean, 0.7)]
        stage.pen.poly(beam, mix(light(sea, 0.5), sea, 0.55))
    sand = mix((226, 206, 160), sea, 0.4)
    floor = [(-1.6, 0.85), (-0.5, rng.uniform(0.65, 0.85)), (0.5, rng.uniform(0.7, 0.9))]
    stage.pen.blob([*floor, (1.6, 0.8), (1.7, 1.6), (-1.7, 1.6)], sand)
    for _ in range(rng.randrange(3, 8)):
        x, bend, top = rng.uniform(-1.1, 1.1), rng.uniform(-0.2, 0.2), rng.uniform(0.1, 0.6)
        weed = mix(hsv(rng.uniform(0.2, 0.5), 0.5, 0.55), sea, 0.3)
        path = [(x, 1.0), (x + bend, (top + 1) / 2), (x - bend * 0.6, top)]
        stage.pen.stroke(path, 0.07, weed, 0.02)
    for _ in range(rng.randrange(4, 12)):
        radius = rng.uniform(0.015, 0.045)
        x, y = rng.uniform(-1.1, 1.1), rng.uniform(-0.95, 0.6)
        stage.pen.ring(x, y, radius, 0.012, light(sea, 0.65))


SCENES: dict[str, Callable[[Stage, Random], None]] = {
    "meadow": _meadow,
    "street": _street,
    "room": _room,
    "table": _table,
    "studio": _studio,
    "shore": _shore,
    "woods": _woods,
    "heights": _heights,
    "lake": _lake,
    "deep": _deep,
}


def paint_scene(name: str, width: int, height: int, rng: Random) -> tuple[Image.Image, Time, float]:
    """Paint a background, softly out of focus.

    Returns
    -------
    The picture, the time of day it was painted at, and its horizon as a share of the height.
    """
    image = Image.new("RGB", (width, height))
    time = rng.choice(TIMES)
    pen = Pen(image, width / 2, height / 2, height / 2)
    stage = Stage(image, pen, width / height, rng.uniform(-0.05, 0.4), time)
    SCENES[name](stage, rng)
    soft = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.9, 2.2)))
    return soft, time, (stage.horizon + 1) / 2
