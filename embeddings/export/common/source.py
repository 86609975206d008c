"""What an export reads: the frames of a run, and loaders for what is too large to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import MissingStageError
from embeddings.storage import EmbeddingStore, MappedVectors

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.images import Pictures, PictureState
    from embeddings.workspace import Workspace

Rows = NDArray[np.intp]

_BATCH = 2048


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What there is to export.

    ``items``, ``classes``, ``clusters`` and ``merges`` have the columns of a workspace's frames;
    the column ``decision`` of ``items`` holds the decisions in force as text (``relabel: car``).
    ``embeddings`` takes (k,) places in ``items`` and returns (k, ``width``) float32 in that
    order, NaN rows where an item has none. ``thumbnail`` takes an item's SHA-256 and returns a
    JPEG or None. ``root`` is the folder that ``file`` is relative to, and ``pictures`` holds the
    files in it against what the run saw. ``slices`` has a row per slice and label of what a model
    is right on, None where there are no predictions of one.
    """

    name: str
    items: pd.DataFrame
    classes: pd.DataFrame
    clusters: pd.DataFrame
    merges: pd.DataFrame
    embeddings: Callable[[Rows], NDArray[np.float32]]
    width: int
    thumbnail: Callable[[str], bytes | None]
    root: Path
    pictures: Pictures
    slices: pd.DataFrame | None = None

    def image_path(self, file: str) -> Path | None:
        """Where the image of an item lies, or None when it is not under the root any more."""
        return self.pictures.path(file)

    def states(self) -> list[PictureState]:
        """Say of each item whether its file holds what the run saw."""
        items = self.items
        shas = items[c.SHA256].fillna("") if c.SHA256 in items else [""] * len(items)
        return self.pictures.states(zip(map(str, items[c.FILE]), map(str, shas), strict=True))

    def kind_names(self) -> list[str]:
        """Return of each item what the model's classes call its cluster, "" where nothing."""
        from embeddings.kind_names import kind_name

        clusters = self.clusters.to_dict("records") if c.KIND_NAME in self.clusters else []
        named = {
            (str(one[c.LABEL]), int(one[c.CLUSTER])): kind_name(one)
            for one in clusters
            if kind_name(one)
        }
        if not named:
            return [""] * len(self.items)
        pairs = zip(
            self.items[c.LABEL].astype(str), self.items[c.CLUSTER].fillna(c.NOISE), strict=True
        )
        return [named.get((label, int(cluster)), "") for label, cluster in pairs]

    def batches(self, rows: Rows, size: int = _BATCH) -> Iterator[tuple[Rows, NDArray[np.float32]]]:
        """Yield some places of ``rows`` and their embeddings, ``size`` at a time."""
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield part, self.embeddings(part)


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote: the ``files`` to name to the user, and ``notes``, one line each.

    ``notes`` say what was left out or put otherwise, and what to do next.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def from_workspace(ws: Workspace, items: pd.DataFrame | None = None) -> ExportSource:
    """Make the source of a workspace's current run.

    Parameters
    ----------
    items
        The items of the run with the decisions in force (``store.with_decisions``), in the order
        of ``ws.items()``; None takes them as the run has them, without decisions.

    Raises
    ------
    MissingStageError
        Nothing was clustered yet.
    """
    items = ws.items() if items is None else items
    model = ws.info.model
    if model is None:
        raise MissingStageError(ws.path, "embed")
    return ExportSource(
        name=ws.name,
        items=items,
        classes=ws.classes(),
        clusters=ws.clusters(),
        merges=ws.merges(),
        embeddings=ShardReader(ws.store(model.fingerprint), ws.keys(items), model.width),
        width=model.width,
        thumbnail=ws.thumbnail,
        root=Path(ws.info.root),
        pictures=ws.pictures,
        slices=None if (found := ws.slices()) is None else found.frame(),
    )


class ShardReader:
    """Embeddings by row out of shards, looked up once and read where they are asked for.

    Parameters
    ----------
    store
        The shards.
    keys
        (n,) the key of each item.
    width
        Of an embedding.
    """

    def __init__(self, store: EmbeddingStore, keys: Sequence[str], width: int) -> None:
        self._store = store
        self._keys = keys
        self._width = width
        self._vectors: MappedVectors | None = None
        self._lies: NDArray[np.int32] | None = None  # (n, 2) shard and row, -1 for none

    def __call__(self, rows: Rows) -> NDArray[np.float32]:
        """Return (k, width) float32 in the order of ``rows``; NaN rows where there is none."""
        out = np.full((len(rows), self._width), np.nan, dtype=np.float32)
        if self._vectors is None or self._lies is None:
            import pyarrow as pa

            self._vectors = MappedVectors(self._store.files(), c.EMBEDDING)
            self._lies = self._store.places(pa.array(self._keys, pa.large_string()))
        lies = self._lies[rows]
        there = np.flatnonzero(lies[:, 0] >= 0)
        if len(there):
            out[there] = self._vectors.rows(lies[there])
        return out
