"""Columns of vectors in a table: embeddings that came along, under whatever name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import SourceError, UnclearSourceError
from embeddings.manifest.entries import some
from embeddings.manifest.tables.cells import text
from embeddings.manifest.tables.read import Table

VECTOR_NAMES: Final = ("embedding", "embeddings", "vector", "features")
_HINTS: Final = re.compile(
    r"embed|emb|vec|feat|latent|encoding|clip|dino|activation", re.IGNORECASE
)
_OTHER_NUMBERS: Final = re.compile(
    r"box|poly|segm|keypoint|coord|shape|size|mean|std|hist|pixels|mask|label|class|target|caption",
    re.IGNORECASE,
)
_NARROWEST: Final = 8  # columns under a name that does not hint at vectors
_NUMBERED = re.compile(r"(.*?)[\s._-]?(\d+)$")
_FEWEST_COLUMNS: Final = 4


def vector_columns(table: Table) -> tuple[str, ...]:
    """Return the column of embeddings, or the numbered ones (``emb_0`` …) that make one up.

    By name first; then a column of equally long lists of numbers, or columns numbered from 0 or 1
    that hold numbers. () where there is none.

    Raises
    ------
    UnclearSourceError
        Several could be it.
    """
    if (name := table.find(VECTOR_NAMES)) is not None:
        return (name,)
    likely: list[tuple[str, ...]] = [(n,) for n in table.names if _holds_vectors(table, n)]
    likely += [names for stem, names in _numbered(table) if _is_wide(table, stem, names)]
    if len(likely) > 1:
        hinted = [names for names in likely if _HINTS.search(names[0])]
        likely = hinted if len(hinted) == 1 else likely
    if len(likely) > 1:
        raise UnclearSourceError(
            f"{table.path} has several columns of vectors: {some([n[0] for n in likely], 6)}.",
            hint="Call the one to use 'embedding', or take the others out.",
        )
    return likely[0] if likely else ()


def vector_notes(table: Table, names: Sequence[str]) -> list[str]:
    """Say which columns were taken for embeddings, where their name does not say it."""
    if len(names) > 1:
        return [f"Embeddings are the {len(names)} columns {names[0]!r} to {names[-1]!r}."]
    if names and names[0].strip().casefold() not in VECTOR_NAMES:
        return [f"Embeddings are taken from the column {names[0]!r}."]
    return []


def table_vectors(table: Table, names: Sequence[str]) -> NDArray[np.float32]:
    """Stack a table's columns of vectors to (n, width) float32; a missing one is a row of NaN.

    Raises
    ------
    SourceError
        Its vectors differ in width, or are no numbers.
    """
    if len(names) > 1:
        return _stacked(table, names)
    name = names[0]
    if table.arrow is not None and not _is_text(table, name):
        return _arrow_vectors(table.arrow(name), name, table.path)
    vectors = [_parsed(value) for value in table.column(name)]
    widths = np.array([len(v) if isinstance(v, list) else -1 for v in vectors])
    if any(v is not None for v, width in zip(vectors, widths, strict=True) if width < 0):
        raise _not_vectors(name, table.path)
    width = _one_width(widths[widths >= 0], name, table.path)
    missing = [None] * width
    try:
        rows = [missing if v is None else v for v in vectors]
        return matrix_of(np.array(rows, dtype=np.float64), table.path)
    except (TypeError, ValueError, OverflowError) as error:
        raise _not_vectors(name, table.path) from error


def matrix_of(values: Any, path: Path) -> NDArray[np.float32]:
    """Return (n, width) float32 of what a file holds, or say what is wrong with it."""
    if not isinstance(values, np.ndarray):  # what NumPy makes of a packed file that is no array
        raise SourceError(f"{path}: 'embeddings' is no array.", hint="Write it again.")
    if values.dtype.kind not in "fiub":
        raise SourceError(
            f"{path}: embeddings are of type {values.dtype}, not numbers.",
            hint="Save them as float32.",
        )
    if values.ndim != 2 or values.shape[1] == 0:
        raise SourceError(
            f"{path}: embeddings have the shape {values.shape}, not (items, width).",
            hint="Give one row per item and at least one column.",
        )
    if not len(values):
        raise SourceError(f"{path} holds no embeddings.", hint="Give one row per item.")
    with np.errstate(over="ignore"):  # what float32 can't hold becomes infinite, and is told
        return np.ascontiguousarray(values, dtype=np.float32)


def _holds_vectors(table: Table, name: str) -> bool:
    if _OTHER_NUMBERS.search(name) and "embed" not in name.casefold():
        return False
    least = 2 if _HINTS.search(name) else _NARROWEST
    if table.schema is not None and not _is_text(table, name):
        kind = table.kind(name)
        if not _lists_of_numbers(kind):
            return False
        widths = {len(cell) for cell in table.head(name, 100) if cell is not None}
    else:
        if not _HINTS.search(name):  # every cell of every column would have to be parsed
            return False
        first = [v for v in (_parsed(cell) for cell in table.head(name, 20)) if v is not None]
        if not first or not all(isinstance(v, list) for v in first):
            return False
        widths = {len(v) for v in first}
    return len(widths) == 1 and min(widths) >= least


def _lists_of_numbers(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
        return False
    return bool(types.is_floating(kind.value_type) or types.is_integer(kind.value_type))


def _is_text(table: Table, name: str) -> bool:
    if table.schema is None:
        return True
    import pyarrow as pa

    kind = table.kind(name)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _numbered(table: Table) -> list[tuple[str, tuple[str, ...]]]:
    """Return the runs of columns that are numbered 0, 1, 2 … or 1, 2, 3 …, by what is before."""
    groups: dict[str, dict[int, str]] = defaultdict(dict)
    for name in table.names:
        if (found := _NUMBERED.match(name)) and len(found[2]) < 6:
            groups[found[1]].setdefault(int(found[2]), name)
    return [
        (stem, tuple(by_number[n] for n in sorted(by_number)))
        for stem, by_number in groups.items()
        if len(by_number) >= _FEWEST_COLUMNS
        and min(by_number) in (0, 1)
        and max(by_number) - min(by_number) + 1 == len(by_number)
    ]


def _is_wide(table: Table, stem: str, names: tuple[str, ...]) -> bool:
    hinted = bool(_HINTS.search(stem))
    if not hinted and (len(names) < _NARROWEST or _OTHER_NUMBERS.search(stem)):
        return False
    return all(_are_numbers(table, name, hinted=hinted) for name in (names[0], names[-1]))


def _are_numbers(table: Table, name: str, *, hinted: bool) -> bool:
    if table.schema is not None:
        import pyarrow as pa

        kind = table.kind(name)
        return bool(pa.types.is_floating(kind) or (hinted and pa.types.is_integer(kind)))
    try:
        numbers = [_number(cell, table.decimal) for cell in table.head(name, 50) if text(cell)]
    except ValueError:
        return False
    return bool(numbers) and (hinted or any(n != int(n) for n in numbers if np.isfinite(n)))


def _number(cell: Any, decimal: str) -> float:
    return float(text(cell).replace(decimal, ".", 1) if decimal != "." else text(cell))


def _stacked(table: Table, names: Sequence[str]) -> NDArray[np.float32]:
    out = np.full((table.rows, len(names)), np.nan, dtype=np.float64)
    for at, name in enumerate(names):
        try:
            if table.arrow is not None and not _is_text(table, name):
                out[:, at] = np.asarray(table.arrow(name).to_numpy(), dtype=np.float64)
            else:
                cells = table.column(name)
                out[:, at] = [_number(c, table.decimal) if text(c) else np.nan for c in cells]
        except (TypeError, ValueError, OverflowError) as error:
            raise SourceError(
                f"{table.path}: the column {name!r} does not hold numbers.",
                hint="Each column of the embedding holds one number per row.",
            ) from error
    return matrix_of(out, table.path)


def _parsed(cell: Any) -> Any:
    """Return the list of numbers that a cell is, or is the text of; None for an empty one."""
    if not isinstance(cell, str):
        return cell
    said = cell.strip()
    if not said:
        return None
    if said[0] in "[(" and said[-1] in "])":
        said = said[1:-1]
    try:
        return [float(part) for part in re.split(r"[\s,;]+", said.strip()) if part]
    except ValueError:
        return cell


def _arrow_vectors(column: Any, name: str, path: Path) -> NDArray[np.float32]:
    """Stack an Arrow column of lists without making Python objects of its numbers."""
    import pyarrow.compute as pc

    if not _lists_of_numbers(column.type):
        raise _not_vectors(name, path)
    given = column.is_valid().to_numpy()
    sound = column.drop_null()
    width = _one_width(pc.list_value_length(sound).to_numpy(), name, path)
    numbers = pc.list_flatten(sound).to_numpy().reshape(len(sound), width)
    matrix = np.full((len(column), width), np.nan, dtype=np.float32)
    matrix[given] = matrix_of(numbers, path)
    return matrix


def _one_width(widths: NDArray[np.integer[Any]], name: str, path: Path) -> int:
    if not len(widths):
        raise SourceError(
            f"{path}: the column {name!r} holds no embeddings.", hint="Give one list per row."
        )
    width = int(widths[0])
    other = np.flatnonzero(widths != width)
    if len(other):
        raise SourceError(
            f"{path}: embeddings differ in width, {width} and {widths[other[0]]}.",
            hint="Embeddings of two models can't be mixed; write them again with one model.",
        )
    return width


def _not_vectors(name: str, path: Path) -> SourceError:
    return SourceError(
        f"{path}: the column {name!r} does not hold lists of numbers.",
        hint="Write each embedding as a list of numbers, all of one length.",
    )
