"""Embeddings that somebody else made: ``.npy``, ``.npz``, or a table with a column of vectors."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.entries import some
from embeddings.manifest.folder import respelt_notes
from embeddings.manifest.table import Table, file_column, read_table, table_labels, text
from embeddings.manifest.unpacked import let_in_archive

ARRAY_SUFFIXES: Final = (".npy", ".npz")
VECTOR_NAMES: Final = ("embedding", "embeddings", "vector", "features")
_FILES: Final = ("files", "file", "paths")
_LABELS: Final = ("labels", "label")
_LARGEST: Final = 32_768.0  # workspaces keep float16, which ends at 65,504
_ARRAY_ERRORS = (
    ValueError,
    TypeError,
    SyntaxError,
    KeyError,
    EOFError,
    OSError,
    MemoryError,
    OverflowError,
    NotImplementedError,  # zipfile's word for a way of packing that it does not know
    RuntimeError,
    tokenize.TokenError,
    zlib.error,
    zipfile.BadZipFile,
)


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """Embeddings as their file has them: ``matrix`` is (n, width) float32, in its order.

    ``files`` and ``labels`` have n entries, or are None where the file does not hold them.
    """

    matrix: NDArray[np.float32]
    files: list[str] | None
    labels: list[str] | None
    notes: tuple[str, ...] = ()


def read_ready_made(path: Path) -> ReadyMade:
    """Read embeddings, never unpickling anything.

    Raises
    ------
    SourceError
        When they are not one matrix of numbers, or the names are not as many as its rows.
    """
    if path.suffix.lower() in ARRAY_SUFFIXES:
        matrix, files, labels = _read_arrays(path)
        notes = respelt_notes({label for label in labels or () if label.strip()})
    else:
        table = read_table(path)
        matrix = table_vectors(table)
        files = [text(value) for value in table.column(file_column(table))]
        labels, notes = table_labels(table, labels=True)
    for what, names in (("files", files), ("labels", labels)):
        if names is not None and len(names) != len(matrix):
            raise SourceError(
                f"{path} holds {len(matrix)} embeddings but {len(names)} {what}.",
                hint="Write it again with one entry per row.",
            )
    matrix, said = _within_range(matrix, path)
    return ReadyMade(matrix, files, labels, (*notes, *said))


def vector_column(table: Table) -> str | None:
    """Return the name of a table's column of embeddings, None where there is none."""
    return table.find(VECTOR_NAMES)


def table_vectors(table: Table) -> NDArray[np.float32]:
    """Stack a table's column of vectors to (n, width) float32; a missing one is a row of NaN.

    Raises
    ------
    SourceError
        When there is no such column, or its vectors differ in width.
    """
    name = vector_column(table)
    if name is None:
        raise SourceError(
            f"{table.path} has no column of embeddings; its columns are {some(table.names, 12)}.",
            hint="Name the column of vectors 'embedding'.",
        )
    if table.arrow is not None:
        return _arrow_vectors(table.arrow(name), name, table.path)
    vectors = table.column(name)
    widths = np.array([len(v) if isinstance(v, list) else -1 for v in vectors])
    if any(v is not None for v, width in zip(vectors, widths, strict=True) if width < 0):
        raise _not_vectors(name, table.path)
    width = _one_width(widths[widths >= 0], name, table.path)
    missing = [None] * width
    try:
        rows = [missing if v is None else v for v in vectors]
        return _matrix(np.array(rows, dtype=np.float64), table.path)
    except (TypeError, ValueError, OverflowError) as error:
        raise _not_vectors(name, table.path) from error


