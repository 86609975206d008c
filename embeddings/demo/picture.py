"""One picture: a scene, a thing in it, its shadow, some clutter, light and grain."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageFilter

from embeddings.demo.light import cast_shadow, finish, hover_shadow, round_off
from embeddings.demo.pen import Pen
from embeddings.demo.plants import draw_flower, draw_mushroom, draw_tuft
from embeddings.demo.scenes import paint_scene
from embeddings.demo.words import Kind

SIZE = 176  # px, of the finished picture
_OVER = 2  # drawn larger, then reduced: that smooths all edges
_CLUTTER = (draw_tuft, draw_flower, draw_mushroom)
_FLAT = ("table", "room", "studio", "deep", "heights", "lake")  # where nothing grows


def paint(kind: Kind, rng: Random) -> Image.Image:
    """Paint one picture of ``kind``; the same ``rng`` state gives the same picture."""
    side = SIZE * _OVER
    scene_name = rng.choice(kind.scenes)
    scene, time, horizon = paint_scene(scene_name, side, side, rng)
    sun = rng.uniform(-1, 1)
    clutter = 0 if scene_name in _FLAT else rng.choice((0, 0, 1, 1, 2, 3))
    for _ in range(clutter):
        scene = _beside(scene, horizon, sun, rng)
    scene = _with(scene, kind, horizon, sun, rng)
    return finish(scene, time.tint, rng).resize((SIZE, SIZE), Image.Resampling.BOX)


def _with(scene: Image.Image, kind: Kind, horizon: float, sun: float, rng: Random) -> Image.Image:
    side = scene.width
    scale = side * rng.uniform(0.26, 0.36)
    x = side * (0.5 + rng.uniform(-0.13, 0.13))
    low = min(0.93, max(horizon + 0.12, 0.72) + rng.uniform(0, 0.14))
    y = side * low - scale * 0.85 if kind.ground else side * (0.5 + rng.uniform(-0.1, 0.1))
    thing = Image.new("RGBA", scene.size, (0, 0, 0, 0))
    turn = rng.uniform(-kind.turn, kind.turn)
    kind.draw(Pen(thing, x, y, scale, turn, rng.random() < 0.5), rng)
    thing = round_off(thing, sun, rng.uniform(0.25, 0.6))
    strength = rng.uniform(0.25, 0.5)
    if kind.ground:
        scene = cast_shadow(scene, thing, round(y + scale * 0.82), sun, strength)
    else:
        scene = hover_shadow(scene, thing, round(scale * 0.09), sun, strength * 0.7)
    scene.paste(thing, (0, 0), thing)
    return scene


def _beside(scene: Image.Image, horizon: float, sun: float, rng: Random) -> Image.Image:
    """Put something small somewhere on the ground, a little out of focus."""
    side = scene.width
    scale = side * rng.uniform(0.06, 0.11)
    x = side * rng.uniform(0.03, 0.97)
    y = side * rng.uniform(min(0.9, horizon + 0.15), 0.97) - scale * 0.8
    thing = Image.new("RGBA", scene.size, (0, 0, 0, 0))
    rng.choice(_CLUTTER)(Pen(thing, x, y, scale), rng)
    thing = thing.filter(ImageFilter.BoxBlur(0.8))
    scene = cast_shadow(scene, thing, round(y + scale * 0.85), sun, 0.25)
    scene.paste(thing, (0, 0), thing)
    return scene
