"""Inverted-file index for nearest neighbours among a million items, stored beside a run.

The method is that of an inverted file with a second look (Jégou, Douze and Schmid, *Product
Quantization for Nearest Neighbor Search*, 2011, without the product): unit vectors are turned to
their ``AXES`` main axes and kept as a byte each; k-means puts them into some √n cells. A query
looks into the nearest cells (``PROBES`` is their share), ranks the items there by those bytes, and
computes the cosine of the best ``SECOND_LOOK`` from the embeddings themselves, read from their
shards. So a query reads a few megabytes however wide the embeddings are, and making the index takes
time in n·√n.

`benchmarks/serve.py` measures the recall.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import unit_rows, widest_of_scatter
from embeddings.storage import MappedVectors, map_arrow, write_arrow

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from embeddings.storage import EmbeddingStore

IVF_EXACT_UP_TO = 20_000  # items; up to so many all are compared, without an index
IVF_FOLDER = "nearest"  # in a run
ITEMS = "items.arrow"
AXES = 96
PROBES = 1 / 16  # of the cells
FEWEST_PROBES = 12
SECOND_LOOK = 96  # items in the label and as many outside, for the ten or so that are asked for
MOST_SCANNED = 20_000  # items of a label; up to so many all are compared
SAMPLE_PER_CELL = 40
ROUNDS = 8  # of k-means
BLOCK = 8192

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Near:
    """Rows of the nearest items, nearest first: of all, and by whether they share the label."""

    anywhere: list[int]
    inside: list[int]
    outside: list[int]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is written: m known items in the order of their cells, k cells, d axes.

    ``row`` (m,) is the item; ``lies`` (m, 2) the file of its embedding and the row in it; ``code``
    (m, d) int8; ``size`` (k,) items of each cell, whose ``centre`` (k, d) is; ``axes`` (width, d)
    leads from a unit vector to coordinates, less ``middle`` (d,), which a code holds in units of
    ``step`` (d,).
    """

    row: NDArray[np.int32]
    lies: NDArray[np.int32]
    code: NDArray[np.int8]
    size: NDArray[np.int32]
    centre: Vectors
    axes: Vectors
    middle: Vectors
    step: Vectors


def make_parts(
    read: Callable[[int], NDArray[Any]], lies: NDArray[np.int32], *, seed: int = 0
) -> Parts:
    """Make the index.

    Parameters
    ----------
    read
        Gives the (rows, width) embeddings of a file by its number.
    lies
        (n, 2) where each item's embedding lies; -1 for none.

    Raises
    ------
    ValueError
        No item has an embedding.
    """
    known = np.flatnonzero(lies[:, 0] >= 0)
    if not len(known):
        raise ValueError("no item has an embedding")
    rng = np.random.default_rng(seed)
    k = max(1, round(np.sqrt(len(known))))
    chosen = rng.choice(known, min(len(known), SAMPLE_PER_CELL * k), replace=False)
    sample = _gather(read, lies[chosen])
    middle_of_all = sample.mean(axis=0)
    centred = sample - middle_of_all
    axes = widest_of_scatter(centred.T @ centred, min(AXES, len(known)))
    axes = np.ascontiguousarray(axes)
    middle = middle_of_all @ axes
    low = sample @ axes - middle
    step = np.maximum(np.quantile(np.abs(low), 0.9995, axis=0) / 127, 1e-9).astype(np.float32)
    centre = _cells(low, k, rng)
    code = np.empty((len(known), axes.shape[1]), np.int8)
    cell = np.empty(len(known), np.int32)
    order = np.lexsort((lies[known, 1], lies[known, 0]))
    ends = np.flatnonzero(np.diff(lies[known[order], 0])) + 1
    for at in np.split(order, ends):
        own = lies[known[at]]
        low = unit_rows(read(int(own[0, 0]))[own[:, 1]]) @ axes - middle
        cell[at] = _nearest_cell(low, centre)
        code[at] = np.clip(np.rint(low / step), -127, 127)
    by_cell = np.argsort(cell, kind="stable")
    return Parts(
        row=known[by_cell].astype(np.int32),
        lies=lies[known[by_cell]],
        code=code[by_cell],
        size=np.bincount(cell, minlength=k).astype(np.int32),
        centre=centre,
        axes=axes,
        middle=middle.astype(np.float32),
        step=step,
    )


def _gather(read: Callable[[int], NDArray[Any]], lies: NDArray[np.int32]) -> Vectors:
    """Return the unit vectors of some items, file by file."""
    parts = [
        read(int(file))[lies[lies[:, 0] == file, 1]] for file in np.unique(lies[:, 0]).tolist()
    ]
    return unit_rows(np.concatenate(parts))


def _cells(low: Vectors, k: int, rng: np.random.Generator) -> Vectors:
    """Return (k, d) centres by Lloyd's k-means; a cell that runs empty begins anew at an item."""
    centre = low[rng.choice(len(low), k, replace=False)].astype(np.float32)
    for _ in range(ROUNDS):
        cell = _nearest_cell(low, centre)
        order = np.argsort(cell, kind="stable")
        counts = np.bincount(cell, minlength=k)
        full = np.flatnonzero(counts)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])[full]
        centre[full] = np.add.reduceat(low[order], starts, axis=0) / counts[full, None]
        empty = np.flatnonzero(counts == 0)
        centre[empty] = low[rng.choice(len(low), len(empty), replace=False)]
    return centre


def _nearest_cell(low: Vectors, centre: Vectors) -> NDArray[np.int32]:
    half = 0.5 * np.einsum("ij,ij->i", centre, centre)
    out = np.empty(len(low), np.int32)
    for start in range(0, len(low), BLOCK):
        out[start : start + BLOCK] = np.argmax(low[start : start + BLOCK] @ centre.T - half, axis=1)
    return out


