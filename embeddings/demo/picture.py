"""One picture: a scene, a thing in it, its shadow, some clutter, light and grain."""

from __future__ import annotations

import io
from random import Random
from typing import Final

from PIL import Image

from embeddings.demo.drawings.clutter import strew
from embeddings.demo.drawings.scenes import paint_scene
from embeddings.demo.light import cast_shadow, finish, hover_shadow, round_off
from embeddings.demo.pen import Pen
from embeddings.demo.plan import KINDS, Kind

SIZE: Final = 176  # px, of the finished picture
_OVER: Final = 2  # the thing is drawn larger, then reduced: that smooths its edges
_QUALITY: Final = 88


def draw_picture(kind: str, rng: Random) -> Image.Image:
    """Draw one picture of ``kind``, a name of ``plan.KINDS``; equal ``rng``, equal picture."""
    thing_of = KINDS[kind]
    scene, time, horizon = paint_scene(rng.choice(thing_of.scenes), SIZE, SIZE, rng)
    sun, hard = rng.uniform(-1, 1), rng.uniform(0.25, 0.5)
    scene = strew(scene, horizon, time, sun, hard, rng, behind=True)
    scene = _with(scene, thing_of, horizon, sun, hard, rng)
    scene = strew(scene, horizon, time, sun, hard, rng, behind=False)
    return finish(scene, time.tint, rng)


def _with(
    scene: Image.Image, kind: Kind, horizon: float, sun: float, hard: float, rng: Random
) -> Image.Image:
    """Put the thing into the scene, with its shadow under or behind it."""
    scale = SIZE * rng.uniform(0.27, 0.37) * kind.size
    x = SIZE * (0.5 + rng.uniform(-0.13, 0.13))
    if kind.foot is None:
        y = SIZE * (0.5 + rng.uniform(-0.1, 0.1))
    else:
        stands_at = min(0.95, max(horizon + 0.12, 0.72) + rng.uniform(0, 0.14))
        y = SIZE * stands_at - scale * kind.foot
    glass = Image.new("RGBA", (SIZE * _OVER, SIZE * _OVER))
    turn = rng.uniform(-kind.turn, kind.turn)
    pen = Pen(glass, x * _OVER, y * _OVER, scale * _OVER, turn, rng.random() < 0.5)
    kind.draw(pen, rng)
    thing = round_off(glass.reduce(_OVER), sun, rng.uniform(0.25, 0.6))
    if kind.foot is None:
        scene = hover_shadow(scene, thing, max(2, round(scale * 0.09)), sun, hard * 0.7)
    else:
        scene = cast_shadow(scene, thing, round(y + scale * kind.foot), sun, hard)
    scene.paste(thing, mask=thing.getchannel("A"))
    return scene


def encode(image: Image.Image) -> bytes:
    """Return the picture as a JPEG, with every choice fixed."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()
