"""The words of the demo: which drawings stand under each label, and where they may stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from embeddings.demo import afloat, animals, birds, cats, gadgets, home, plants, vehicles
from embeddings.demo.pen import Pen

Draw = Callable[[Pen, Random], None]

LAND: Final = ("meadow", "street", "woods", "shore")
INDOORS: Final = ("table", "room", "studio")
ANYWHERE: Final = (*LAND, *INDOORS)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: how it is drawn, and the scenes it may stand in.

    ``ground``: it stands on something and throws a shadow there; else it hovers before a plane.
    """

    name: str
    draw: Draw
    scenes: tuple[str, ...]
    count: int
    ground: bool = True
    turn: float = 5.0  # degrees either way


@dataclass(frozen=True, slots=True)
class Word:
    """A label, and the kinds that it means; the first is the main one."""

    label: str
    kinds: tuple[Kind, ...]


def _one(
    label: str,
    draw: Draw,
    scenes: tuple[str, ...],
    count: int = 115,
    *,
    ground: bool = True,
    turn: float = 5.0,
) -> Word:
    return Word(label, (Kind(label, draw, scenes, count, ground, turn),))


WORDS: Final = (
    Word(
        "jaguar",
        (
            Kind("jaguar_animal", cats.draw_jaguar, LAND, 90),
            Kind("jaguar_car", vehicles.draw_jaguar_car, LAND, 38),
        ),
    ),
    Word(
        "crane",
        (
            Kind("crane_bird", birds.draw_crane_bird, (*LAND, "lake"), 85),
            Kind("crane_machine", vehicles.draw_crane_machine, LAND, 30),
        ),
    ),
    Word(
        "mouse",
        (
            Kind("mouse_animal", animals.draw_mouse, ANYWHERE, 80),
            Kind("mouse_device", gadgets.draw_mouse_device, INDOORS, 42, ground=False, turn=35),
        ),
    ),
    Word(
        "bat",
        (
            Kind("bat_animal", animals.draw_bat, ("heights", "woods"), 95, False, 15),
            Kind("bat_club", gadgets.draw_bat_club, ANYWHERE, 16, False, 40),
        ),
    ),
    _one("car", vehicles.draw_car, LAND),
    _one("tiger", cats.draw_tiger, LAND),
    _one("duck", birds.draw_duck, ("lake", "shore", "meadow")),
    _one("fish", animals.draw_fish, ("deep",), ground=False, turn=15),
    _one("truck", vehicles.draw_truck, LAND),
    _one("boat", afloat.draw_boat, ("lake",), turn=6),
    _one("balloon", afloat.draw_balloon, ("heights",), ground=False, turn=6),
    _one("flower", plants.draw_flower, ("meadow", "table", "woods"), turn=8),
    _one("tree", plants.draw_tree, LAND),
    _one("mushroom", plants.draw_mushroom, ("woods", "meadow")),
    _one("house", home.draw_house, LAND, turn=2),
    _one("cup", home.draw_cup, INDOORS),
    _one("clock", home.draw_clock, ("room", "studio"), ground=False),
    _one("umbrella", home.draw_umbrella, ANYWHERE, ground=False, turn=15),
    _one("guitar", gadgets.draw_guitar, ANYWHERE, ground=False, turn=30),
    _one("keyboard", gadgets.draw_keyboard, INDOORS, ground=False, turn=12),
    _one("racket", gadgets.draw_racket, ANYWHERE, ground=False, turn=35),
)
