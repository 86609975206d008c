"""What a page is: an address, a title, a view, a layout, and what of it follows its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from explorer.components import Place
from explorer.data import Dataset, Services

if TYPE_CHECKING:
    from dash import Dash

View = TypeVar("View")
Part = tuple[str, str]  # the id of a component, and one of its properties


class NotThereError(Exception):
    """The address names a page that exists, of something that does not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is drawn from: the services, the address, and ``values`` of a redraw's inputs."""

    at_hand: Services
    place: Place
    values: tuple[Any, ...] = ()

    @property
    def dataset(self) -> Dataset:
        """The data set that is looked at."""
        return self.at_hand.dataset

    @property
    def run(self) -> str:
        """The run that stands in every address."""
        return self.dataset.run_id

    @property
    def search(self) -> str:
        """What the address says behind the question mark."""
        return self.place.search


@dataclass(frozen=True, slots=True)
class Redraw(Generic[View]):
    """What is drawn anew when the address of a page changes behind the question mark.

    ``parts`` gives a value for each of ``outputs``; ``inputs`` are properties that have it drawn
    anew as well.
    """

    outputs: tuple[Part, ...]
    parts: Callable[[View, Asked], tuple[Any, ...]]
    inputs: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[View]):
    """One page.

    Parameters
    ----------
    path
        Its address. One that ends in a slash stands for all addresses below it.
    title
        In the window; where it depends on what is shown, a function of the view.
    view
        Makes the view model. Raises ``NotThereError`` where there is nothing to show.
    layout
        Makes the components.
    also
        Further addresses.
    redraw
        What follows the address once the page is drawn.
    callbacks
        Adds callbacks of its own to an app.
    """

    path: str
    title: str | Callable[[View], str]
    view: Callable[[Asked], View]
    layout: Callable[[View, Asked], Any]
    also: tuple[str, ...] = ()
    redraw: Redraw[View] | None = None
    callbacks: Callable[[Dash], None] | None = None

    def holds(self, pathname: str) -> bool:
        """Say whether this page is at an address."""
        below = self.path.endswith("/") and pathname != self.path
        return pathname in (self.path, *self.also) if not below else pathname.startswith(self.path)

    def title_of(self, view: View) -> str:
        """Return the title of what is shown."""
        return self.title if isinstance(self.title, str) else self.title(view)
