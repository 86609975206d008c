"""A table of decisions: what ``rosette export --to csv`` writes, or any other with these columns.

============  ==========================================================================
``file``      which image; also ``path``, ``file_name``, ``filename``, ``image``
``label``     the label it should have; beside a decision, the label it was seen under
``decision``  ``relabel: car``, ``remove``, ``keep`` or ``unsure``; wins over ``label``
``action``    the same in two columns, with ``to_label``
``note``, ``reviewer``, ``sha256``, ``final_label``, ``decision_batch``, ``decided_at`` may be there
============  ==========================================================================

What a spreadsheet makes of it is read too, as of any table (``embeddings.storage.read_csv``); an
apostrophe that guards one against a formula is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from embeddings.columns import FILE_NAMES
from embeddings.decisions import ACTIONS, Action, parse_choice
from embeddings.errors import SourceError, UsageError
from embeddings.ingest.records import Answer, Answers, Seen
from embeddings.storage import read_csv

LABEL_NAMES: Final = ("label", "class", "new_label", "choice")
DECISION_NAMES: Final = ("decision",)
ACTION_NAMES: Final = ("action",)
TO_LABEL_NAMES: Final = ("to_label",)
NOTE_NAMES: Final = ("note", "decision_note", "comment")
REVIEWER_NAMES: Final = ("reviewer", "decided_by")
SHA256_NAMES: Final = ("sha256",)
# of our own export, so that an old file is known for one
FINAL_NAMES: Final = ("final_label",)
BATCH_NAMES: Final = ("decision_batch",)
AT_NAMES: Final = ("decided_at",)
ALONE_NAMES: Final = ("decision_only_this_file",)
_KNOWN_NAMES: Final = frozenset((*FILE_NAMES, *LABEL_NAMES, *DECISION_NAMES, *ACTION_NAMES))


def read(path: Path) -> Answers:
    """Read a table of decisions.

    Raises
    ------
    SourceError
        The file can't be read, or it lacks a column that says which image or what of it.
    """
    table = read_csv(path, _KNOWN_NAMES)
    found = _columns(path, table.header)
    answers, problems = [], []
    for number, cells in zip(table.lines, table.rows, strict=True):
        try:
            answer = _answer(cells, found, f"line {number}")
        except UsageError as error:
            problems.append(f"line {number}: {error}")
            continue
        if answer is not None:
            answers.append(answer)
    return Answers("csv", tuple(answers), tuple(problems), table.notes)


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
        "final": FINAL_NAMES,
        "batch": BATCH_NAMES,
        "at": AT_NAMES,
        "alone": ALONE_NAMES,
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
    given = cell("label") or None
    choice = parse_choice(cell("decision"))
    label: str | None
    action: Action | None
    if choice is not None:
        label, action = choice.to_label, choice.action
    else:
        action, label = _action(cell("action")), cell("to_label") or None
        if action not in (None, "relabel"):
            label = None
        elif action is None and label is None:  # the label itself says what it should be
            label, given = given, cell("final") or None
    return Answer(
        names,
        label=label,
        action=action,
        sha256=sha256,
        note=cell("note"),
        reviewer=cell("reviewer").strip(),
        where=where,
        given=given,
        seen=_seen(cell("batch"), cell("reviewer").strip(), cell("at").strip()),
        only_this_file=cell("alone").casefold() == "true" if "alone" in found else None,
    )


def _action(text: str) -> Action | None:
    word = text.strip().casefold()
    for known in ACTIONS:
        if word == known:
            return known
    if word:
        raise UsageError(f"{text!r} is no action.", hint=f"Use one of {', '.join(ACTIONS)}.")
    return None


def _seen(batch: str, by: str, at: str) -> Seen | None:
    """Return the decision that stood when the file was written; a spreadsheet may add ``.0``."""
    digits = batch.strip().removesuffix(".0")
    return Seen(int(digits), by, at) if digits.isascii() and digits.isdecimal() else None
