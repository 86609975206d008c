"""What one cell says: text of any value, and the label or labels in it."""

from __future__ import annotations

import ast
import json
import math
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.manifest.entries import clean_label, some

_SEPARATORS: Final = ("|", ";", ",", "\n", "/", "+", "&", " ")
_OFTEN_WITHIN: Final = ("/", "+", "&", " ")  # marks that are part of many a label
_BRACKETS: Final = {"[": "]", "(": ")", "{": "}"}
_BETWEEN_QUOTES: Final = re.compile(r"""(['"])\s+(['"])""")  # NumPy writes no comma
_NAME_KEYS: Final = ("label", "name", "class", "class_name", "category", "label_name")
_OTHER_COLUMN: Final = "Say --label-from column:NAME with another column, or --no-labels."
_MOSTLY: Final = 0.5
_NEARLY_ALL: Final = 0.9
# Kaggle's PredictionString: labels, each with the four sides of its box.
_LABELS_AND_BOXES: Final = re.compile(r"\s*([^\W\d]\S*(\s+-?[\d.]+){4}\s*)+")
_NONE: Final = frozenset(("nan", "none", "null", "n/a", "na", "?", "-", "<na>", "undefined"))


def text(value: object) -> str:
    """Return a cell as text: nothing for None and NaN, `3` for the 3.0 that a missing cell left."""
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, dict):  # how Hugging Face keeps an image: its bytes and its path
        return text(value.get("path"))
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


@dataclass(frozen=True, slots=True)
class CellLabels:
    """A label per row, ``columns.NO_LABEL`` where there is none.

    ``several`` says how many rows had more than one, and ``example`` what one of them holds.
    """

    labels: list[str]
    several: int = 0
    example: str = ""


def labels_of_cells(cells: Sequence[Any]) -> CellLabels:
    """Read one label from each cell.

    A cell with several labels, as a list or separated by ``|``, ``;``, commas, lines, blanks,
    ``/``, ``+`` or ``&``, is no label: its row has none. Text counts as several only where its
    parts are labels of other cells, so that ``Washington, DC`` stays one.
    """
    parts = [_parts(cell) for cell in _without_boxes(cells)]
    single = {one[0].strip() for one in parts if len(one) == 1}
    for mark in _SEPARATORS:
        if _separates(mark, single, parts):
            parts = [[p for part in one for p in _split(part, mark)] for one in parts]
            single = {one[0].strip() for one in parts if len(one) == 1}
    several = [one for one in parts if len(one) > 1]
    cleaned = cache(clean_label)  # of a million cells few are different
    labels = [cleaned(one[0]) if len(one) == 1 else columns.NO_LABEL for one in parts]
    return CellLabels(labels, len(several), some(several[0]) if several else "")


def refuse_mostly_several(found: CellLabels, where: str, hint: str = _OTHER_COLUMN) -> None:
    """Refuse a column in which most rows have several labels.

    Raises
    ------
    SourceError
        More than half of the rows are such.
    """
    if found.several > _MOSTLY * len(found.labels):
        raise SourceError(
            f"{where} holds several labels in {found.several:,} of {len(found.labels):,} rows "
            f"(such as {found.example}), and an item has one.",
            hint=hint,
        )


def several_notes(found: CellLabels) -> list[str]:
    """Say how many rows have no label because they have several."""
    if not found.several:
        return []
    return [
        f"{found.several} rows have several labels ({found.example}); an item has one, so they "
        "have none."
    ]


def no_label_notes(labels: Sequence[str]) -> list[str]:
    """Say which labels are words for no label; they stay labels, since a plant may be called NA."""
    found = sorted({label for label in set(labels) if label.casefold() in _NONE})
    if not found:
        return []
    return [
        f"Labels such as {some(found)} stay labels; where they mean that there is none, leave the "
        "cell empty."
    ]


def _without_boxes(cells: Sequence[Any]) -> Sequence[Any]:
    """Return lists of labels where nearly all cells hold labels with boxes, else the cells."""
    said = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    head = said[:100]
    if sum(bool(_LABELS_AND_BOXES.fullmatch(cell)) for cell in head) <= _NEARLY_ALL * len(head):
        return cells
    return [
        list(dict.fromkeys(re.findall(r"[^\W\d]\S*", cell))) if isinstance(cell, str) else cell
        for cell in cells
    ]


def _parts(cell: Any) -> list[str]:
    if isinstance(cell, list | tuple):
        return [part for one in cell for part in _parts(one)]
    if isinstance(cell, dict):
        named = next((cell[key] for key in _NAME_KEYS if key in cell), None)
        return [] if named is None else _parts(named)
    said = text(cell)
    if said[:1] in _BRACKETS and said.rstrip()[-1:] == _BRACKETS[said[:1]]:
        listed = _list_in(said)
        if listed is not None:
            return [part for one in listed for part in _parts(one)]
    return [said] if said.strip() else []


def _list_in(said: str) -> list[Any] | None:
    """Return the list that text such as ``['cat', 'dog']`` is; None where it is none.

    JSON's, Python's, NumPy's (``['cat' 'dog']``) and PostgreSQL's (``{cat,dog}``).
    """
    python = _BETWEEN_QUOTES.sub(r"\1, \2", said)
    for read, text_of in ((json.loads, said), (ast.literal_eval, python)):
        try:
            found = read(text_of)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        return list(found) if isinstance(found, list | tuple | set) else None
    if said[:1] == "{" and ":" not in said:
        return [part.strip().strip('"') for part in said.strip()[1:-1].split(",") if part.strip()]
    return None


def _separates(mark: str, single: Set[str], parts: Sequence[Sequence[str]]) -> bool:
    """Tell whether a mark parts labels in a column rather than being a part of one.

    It does where what it parts are labels of other cells. A mark that is part of many a label has
    to part labels that stand alone, or stand in another order elsewhere: ``cat dog``, ``dog cat``.
    """
    joined = {tuple(_split(one, mark)) for one in single if mark in one}
    joined = {one for one in joined if len(one) > 1}  # not `C++`
    if not joined:
        return False
    alone = single | {part for one in parts if len(one) > 1 for part in one}
    cells_with = Counter(part for one in joined for part in set(one))
    if all(part in alone for part in cells_with):
        return True
    recurring = all(part in alone or n > 1 for part, n in cells_with.items())
    if mark not in _OFTEN_WITHIN:
        return recurring
    orders = Counter(tuple(sorted(one)) for one in joined)
    return recurring and max(orders.values()) > 1


def _split(said: str, mark: str) -> list[str]:
    parts = [part.strip() for part in said.split(mark) if part.strip()]
    return [said] if len(parts) == 1 and mark in _OFTEN_WITHIN else parts
