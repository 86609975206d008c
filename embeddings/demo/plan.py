"""Plan of the demo data set: its labels, the kinds under each, and the scenes of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from embeddings.demo.drawings import (
    afloat,
    animals,
    birds,
    cats,
    gadgets,
    home,
    plants,
    vehicles,
)
from embeddings.demo.pen import Pen

_OUTSIDE = ("meadow", "street", "shore", "woods", "meadow", "studio")
_INSIDE = ("table", "room", "studio", "table", "meadow", "shore")
_AIR = ("heights", "meadow", "lake", "street", "woods", "studio")
_WATER = ("lake", "lake", "shore", "lake", "studio")
_ANYWHERE = ("meadow", "street", "room", "table", "studio", "shore", "woods")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: how it is drawn, where, and how it stands.

    ``foot`` is the y of its lowest point in its own box, where its shadow begins; None for what
    lies flat or flies. ``turn`` is the largest turn in degrees, ``size`` a factor on its scale.
    """

    draw: Callable[[Pen, Random], None]
    scenes: tuple[str, ...]
    foot: float | None
    turn: float = 7.0
    size: float = 1.0


KINDS = {
    "jaguar (animal)": Kind(cats.draw_jaguar, _OUTSIDE, 0.78),
    "jaguar (car)": Kind(vehicles.draw_jaguar_car, _OUTSIDE, 0.55, 4.0),
    "crane (bird)": Kind(birds.draw_crane_bird, _OUTSIDE, 0.96),
    "crane (machine)": Kind(vehicles.draw_crane_machine, _OUTSIDE, 0.5, 4.0, 1.05),
    "mouse (animal)": Kind(animals.draw_mouse, _ANYWHERE, 0.62),
    "mouse (device)": Kind(gadgets.draw_mouse_device, _INSIDE, None, 40.0, 0.9),
    "bat (animal)": Kind(animals.draw_bat, _AIR, None, 18.0),
    "bat (club)": Kind(gadgets.draw_bat_club, _ANYWHERE, None, 50.0),
    "car": Kind(vehicles.draw_car, _OUTSIDE, 0.55, 4.0),
    "tiger": Kind(cats.draw_tiger, _OUTSIDE, 0.78),
    "duck": Kind(birds.draw_duck, _OUTSIDE, 0.81),
    "keyboard": Kind(gadgets.draw_keyboard, _INSIDE, None, 18.0),
    "truck": Kind(vehicles.draw_truck, _OUTSIDE, 0.55, 4.0),
    "racket": Kind(gadgets.draw_racket, _ANYWHERE, None, 50.0),
    "guitar": Kind(gadgets.draw_guitar, _ANYWHERE, None, 22.0, 0.84),
    "flower": Kind(plants.draw_flower, _ANYWHERE, 0.95, 9.0),
    "tree": Kind(plants.draw_tree, _OUTSIDE, 0.96, 3.0),
    "mushroom": Kind(plants.draw_mushroom, _ANYWHERE, 0.92),
    "house": Kind(home.draw_house, _OUTSIDE, 0.81, 3.0),
    "cup": Kind(home.draw_cup, _INSIDE, 0.84, 4.0),
    "clock": Kind(home.draw_clock, _INSIDE, 0.87, 6.0, 0.92),
    "umbrella": Kind(home.draw_umbrella, _ANYWHERE, None, 20.0, 0.95),
    "fish": Kind(animals.draw_fish, ("deep", "deep", "shore", "studio", "deep"), None, 14.0),
    "boat": Kind(afloat.draw_boat, _WATER, 0.7, 6.0),
    "balloon": Kind(afloat.draw_balloon, _AIR, None, 7.0),
}

# label -> how many pictures of each kind; two kinds under one label are to be found
LABELS: dict[str, dict[str, int]] = {
    "jaguar": {"jaguar (animal)": 91, "jaguar (car)": 39},
    "crane": {"crane (bird)": 90, "crane (machine)": 30},
    "mouse": {"mouse (animal)": 78, "mouse (device)": 47},
    "bat": {"bat (animal)": 96, "bat (club)": 24},
    "car": {"car": 110},
    "tiger": {"tiger": 95},
    "duck": {"duck": 90},
    "keyboard": {"keyboard": 92},
    "truck": {"truck": 96},
    "racket": {"racket": 88},
    "guitar": {"guitar": 84},
    "flower": {"flower": 98},
    "tree": {"tree": 86},
    "mushroom": {"mushroom": 88},
    "house": {"house": 94},
    "cup": {"cup": 90},
    "clock": {"clock": 86},
    "umbrella": {"umbrella": 84},
    "fish": {"fish": 92},
    "boat": {"boat": 90},
    "balloon": {"balloon": 84},
}


def splits() -> tuple[str, ...]:
    """The labels that hide two kinds."""
    return tuple(label for label, kinds in LABELS.items() if len(kinds) > 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to draw: its file below the root, its label, and what it truly shows."""

    file: str
    label: str
    kind: str

    @property
    def type(self) -> str:
        """``hidden`` where its label holds two kinds, else ``pure``."""
        return "hidden" if len(LABELS[self.label]) > 1 else "pure"


def plan(seed: int) -> tuple[Picture, ...]:
    """Every picture of the set with ``seed``, by label; numbers are dealt out in no order."""
    pictures: list[Picture] = []
    for label, kinds in LABELS.items():
        deck = [kind for kind, count in kinds.items() for _ in range(count)]
        Random(f"{seed}/{label}").shuffle(deck)
        pictures += [
            Picture(f"images/{label}/{number:04d}.jpg", label, kind)
            for number, kind in enumerate(deck)
        ]
    return tuple(pictures)
