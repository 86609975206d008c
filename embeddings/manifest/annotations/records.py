"""What annotation files come to: labels of whole pictures, and of boxes in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.parsed import Parsed
from embeddings.storage import decoded

LARGEST_FILE: Final = 4 << 30  # bytes of an annotation file; read whole


@dataclass(frozen=True, slots=True)
class Mark:
    """One label that an annotation file gives, of a box in a picture or of the whole of it.

    ``image`` is the picture as the file names it. ``box`` is left, top, width, height in px, or in
    shares of the picture where ``in_shares``; None for the whole. ``size`` is the picture's width
    and height in px where the file says it, else None. ``source`` is the annotation file, and
    ``key`` the place in it: numbers from 0, outermost first.
    """

    image: str
    label: str
    box: tuple[float, float, float, float] | None
    source: Path
    key: tuple[int, ...]
    in_shares: bool = False
    size: tuple[int, int] | None = None
    subset: str = ""


@dataclass(frozen=True, slots=True)
class Annotations:
    """All marks of a set; ``format`` is its name, ``images`` every picture that is named."""

    format: str
    marks: tuple[Mark, ...]
    images: tuple[str, ...]
    notes: tuple[str, ...] = ()


# Places in one annotation file to the label that each should have, None where it is to go.
Changes = Mapping[tuple[int, ...], str | None]


@dataclass(frozen=True, slots=True)
class AnnotationFormat:
    """How files of one format are known, read and written with other labels.

    ``read`` takes the files of a set, all of this format, the folder that it lies in, and what was
    parsed of them already.
    ``relabelled`` takes the changes by file and gives the new text of each file that changes; a
    file of names may be among them.
    """

    name: str
    title: str
    read: Callable[[list[Path], Path, Parsed], Annotations]
    relabelled: Callable[[Mapping[Path, Changes], Path], dict[Path, str]]


def read_json(path: Path) -> Any:
    """Read a JSON file of any encoding.

    Raises
    ------
    SourceError
        It is too large, or no JSON.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SourceError(f"{path} is too large to be read.", hint="Split it by subsets.")
        return json.loads(decoded(path.read_bytes()).text)
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {one_line(error)}.", hint="Look at the file and its rights."
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} is not JSON: {one_line(error)}.", hint="Export it again."
        ) from error


def json_text(content: Any) -> str:
    """Return the text of a JSON file."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def number(value: Any) -> float:
    """Return a number of an annotation file, NaN where it is none."""
    if isinstance(value, bool):
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def around(points: Any) -> tuple[float, float, float, float] | None:
    """Return the box around points ((x, y), …); None where there are none."""
    try:
        xs, ys = [number(p[0]) for p in points], [number(p[1]) for p in points]
    except (TypeError, IndexError, KeyError):
        return None
    if not xs:
        return None
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def broken(path: Path, what: str) -> SourceError:
    """Return the error for a file that lacks what its format needs."""
    return SourceError(f"{path}: {what}.", hint="Export it again.")
