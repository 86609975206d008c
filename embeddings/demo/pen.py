"""A pen that draws smooth shapes in the coordinates of the thing drawn.

A thing is drawn in a box of about [-1, 1] x [-1, 1], y downwards; the pen knows where that box
lies in the picture, how large, how turned, and whether mirrored. Points are complex numbers
inside, so a turn and a scale are one multiplication.
"""

from __future__ import annotations

import cmath
import colorsys
import math
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

INK: Colour = (38, 32, 40)
CREAM: Colour = (250, 243, 228)
WHITE: Colour = (255, 255, 255)

_STEPS = 7  # straight pieces between two points of a curve


def _catmull_rom(steps: int) -> NDArray[np.float64]:
    t = np.linspace(0.0, 1.0, steps, endpoint=False)
    rows = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
    return 0.5 * np.stack(rows, axis=1)


_BASIS = _catmull_rom(_STEPS)
_CIRCLE = np.exp(1j * np.linspace(0, 2 * math.pi, 30, endpoint=False))
_HALF = np.exp(1j * np.linspace(math.pi / 2, 3 * math.pi / 2, 9))


def _complex(points: Sequence[Point]) -> NDArray[np.complex128]:
    return np.array([complex(x, y) for x, y in points])


def _closed(points: Sequence[Point]) -> NDArray[np.complex128]:
    z = _complex(points)
    corners = np.stack([np.roll(z, 1), z, np.roll(z, -1), np.roll(z, -2)])
    curve: NDArray[np.complex128] = (_BASIS @ corners).T.ravel()
    return curve


def _open(points: Sequence[Point]) -> NDArray[np.complex128]:
    z = _complex(points)
    padded = np.concatenate([[2 * z[0] - z[1]], z, [2 * z[-1] - z[-2]]])
    corners = np.stack([padded[i : len(padded) - 3 + i] for i in range(4)])
    return np.concatenate([(_BASIS @ corners).T.ravel(), z[-1:]])


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """``a`` with ``share`` in [0, 1] of ``b`` in it."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def dark(colour: Colour, share: float = 0.3) -> Colour:
    """``colour`` in shade: towards a cool dark, as a painter would, not towards black."""
    return mix(colour, (34, 26, 56), share)


def light(colour: Colour, share: float = 0.3) -> Colour:
    """``colour`` in the light: towards a warm white."""
    return mix(colour, (255, 248, 228), share)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour by hue in turns, saturation and value in [0, 1]; the latter two are clipped."""
    s, v = min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value))
    r, g, b = colorsys.hsv_to_rgb(hue % 1.0, s, v)
    return round(255 * r), round(255 * g), round(255 * b)


def near(rng: Random, colour: Colour, spread: float = 0.06) -> Colour:
    """A colour close to ``colour``: hue, saturation and value each moved a little."""
    h, s, v = colorsys.rgb_to_hsv(colour[0] / 255, colour[1] / 255, colour[2] / 255)
    return hsv(h + rng.gauss(0, spread * 0.35), s + rng.gauss(0, spread), v + rng.gauss(0, spread))


def lively(rng: Random) -> Colour:
    """Any clear, friendly colour."""
    return hsv(rng.random(), rng.uniform(0.45, 0.82), rng.uniform(0.6, 0.95))


