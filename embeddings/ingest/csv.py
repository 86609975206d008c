"""A table of decisions: what ``rosette export --to csv`` writes, or any other with these columns.

============  ==========================================================================
``file``      which image; also ``path``, ``file_name``, ``filename``, ``image``
``label``     the label it should have
``decision``  ``relabel: car``, ``remove``, ``keep`` or ``unsure``; wins over ``label``
``action``    the same in two columns, with ``to_label``
``note``, ``reviewer``, ``sha256``  may be there
============  ==========================================================================

Commas, semicolons or tabs; an apostrophe that guards a spreadsheet against a formula is taken
away.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from embeddings.decisions import ACTIONS, Action, parse_choice
from embeddings.errors import SourceError, UsageError
from embeddings.ingest.records import Answer, Answers
from embeddings.storage import restored

FILE_NAMES: Final = ("file", "path", "file_name", "filename", "filepath", "image")
LABEL_NAMES: Final = ("label", "class", "new_label")
DECISION_NAMES: Final = ("decision",)
ACTION_NAMES: Final = ("action",)
TO_LABEL_NAMES: Final = ("to_label",)
NOTE_NAMES: Final = ("note", "decision_note", "comment")
REVIEWER_NAMES: Final = ("reviewer", "decided_by")
SHA256_NAMES: Final = ("sha256",)

_DELIMITERS: Final = (",", ";", "\t")
_LONGEST_CELL: Final = 10_000_000


def read(path: Path) -> Answers:
    """Read a table of decisions.

    Raises
    ------
    SourceError
        The file can't be read, or it lacks a column that says which image or what of it.
    """
    rows = _rows(path)
    try:
        _, header = next(rows)
        found = _columns(path, header)
        answers, problems = [], []
        for number, cells in rows:
            try:
                answer = _answer(cells, found, f"line {number}")
            except UsageError as error:
                problems.append(f"line {number}: {error}")
                continue
            if answer is not None:
                answers.append(answer)
    except StopIteration:
        raise SourceError(f"{path} is empty.", hint="Export it again.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} can't be read: {error}.", hint="Export it again.") from error
    return Answers("csv", tuple(answers), tuple(problems))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, and the number of the line that it ends on."""
    before = csv.field_size_limit(_LONGEST_CELL)  # of the whole process: others want it as it was
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            for cells in reader:
                yield reader.line_num, [restored(cell) for cell in cells]
    finally:
        csv.field_size_limit(before)


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(name.strip().casefold(), place)
    wanted = {
        "file": FILE_NAMES,
        "label": LABEL_NAMES,
        "decision": DECISION_NAMES,
        "action": ACTION_NAMES,
        "to_label": TO_LABEL_NAMES,
        "note": NOTE_NAMES,
        "reviewer": REVIEWER_NAMES,
        "sha256": SHA256_NAMES,
    }
    found = {
        role: places[name]
        for role, names in wanted.items()
        for name in reversed(names)
        if name in places
    }
    if "file" not in found and "sha256" not in found:
        raise SourceError(
            f"{path} has no column that says which image a row is about.",
            hint="Name it `file`.",
        )
    if not found.keys() & {"label", "decision", "action"}:
        raise SourceError(
            f"{path} has no column that says what was decided.",
            hint="Name it `label`, `decision` or `action`.",
        )
    return found


def _answer(cells: Sequence[str], found: dict[str, int], where: str) -> Answer | None:
    def cell(role: str) -> str:
        place = found.get(role, len(cells))
        return cells[place] if place < len(cells) else ""

    if not any(cells):
        return None
    file, sha256 = cell("file"), cell("sha256").strip() or None
    names = (file,) if file else ()
    if not names and sha256 is None:
        raise UsageError("It names no file.")
    label, action = _said(cell("decision"), cell("action"), cell("to_label"), cell("label"))
    return Answer(
        names,
        label=label,
        action=action,
        sha256=sha256,
        note=cell("note"),
        reviewer=cell("reviewer").strip(),
        where=where,
    )


def _said(
    decision: str, action: str, to_label: str, label: str
) -> tuple[str | None, Action | None]:
    """Return the label to have and the action, of what stands in a row."""
    choice = parse_choice(decision)
    if choice is not None:
        return choice.to_label, choice.action
    word = action.strip().casefold()
    for known in ACTIONS:
        if word == known:
            return (to_label or None) if known == "relabel" else None, known
    if word:
        raise UsageError(f"{action!r} is no action.", hint=f"Use one of {', '.join(ACTIONS)}.")
    return (to_label or label or None), None