def ensure_ivf_index(
    folder: Path, store: EmbeddingStore, keys: Any, *, seed: int = 0, keep: bool = True
) -> Parts:
    """Return the index of a run, made and written where it is missing.

    Parameters
    ----------
    folder
        Where it lies.
    store, keys
        The embeddings, and a pyarrow array of each item's key in them.
    keep
        Write it; False makes it for this once.
    """
    if not (folder / ITEMS).is_file():
        files = store.files()
        parts = make_parts(lambda n: _vectors(files[n]), store.places(keys), seed=seed)
        if not keep:
            return parts
        try:
            write_parts(folder, parts)
        except OSError as error:
            log.warning("The index of neighbours can't be kept (%s); it is made each time.", error)
            return parts
    return read_parts(folder)


def _vectors(file: Path) -> NDArray[Any]:
    lists = map_arrow(file).column(c.EMBEDDING).chunk(0)
    return np.asarray(lists.values.to_numpy().reshape(-1, lists.type.list_size))


def write_parts(folder: Path, parts: Parts) -> None:
    """Write the index as three Arrow files, the rows last: with them the index is whole."""
    import pyarrow as pa

    def lists(matrix: NDArray[Any]) -> Any:
        return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])

    write_arrow(
        folder / "axes.arrow",
        pa.table({"axis": lists(parts.axes.T), "middle": parts.middle, "step": parts.step}),
    )
    write_arrow(
        folder / "cells.arrow", pa.table({c.SIZE: parts.size, "centre": lists(parts.centre)})
    )
    write_arrow(
        folder / ITEMS,
        pa.table({"row": parts.row, "lies": lists(parts.lies), "code": lists(parts.code)}),
    )


def read_parts(folder: Path) -> Parts:
    """Map the index that `write_parts` wrote."""

    def column(table: Any, name: str) -> NDArray[Any]:
        whole = table.column(name).combine_chunks()
        if hasattr(whole, "flatten") and hasattr(whole.type, "list_size"):
            return np.asarray(whole.flatten().to_numpy().reshape(len(whole), -1))
        return np.asarray(whole.to_numpy())

    items, cells, axes = (map_arrow(folder / f"{n}.arrow") for n in ("items", "cells", "axes"))
    return Parts(
        row=column(items, "row"),
        lies=column(items, "lies"),
        code=column(items, "code"),
        size=column(cells, c.SIZE),
        centre=column(cells, "centre"),
        axes=np.ascontiguousarray(column(axes, "axis").T),
        middle=column(axes, "middle"),
        step=column(axes, "step"),
    )


class NearIndex:
    """Finds the most similar items through the index.

    Parameters
    ----------
    parts
        The index.
    store
        Where the embeddings lie.
    n
        How many items there are, also those without an embedding.
    """

    def __init__(self, parts: Parts, store: MappedVectors, n: int) -> None:
        self.parts = parts
        self._store = store
        self._start = np.concatenate([[0], np.cumsum(parts.size)])
        self._half = 0.5 * np.einsum("ij,ij->i", parts.centre, parts.centre)
        self._place = np.full(n, -1, np.int32)
        self._place[parts.row] = np.arange(len(parts.row), dtype=np.int32)

    def lies(self, row: int) -> tuple[int, int]:
        """Return the file and the row in it that hold an item's embedding; -1 for none."""
        at = int(self._place[row])
        file, place = self.parts.lies[at].tolist() if at >= 0 else (-1, -1)
        return file, place

    def near(self, row: int, own: NDArray[np.intp], most: int) -> Near:
        """Return the ``most`` nearest items of each kind; none for an item without an embedding.

        Parameters
        ----------
        own
            The rows of the item's own label.
        """
        at = int(self._place[row])
        if at < 0:
            return Near([], [], [])
        p = self.parts
        query = unit_rows(self._store.rows(p.lies[at : at + 1]))[0]
        low = query @ p.axes
        scale = low * p.step
        probes = max(FEWEST_PROBES, round(len(p.size) * PROBES))
        cells = np.argsort(-(p.centre @ (low - p.middle) - self._half))[:probes]
        spans = [np.arange(self._start[n], self._start[n + 1], dtype=np.int32) for n in cells]
        seen = np.concatenate(spans)
        like = np.concatenate(
            [p.code[self._start[n] : self._start[n + 1]].astype(np.float32) @ scale for n in cells]
        )
        places = self._place[own]
        places = places[places >= 0]
        shares = np.zeros(len(p.row), dtype=bool)
        shares[places] = True
        same = shares[seen]
        if len(places) <= MOST_SCANNED:
            inside = _best(places, p.code[places].astype(np.float32) @ scale)
        else:
            inside = _best(seen[same], like[same])
        outside = _best(seen[~same], like[~same])
        inside, outside = inside[inside != at], outside[outside != at]
        both = np.concatenate([inside, outside])
        cosine = unit_rows(self._store.rows(p.lies[both])) @ query
        order = np.argsort(-cosine, kind="stable")
        is_inside = order < len(inside)

        def rows(chosen: NDArray[np.intp]) -> list[int]:
            return [int(r) for r in p.row[both[chosen[:most]]]]

        return Near(rows(order), rows(order[is_inside]), rows(order[~is_inside]))


def _best(places: NDArray[np.int32], like: Vectors) -> NDArray[np.int32]:
    if len(places) <= SECOND_LOOK:
        return places
    return places[np.argpartition(-like, SECOND_LOOK - 1)[:SECOND_LOOK]]
