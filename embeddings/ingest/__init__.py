"""Import decisions of other tools: read them, match them to items, compare them with the store.

>>> from embeddings import ingest
>>> done = ingest.read_decisions("labelled.json", ws.items(), current)  # doctest: +SKIP
>>> done.report.lines(), done.report.changed  # doctest: +SKIP

Nothing is written here. ``report.changed`` holds the new decisions; after a store has them, the
same import finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings.errors import UsageError
from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.ingest.matching import Imported, match
    from embeddings.ingest.records import Answer, Answers, ImportedDecision, ImportReport

__all__ = [
    "FORMATS",
    "Answer",
    "Answers",
    "Format",
    "ImportReport",
    "Imported",
    "ImportedDecision",
    "detect",
    "match",
    "read",
    "read_decisions",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "matching": ("Imported", "match"),
        "records": ("Answer", "Answers", "ImportReport", "ImportedDecision"),
    },
)


@dataclass(frozen=True, slots=True)
class Format:
    """One format that can be read: its ``name`` and a ``help`` of one line."""

    name: str
    help: str

    def reader(self) -> Callable[[Path], Answers]:
        """Import the format and return its ``read(path)``."""
        found: Callable[[Path], Answers] = import_module(f"embeddings.ingest.{self.name}").read
        return found


FORMATS: Final[tuple[Format, ...]] = (
    Format("csv", "a table with file and label, decision, or action and to_label"),
    Format("labelstudio", "an export of Label Studio, JSON or JSON_MIN"),
    Format("fiftyone", "labels.json of a FiftyOneImageClassificationDataset"),
)


def detect(path: Path) -> str:
    """Say which format a file is in: by its suffix, and for JSON by its outermost bracket.

    Raises
    ------
    UsageError
        By neither.
    """
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return "csv"
    if path.suffix.lower() == ".json" and path.is_file():
        with path.open("rb") as stream:
            start = stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if start in (b"[", b"{"):
            return "labelstudio" if start == b"[" else "fiftyone"
    names = ", ".join(entry.name for entry in FORMATS)
    raise UsageError(f"It can't be told which format {path} is in.", hint=f"Say one of {names}.")


def read(path: str | Path, *, format: str | None = None) -> Answers:
    """Read what a file says, whatever it is about.

    Raises
    ------
    UsageError
        No such format, or it can't be told.
    SourceError
        The file is not there, or is damaged.
    """
    file = Path(path)
    wanted = format or detect(file)
    for entry in FORMATS:
        if entry.name == wanted:
            return entry.reader()(file)
    names = ", ".join(entry.name for entry in FORMATS)
    raise UsageError(f"There is no import format {wanted!r}.", hint=f"Choose one of {names}.")


def read_decisions(
    path: str | Path,
    items: pd.DataFrame,
    current: pd.DataFrame | None = None,
    *,
    format: str | None = None,
    reviewer: str = "",
) -> Imported:
    """Read a file and match it to the items of a workspace; see :func:`match`."""
    from embeddings.ingest.matching import match

    return match(read(path, format=format), items, current, reviewer=reviewer)