class Pen:
    """Draws on an image; ``scale`` px to the unit, turned by ``turn`` degrees, perhaps mirrored."""

    def __init__(
        self,
        image: Image.Image,
        x: float,
        y: float,
        scale: float,
        turn: float = 0.0,
        mirror: bool = False,
    ) -> None:
        self._image = image
        self._draw = ImageDraw.Draw(image)
        self._origin = complex(x, y)
        self._factor = cmath.rect(scale, math.radians(turn))
        self._mirror = mirror

    def at(
        self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, mirror: bool = False
    ) -> Pen:
        """A pen whose box lies at (x, y) of this one's, scaled, turned and mirrored in it."""
        inner = Pen.__new__(Pen)
        inner._image, inner._draw = self._image, self._draw
        inner._origin = complex(self._place(np.array([complex(x, y)]))[0])
        angle = math.radians(-turn if self._mirror else turn)
        inner._factor = self._factor * cmath.rect(scale, angle)
        inner._mirror = self._mirror != mirror
        return inner

    def _place(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        if self._mirror:
            z = -z.conj()
        placed: NDArray[np.complex128] = z * self._factor + self._origin
        return placed

    def _fill(self, z: NDArray[np.complex128], colour: Colour) -> None:
        self._draw.polygon(self._place(z).view(np.float64).tolist(), fill=colour)

    def poly(self, points: Sequence[Point], colour: Colour) -> None:
        """A shape with corners."""
        self._fill(_complex(points), colour)

    def blob(self, points: Sequence[Point], colour: Colour) -> None:
        """A smooth closed shape through ``points``."""
        self._fill(_closed(points), colour)

    def oval(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, turn: float = 0.0
    ) -> None:
        """An ellipse about (x, y), turned by ``turn`` degrees."""
        ring = (_CIRCLE.real * rx + 1j * _CIRCLE.imag * ry) * cmath.rect(1, math.radians(turn))
        self._fill(ring + complex(x, y), colour)

    def dot(self, x: float, y: float, r: float, colour: Colour) -> None:
        """A disc."""
        self._fill(_CIRCLE * r + complex(x, y), colour)

    def ring(self, x: float, y: float, r: float, width: float, colour: Colour) -> None:
        """A circle line of ``width``; what lies inside stays."""
        there = np.append(_CIRCLE, _CIRCLE[:1])
        z = np.concatenate([there * (r + width / 2), there[::-1] * (r - width / 2)])
        self._fill(z + complex(x, y), colour)

    def arch(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """The upper half of an ellipse about (x, y)."""
        t = np.linspace(math.pi, 2 * math.pi, 18)
        self._fill(np.cos(t) * rx + 1j * np.sin(t) * ry + complex(x, y), colour)

    def block(
        self, x: float, y: float, w: float, h: float, colour: Colour, corner: float = 0.0
    ) -> None:
        """A rectangle about (x, y), half-sizes ``w`` and ``h``, with round corners."""
        r = min(corner, w, h)
        if r <= 0:
            self.poly([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], colour)
            return
        quarter = np.exp(1j * np.linspace(0, math.pi / 2, 6)) * r
        inner = (complex(w - r, h - r), complex(r - w, h - r), complex(r - w, r - h))
        sides = [quarter * 1j**i + c for i, c in enumerate((*inner, complex(w - r, r - h)))]
        self._fill(np.concatenate(sides) + complex(x, y), colour)

    def stroke(
        self,
        points: Sequence[Point],
        width: float,
        colour: Colour,
        end: float | None = None,
    ) -> None:
        """A smooth line with round ends through ``points``, growing from ``width`` to ``end``."""
        z = _open(points)
        along = np.gradient(z)
        along /= np.maximum(np.abs(along), 1e-9)
        half = np.linspace(width / 2, (width if end is None else end) / 2, len(z))
        side = 1j * along * half
        head = z[-1] + half[-1] * along[-1] * -_HALF
        tail = z[0] + half[0] * along[0] * _HALF
        self._fill(np.concatenate([z - side, head, (z + side)[::-1], tail]), colour)

    def line(self, a: Point, b: Point, width: float, colour: Colour) -> None:
        """A straight line with flat ends."""
        z, w = complex(*a), complex(*b)
        side = 1j * (w - z) / max(abs(w - z), 1e-9) * width / 2
        self._fill(np.array([z + side, w + side, w - side, z - side]), colour)

    def eye(self, x: float, y: float, r: float, iris: Colour = INK, look: float = 0.0) -> None:
        """A friendly eye with a spark in it; ``look`` moves the pupil sideways."""
        self.dot(x, y, r, iris)
        if iris != INK:
            self.oval(x + look * r * 0.4, y, r * 0.55, r * 0.75, INK)
        self.dot(x - r * 0.3, y - r * 0.35, r * 0.32, WHITE)