def _arrow_vectors(column: Any, name: str, path: Path) -> NDArray[np.float32]:
    """Stack an Arrow column of lists without making Python objects of its numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if not (lists or pa.types.is_fixed_size_list(kind)) or not (
        pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)
    ):
        raise _not_vectors(name, path)
    given = column.is_valid().to_numpy()
    sound = column.drop_null()
    width = _one_width(pc.list_value_length(sound).to_numpy(), name, path)
    numbers = pc.list_flatten(sound).to_numpy().reshape(len(sound), width)
    matrix = np.full((len(column), width), np.nan, dtype=np.float32)
    matrix[given] = _matrix(numbers, path)
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


def rows_by_file(given: ReadyMade, wanted: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Find the row of each wanted file by its path, else by folder and name where that is unique.

    Returns
    -------
    rows, notes
        ``rows`` has no entry for a file without an embedding.
    """
    names = [file.replace("\\", "/").removeprefix("./") for file in given.files or ()]
    exact = {name: row for row, name in reversed(list(enumerate(names)))}
    rows = {file: exact[file] for file in wanted if file in exact}
    notes = []
    if len(rows) < len(wanted):
        shared = Counter(_tail(name) for name in names)
        tails = {_tail(name): row for row, name in enumerate(names) if shared[_tail(name)] == 1}
        asked = Counter(_tail(file) for file in wanted)
        loose = {
            file: tails[_tail(file)]
            for file in wanted
            if file not in rows and _tail(file) in tails and asked[_tail(file)] == 1
        }
        if loose:
            rows |= loose
            notes.append(
                f"{len(loose)} embeddings were matched by folder and file name, "
                f"their paths being others: {some(loose, 2)}."
            )
    unused = len(set(exact.values()) - set(rows.values()))
    if unused:
        notes.append(f"{unused} embeddings belong to no item and were left out.")
    return rows, notes


def rows_by_order(
    given: ReadyMade, wanted: Sequence[str], source: Path | str, path: Path
) -> tuple[dict[str, int], list[str]]:
    """Match rows to files one by one, which only equal counts allow."""
    if len(given.matrix) != len(wanted):
        raise SourceError(
            f"{path} holds {len(given.matrix)} embeddings without file names, "
            f"and {source} has {len(wanted)} items.",
            hint="Save them as .npz with 'embeddings' and 'files', so that they can be matched.",
        )
    rows: dict[str, int] = {}
    for row, file in enumerate(wanted):
        rows.setdefault(file, row)
    return rows, [
        f"{path.name} names no files: its rows were taken in the order of the items, "
        f"{wanted[0]!r} first and {wanted[-1]!r} last."
    ]


def _read_arrays(
    path: Path,
) -> tuple[NDArray[np.float32], list[str] | None, list[str] | None]:
    try:
        let_in_archive(path)
        with path.open("rb") as stream:
            loaded: Any = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return _matrix(loaded, path), None, None
            if "embeddings" not in loaded.files:
                raise SourceError(
                    f"{path} holds {some(loaded.files, 12)} but no 'embeddings'.",
                    hint="Save it with np.savez(path, embeddings=…, files=…, labels=…).",
                )
            matrix = _matrix(loaded["embeddings"], path)
            return matrix, _names(loaded, _FILES), _names(loaded, _LABELS)
    except SourceError:
        raise
    except _ARRAY_ERRORS as error:
        if "allow_pickle" in str(error):
            raise SourceError(
                f"{path} holds Python objects, which are not loaded: they can run any code.",
                hint="Save names as text (np.array(files, dtype=str)) and vectors as float32.",
            ) from error
        raise SourceError(
            f"{path} can't be read as NumPy arrays: {one_line(error)}.", hint="Write it again."
        ) from error


def _names(archive: Any, wanted: Sequence[str]) -> list[str] | None:
    name = next((name for name in wanted if name in archive.files), None)
    if name is None:
        return None
    return [text(value) for value in np.atleast_1d(archive[name]).ravel().tolist()]


def _matrix(values: Any, path: Path) -> NDArray[np.float32]:
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


def _within_range(matrix: NDArray[np.float32], path: Path) -> tuple[NDArray[np.float32], list[str]]:
    """Scale down what float16 could not hold; directions, all that is compared, stay."""
    largest = float(np.abs(matrix, where=np.isfinite(matrix), out=np.zeros_like(matrix)).max())
    if largest <= _LARGEST:
        return matrix, []
    factor = 2.0 ** np.ceil(np.log2(largest / _LARGEST))
    scaled = (matrix / np.float32(factor)).astype(np.float32)
    return scaled, [f"{path.name}: values up to {largest:.3g} were divided by {factor:g}."]


def _tail(path: str) -> str:
    return "/".join(path.split("/")[-2:])
