"""Embeddings that somebody else made: ``.npy``, ``.npz``, or a table with a column of vectors."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.machine import collector_paused
from embeddings.manifest.entries import respelt_notes, some
from embeddings.manifest.listing import Wanted
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    NearlyNamed,
    Table,
    file_column,
    labels_of_cells,
    matrix_of,
    read_table,
    refuse_mostly_several,
    several_notes,
    table_labels,
    table_vectors,
    text,
    vector_columns,
    vector_notes,
)
from embeddings.manifest.unpacked import let_in_archive

ARRAY_SUFFIXES: Final = (".npy", ".npz")
_VECTORS: Final = (
    "embeddings", "embedding", "features", "feats", "vectors", "vector", "x", "emb", "embs",
)  # fmt: skip
_FILES: Final = (
    "files", "file", "paths", "path", "filenames", "filename", "file_names", "file_name",
    "filepaths", "filepath", "file_paths", "file_path", "image_paths", "image_path", "images",
    "image_names", "image_files", "img_paths", "names", "name", "fnames", "keys", "ids",
    "image_ids", "id",
)  # fmt: skip
_LABELS: Final = ("labels", "label", "y", "targets", "target", "classes", "class")
_CLASS_NAMES: Final = ("class_names", "label_names", "classnames", "target_names", "classes")
_ONE_LABEL_EACH: Final = "Save one label for each row as 'labels', or say --no-labels."
_PLAIN: Final = Wanted()
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


@collector_paused()
def read_ready_made(path: Path, wanted: Wanted = _PLAIN, table: Table | None = None) -> ReadyMade:
    """Read embeddings, never unpickling anything; ``table`` is the file where it was opened.

    Raises
    ------
    SourceError
        When they are not one matrix of numbers, or the names are not as many as its rows.
    """
    if path.suffix.lower() in ARRAY_SUFFIXES:
        found = _read_arrays(path, wanted)
    else:
        found = _of_table(table or read_table(path, KNOWN_NAMES), wanted)
    matrix, files, labels, notes = found.matrix, found.files, found.labels, found.notes
    for what, names in (("files", files), ("labels", labels)):
        if names is not None and len(names) != len(matrix):
            raise SourceError(
                f"{path} holds {len(matrix)} embeddings but {len(names)} {what}.",
                hint="Write it again with one entry per row.",
            )
    matrix, said = _within_range(matrix, path)
    return ReadyMade(matrix, files, labels, (*notes, *said))


def _of_table(table: Table, wanted: Wanted) -> ReadyMade:
    names = vector_columns(table)
    if not names:
        raise SourceError(
            f"{table.path} has no column of embeddings; its columns are {some(table.names, 12)}.",
            hint="Name the column of vectors 'embedding'.",
        )
    matrix = table_vectors(table, names)
    rest = replace(table, names=tuple(name for name in table.names if name not in names))
    file, said = file_column(rest)
    files = [text(value) for value in table.column(file)]
    labels, told = table_labels(rest, file, files, wanted)
    return ReadyMade(
        matrix, files, labels, (*table.notes, *vector_notes(table, names), *said, *told)
    )


def rows_by_file(given: ReadyMade, wanted: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Find the row of each wanted file by its path, else by a name that is nearly its own.

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
        nearly = NearlyNamed(file for file in wanted if file not in rows)
        loose: dict[str, int] = {}
        several: set[str] = set()
        for name, row in exact.items():
            file = nearly.find(name) if name not in rows else None
            if file is not None and loose.setdefault(file, row) != row:
                several.add(file)
        loose = {file: row for file, row in loose.items() if file not in several}
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


def _read_arrays(path: Path, wanted: Wanted) -> ReadyMade:
    try:
        let_in_archive(path)
        with path.open("rb") as stream:
            loaded: Any = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return ReadyMade(matrix_of(loaded, path), None, None)
            return _of_archive({name: loaded[name] for name in loaded.files}, path, wanted)
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


def _of_archive(arrays: dict[str, Any], path: Path, wanted: Wanted) -> ReadyMade:
    """Tell the arrays of a ``.npz`` apart: the vectors, the names of files, the labels.

    By name where the name is known, else by what they hold: the one matrix of numbers; texts that
    are all different and as many as its rows are names, texts that recur are labels. Where such
    texts are there and can't be told, that is an error: rows are not put on files by order then.
    """
    vectors = _named_array(arrays, _VECTORS) or _only_matrix(arrays, path)
    matrix = matrix_of(arrays[vectors], path)
    files = _named_array(arrays, _FILES)
    labels = _named_array(arrays, _LABELS) if wanted.labels else None
    texts = [
        name
        for name, array in arrays.items()
        if name not in (vectors, files, labels) and _is_text_of(array, len(matrix))
    ]
    different = [name for name in texts if len(set(_texts(arrays[name]))) == len(matrix)]
    notes = []
    if files is None and len(different) == 1:
        files = different[0]
    if files is None and different:
        raise SourceError(
            f"{path} has no array 'files', and several that could be it: {some(different, 6)}.",
            hint="Save the names of the files as 'files'.",
        )
    recurring = [name for name in texts if name not in different]
    if labels is None and wanted.labels and len(recurring) == 1:
        labels = recurring[0]
    for what, name, usual in (
        ("Embeddings", vectors, _VECTORS),
        ("Names of files", files, _FILES),
        ("Labels", labels, _LABELS),
    ):
        if name is not None and name not in usual[:1]:
            notes.append(f"{what} are the array {name!r} of {path.name}.")
    return ReadyMade(
        matrix,
        None if files is None else _texts(arrays[files]),
        None if labels is None else _label_texts(arrays, labels, len(matrix), path, notes),
        tuple(notes),
    )


def _named_array(arrays: dict[str, Any], wanted: Sequence[str]) -> str | None:
    by_name = {name.casefold(): name for name in reversed(list(arrays))}
    return next((by_name[name] for name in wanted if name in by_name), None)


def _only_matrix(arrays: dict[str, Any], path: Path) -> str:
    found = [n for n, a in arrays.items() if a.ndim == 2 and a.dtype.kind == "f" and a.shape[1] > 1]
    pictures = [n for n, a in arrays.items() if a.ndim in (3, 4) and a.dtype.kind in "uif"]
    if len(found) != 1 and pictures:
        raise SourceError(
            f"{path} holds pictures as arrays, such as {pictures[0]!r} of the shape "
            f"{arrays[pictures[0]].shape}, not embeddings.",
            hint="Write each as a file first, with NumPy and Pillow: "
            f"Image.fromarray(np.load(FILE)[{pictures[0]!r}][n]).save('LABEL/n.png').",
        )
    if len(found) != 1:
        raise SourceError(
            f"{path} holds {some(arrays, 12)} but no 'embeddings'.",
            hint="Save it with np.savez(path, embeddings=…, files=…, labels=…).",
        )
    return found[0]


def _is_text_of(array: Any, rows: int) -> bool:
    return bool(array.dtype.kind in "US" and array.size == rows > 1)


def _texts(array: Any) -> list[str]:
    return [text(value) for value in np.atleast_1d(array).ravel().tolist()]


def _label_texts(
    arrays: dict[str, Any], name: str, rows: int, path: Path, notes: list[str]
) -> list[str]:
    """Return labels as texts, numbers as names where the archive has as many names for them.

    A row of 0 and 1 for each item (one-hot) counts as the one place that holds 1.
    """
    given = np.atleast_1d(arrays[name])
    names = _named_array(arrays, _CLASS_NAMES)
    called = _texts(arrays[names]) if names is not None and names != name else []
    cells: Sequence[Any]
    if given.ndim == 2 and given.shape[0] == rows and given.shape[1] > 1:
        if given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all():
            cells = given.tolist()
        else:
            usable = called if len(called) == given.shape[1] else range(given.shape[1])
            cells = [[str(usable[at]) for at in np.flatnonzero(row)] for row in given]
            notes.append(f"Labels are the places that hold 1 in {name!r} of {path.name}.")
    else:
        given = given.ravel()
        whole = given.dtype.kind in "iu" and given.size
        if whole and called and int(given.min()) >= 0 and int(given.max()) < len(called):
            cells = [called[int(number)] for number in given]
        else:
            cells = _texts(given)
    found = labels_of_cells(cells)
    refuse_mostly_several(found, f"{path}: the array {name!r}", hint=_ONE_LABEL_EACH)
    notes += several_notes(found)
    notes += respelt_notes({one for one in cells if isinstance(one, str) and one.strip()})
    return found.labels


def _within_range(matrix: NDArray[np.float32], path: Path) -> tuple[NDArray[np.float32], list[str]]:
    """Scale down what float16 could not hold; directions, all that is compared, stay."""
    largest = float(np.abs(matrix, where=np.isfinite(matrix), out=np.zeros_like(matrix)).max())
    if largest <= _LARGEST:
        return matrix, []
    factor = 2.0 ** np.ceil(np.log2(largest / _LARGEST))
    scaled = (matrix / np.float32(factor)).astype(np.float32)
    return scaled, [f"{path.name}: values up to {largest:.3g} were divided by {factor:g}."]
