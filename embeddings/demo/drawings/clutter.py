"""Small things that lie about in any picture, and say nothing of its kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image

from embeddings.demo import light as lighting
from embeddings.demo.drawings.scenes import Time
from embeddings.demo.pen import CREAM, Pen, dark, hsv, light, lively, mix, near


def _pebble(pen: Pen, rng: Random) -> None:
    stone = hsv(rng.uniform(0.05, 0.7), rng.uniform(0.04, 0.18), rng.uniform(0.45, 0.8))
    wide, tall = rng.uniform(0.6, 1.0), rng.uniform(0.4, 0.6)
    pen.blob([(-wide, tall), (-wide * 0.7, -tall * 0.6), (0.1, -tall), (wide, tall)], stone)
    pen.oval(-0.15, -tall * 0.4, wide * 0.3, tall * 0.22, light(stone, 0.4))


def _leaf(pen: Pen, rng: Random) -> None:
    green = hsv(rng.uniform(0.04, 0.4), rng.uniform(0.45, 0.75), rng.uniform(0.5, 0.85))
    leaf = pen.at(0, 0.3, 1.0, rng.uniform(0, 360))
    leaf.blob([(-1, 0), (-0.3, -0.42), (0.6, -0.25), (1, 0), (0.6, 0.25), (-0.3, 0.42)], green)
    leaf.stroke([(-1.2, 0), (0, 0.03), (0.8, 0)], 0.08, dark(green, 0.3), 0.03)


def _daisy(pen: Pen, rng: Random) -> None:
    petal = mix(lively(rng), CREAM, rng.uniform(0.2, 0.8))
    pen.stroke([(0, 1.0), (0.08, 0.3), (0, -0.4)], 0.16, (98, 146, 82), 0.1)
    for i in range(5):
        pen.at(0, -0.45, 1, i * 72).oval(0.34, 0, 0.3, 0.2, petal)
    pen.dot(0, -0.45, 0.2, (242, 196, 84))


def _tuft(pen: Pen, rng: Random) -> None:
    green = hsv(rng.uniform(0.18, 0.4), rng.uniform(0.35, 0.6), rng.uniform(0.4, 0.7))
    for i in range(7):
        x = (i - 3) * 0.2
        tip = (x * 1.9 + rng.uniform(-0.15, 0.15), rng.uniform(-1.1, -0.2))
        pen.poly([(x - 0.1, 0.7), (x + 0.1, 0.7), tip], near(rng, green, 0.05))


def _ball(pen: Pen, rng: Random) -> None:
    paint = lively(rng)
    pen.dot(0, 0, 0.8, paint)
    pen.stroke([(-0.5, -0.6), (0.1, 0), (-0.5, 0.6)], 0.22, light(paint, 0.7))
    pen.stroke([(0.72, -0.3), (0.45, 0), (0.72, 0.3)], 0.18, light(paint, 0.7))


def _pencil(pen: Pen, rng: Random) -> None:
    paint, wood = lively(rng), (232, 200, 152)
    stick = pen.at(0, 0.3, 1.3, rng.uniform(-40, 40))
    stick.block(-0.2, 0, 0.8, 0.11, paint)
    stick.block(-0.2, -0.03, 0.8, 0.03, light(paint, 0.4))
    stick.poly([(0.6, -0.11), (1.0, 0), (0.6, 0.11)], wood)
    stick.poly([(0.88, -0.035), (1.0, 0), (0.88, 0.035)], dark(paint, 0.5))
    stick.block(-1.08, 0, 0.1, 0.11, (226, 138, 138), 0.05)


def _apple(pen: Pen, rng: Random) -> None:
    skin = hsv(rng.choice((0.0, 0.14, 0.27)) + rng.gauss(0, 0.02), 0.7, rng.uniform(0.7, 0.92))
    pen.blob(
        [
            (0, -0.5),
            (0.5, -0.62),
            (0.8, -0.1),
            (0.4, 0.65),
            (0, 0.6),
            (-0.4, 0.65),
            (-0.8, -0.1),
            (-0.5, -0.62),
        ],
        skin,
    )
    pen.stroke([(0, -0.45), (0.1, -0.95)], 0.12, (98, 70, 52))
    pen.blob([(0.1, -0.8), (0.4, -1.05), (0.65, -0.85), (0.35, -0.7)], (110, 160, 84))
    pen.oval(-0.38, -0.2, 0.14, 0.22, light(skin, 0.6), 20)


def _crate(pen: Pen, rng: Random) -> None:
    tone = mix(lively(rng), (186, 146, 96), rng.uniform(0.3, 1.0))
    pen.block(0, 0, 0.85, 0.7, tone, 0.06)
    for y in (-0.45, 0.0, 0.45):
        pen.block(0, y, 0.78, 0.17, light(tone, 0.18), 0.04)
    for x in (-0.7, 0.7):
        pen.block(x, 0, 0.1, 0.7, dark(tone, 0.12), 0.04)


_THINGS: tuple[Callable[[Pen, Random], None], ...] = (
    _pebble,
    _leaf,
    _daisy,
    _tuft,
    _ball,
    _pencil,
    _apple,
    _crate,
)


def strew(
    scene: Image.Image,
    horizon: float,
    time: Time,
    sun: float,
    hard: float,
    rng: Random,
    *,
    behind: bool,
) -> Image.Image:
    """Strew a few small things on the ground, behind the subject or before it at the edges."""
    width, height = scene.size
    count = rng.choice((0, 1, 1, 2, 3) if behind else (0, 0, 0, 1, 1, 2))
    if count == 0 or horizon > 0.86:
        return scene
    glass = Image.new("RGBA", (width * 2, height * 2))
    lowest = 0.0
    for _ in range(count):
        draw = rng.choice(_THINGS)
        if behind:
            x, y = rng.uniform(0.0, 1.0), rng.uniform(horizon + 0.03, max(horizon + 0.06, 0.8))
            size = rng.uniform(0.035, 0.06) * (0.6 + y)
        else:
            side = rng.choice((-1, 1))
            x, y = 0.5 + side * rng.uniform(0.3, 0.52), rng.uniform(0.88, 0.99)
            size = rng.uniform(0.055, 0.095)
        lowest = max(lowest, y + size * 0.6)
        pen = Pen(glass, x * width * 2, y * height * 2, size * height * 2, rng.uniform(-12, 12))
        draw(pen, rng)
    things = glass.reduce(2)
    scene = lighting.hover_shadow(scene, things, 3, sun, hard * 0.8)
    shaded = lighting.round_off(things, sun, 0.3)
    scene.paste(shaded, mask=shaded.getchannel("A"))
    return scene
