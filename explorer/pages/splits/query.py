"""What the address of the Splits page asks for: filters and the order."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlencode

from explorer.components import asked_in

SHOWS: Final = {
    "": ("All", ("two kinds", "perhaps two", "one kind")),
    "two": ("Two kinds", ("two kinds",)),
    "perhaps": ("Perhaps two", ("perhaps two",)),
    "one": ("One kind", ("one kind",)),
}
DONE: Final = {"": "any", "no": "not yet", "yes": "decided"}
SORTS: Final = {"": "score", "size": "size", "name": "name"}


@dataclass(frozen=True, slots=True)
class Query:
    """Filters; the defaults show everything, surest first."""

    show: str = ""
    sort: str = ""
    q: str = ""
    done: str = ""  # whether anything of the label is decided
    least: int = 0  # images of a label
    low: float = 0.0  # scores
    high: float = 1.0

    def link(self, **changes: object) -> str:
        """Return the address with some of it changed; defaults are left out."""
        values = asdict(self) | changes
        kept = {k: v for k, v in values.items() if v != DEFAULTS[k]}
        return f"/splits?{urlencode(kept)}" if kept else "/splits"


DEFAULTS: Final = asdict(Query())


def read_query(search: str) -> Query:
    """Read an address; what makes no sense is left at its default."""
    given = asked_in(search)
    return Query(
        show=given.get("show", "") if given.get("show") in SHOWS else "",
        sort=given.get("sort", "") if given.get("sort") in SORTS else "",
        q=given.get("q", "")[:200],
        done=given.get("done", "") if given.get("done") in DONE else "",
        least=int(_number(given.get("least"), 0, 0, 1e9)),
        low=_number(given.get("low"), 0.0, 0.0, 1.0),
        high=_number(given.get("high"), 1.0, 0.0, 1.0),
    )


def _number(text: str | None, default: float, low: float, high: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if low <= value <= high else default
