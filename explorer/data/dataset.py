"""Read-only questions to one run of one workspace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import MissingStageError
from embeddings.health import Finding, Health
from embeddings.label_errors import EXPLAINED, By, Confused, confused, sources
from embeddings.neighbors import IVF_EXACT_UP_TO, IVF_FOLDER, Nearest, NearIndex, ensure_ivf_index
from embeddings.odd_clusters import odd_numbers
from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.retrieval import Words, words_of
from embeddings.storage import MappedVectors, beginnings
from embeddings.workspace import Workspace, missing_folder
from explorer.data.columns import ItemColumns
from explorer.data.search import SentenceSearch

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.decisions import Item
    from embeddings.slices import SliceReport
    from embeddings.storage import EmbeddingStore
    from explorer.data.queue import Case

Rows = NDArray[np.intp]
T = TypeVar("T")
SOME_FILES = 16  # that are looked for to see if the folder of the images is there
FIRST = (c.LABEL, c.SHA256, c.CLUSTER, c.X, c.Y, c.TYPICALITY, c.STATUS, c.FILE)


class Dataset:
    """The frames of the run that was current when the app started, and its pictures.

    An item is named by its *row*: its place in ``items``. A label is named by its *place* in the
    ranking. Both are fixed for a run, whose id stands in every address.

    Parameters
    ----------
    path
        The workspace folder.
    keeps_index
        Write the index of neighbours of a large data set beside its run, where there is none yet.
    """

    def __init__(self, path: str | Path, *, keeps_index: bool = True) -> None:
        self.keeps_index = keeps_index
        self.workspace = Workspace.open(path)
        self.run_id = self.workspace.run_id
        self.columns = ItemColumns(self.workspace.run_folder / "items.parquet")
        self.classes: pd.DataFrame = self.workspace.classes()
        self.clusters: pd.DataFrame = self.workspace.clusters()
        self.sentences = SentenceSearch(self.workspace)
        self._making = threading.Lock()
        self._kept: dict[str, Any] = {}

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self.columns)

    @cached_property
    def items(self) -> pd.DataFrame:
        """All that is known of every item, one row each; read when it is first asked for."""
        return self.columns.frame()

    def warm_up(self) -> None:
        """Read what the first pages and the first questions need, so that nobody waits for it."""
        for name in (name for name in FIRST if name in self.columns.names):
            self.columns.arrow(name)
        self.rows_of("")
        self.workspace.thumbnail("0" * 64)
        _ = self.cases  # how many wait stands on every page
        _ = self.nearest
        _ = self._contents

    def once(self, what: str, make: Callable[[Dataset], T]) -> T:
        """Return what ``make`` says of this run, which is computed when it is first asked for."""
        if what not in self._kept:
            self._kept[what] = make(self)
        return cast(T, self._kept[what])

    def folder_problem(self) -> str:
        """Say that the folder of the images is not there, and what to do; "" where it is."""
        if self.workspace.pictures.is_here(self._some_files):
            return ""
        return missing_folder(self.workspace.info.root, self.workspace.path)

    @cached_property
    def _some_files(self) -> list[str]:
        """Files with a picture, spread evenly: one of them is there if their folder is."""
        import pyarrow.compute as pc

        if c.BYTES in self.columns.names:  # items of which only an embedding was given have none
            held = pc.greater(self.columns.arrow(c.BYTES).fill_null(0), 0).to_numpy(False)
        else:
            held = pc.not_equal(self.columns.arrow(c.SHA256).fill_null(""), "").to_numpy(False)
        rows = np.flatnonzero(held)
        return self.files(rows[:: max(1, len(rows) // SOME_FILES)])

    # -- labels ------------------------------------------------------------------------

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, as ranked."""
        return tuple(str(label) for label in self.classes[c.LABEL])

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each label in the ranking."""
        return {label: place for place, label in enumerate(self.labels)}

    @cached_property
    def _rows(self) -> dict[str, Rows]:
        names, held = self.columns.groups(c.LABEL)
        order = np.argsort(held, kind="stable")
        ends = np.searchsorted(held[order], np.arange(-1, len(names)), side="right")
        return {
            name: order[start:end]
            for name, start, end in zip(names, ends[:-1], ends[1:], strict=True)
        }

    @cached_property
    def _clusters(self) -> dict[str, pd.DataFrame]:
        return {str(k): v for k, v in self.clusters.groupby(c.LABEL, sort=False, observed=True)}

    @cached_property
    def _cluster_facts(self) -> dict[tuple[str, int], dict[str, Any]]:
        rows = cast("list[dict[str, Any]]", self.clusters.to_dict("records"))
        return {(str(row[c.LABEL]), int(row[c.CLUSTER])): row for row in rows}

    def cluster_facts(self, label: str, number: int) -> Mapping[str, Any]:
        """Return the row of ``clusters`` about one cluster; empty where there is none."""
        return self._cluster_facts.get((label, number), {})

    def rows_of(self, label: str) -> Rows:
        """Return the rows of all items of a label, unreadable ones included."""
        return self._rows.get(label, np.zeros(0, np.intp))

    def clusters_of(self, label: str) -> pd.DataFrame:
        """Return the clusters of a label, largest first."""
        return self._clusters.get(label, self.clusters.iloc[:0])

    def odd_clusters(self, label: str) -> tuple[int, ...]:
        """Return the numbers of a label's odd clusters, those that do not belong."""
        return odd_numbers(self.clusters_of(label))

    def main_cluster(self, label: str) -> int:
        """Return the largest cluster that is what the label says."""
        odd = self.odd_clusters(label)
        return next((int(k) for k in self.clusters_of(label)[c.CLUSTER] if int(k) not in odd), 0)

    # -- items -------------------------------------------------------------------------

    @cached_property
    def cluster(self) -> NDArray[np.int32]:
        """The cluster of each item, -1 is noise."""
        return np.asarray(self.columns.arrow(c.CLUSTER).to_numpy(), dtype=np.int32)

    @cached_property
    def label_xy(self) -> NDArray[np.float32]:
        """(n, 2) places on the map of the item's own label; NaN without an embedding."""
        return np.column_stack([self.columns.floats(c.X), self.columns.floats(c.Y)])

    @cached_property
    def map_xy(self) -> NDArray[np.float32]:
        """(n, 2) places on the map of the whole data set; NaN without an embedding."""
        return np.column_stack([self.columns.floats(c.MAP_X), self.columns.floats(c.MAP_Y)])

    @cached_property
    def _typicality(self) -> NDArray[np.float32]:
        return self.columns.floats(c.TYPICALITY)

    @cached_property
    def suspicion(self) -> NDArray[np.float32]:
        """(n,) how likely each item's label is wrong; 0 where that is not known."""
        return np.nan_to_num(self.columns.floats(c.SUSPICION))

    def members(self, label: str, cluster: int) -> Rows:
        """Return the rows of a cluster that stand on the map, most typical first."""
        rows = self.rows_of(label)
        own = rows[(self.cluster[rows] == cluster) & np.isfinite(self.label_xy[rows, 0])]
        order = np.argsort(-self._typicality[own], kind="stable")
        return np.asarray(own[order])

    def typical(self, label: str, cluster: int, most: int) -> list[int]:
        """Return the rows of a cluster's most typical images, one of each content."""
        members = self.members(label, cluster)
        seen: dict[str, int] = {}
        for row in members[: most * 8].tolist():
            seen.setdefault(self.content(row), row)
            if len(seen) == most:
                break
        return list(seen.values())

    def label_of(self, row: int) -> str:
        """Return the label of an item."""
        return str(self.columns.arrow(c.LABEL)[int(row)].as_py())

    def content(self, row: int) -> str:
        """Return the hash of an item's bytes, "" where it has none."""
        return str(self.columns.arrow(c.SHA256)[int(row)].as_py() or "")

    def file_of(self, row: int) -> str:
        """Return the name of an item's file."""
        return str(self.columns.arrow(c.FILE)[int(row)].as_py())

    def files(self, rows: Rows) -> list[str]:
        """Return the names of the files of some items."""
        import pyarrow as pa

        taken: list[str] = self.columns.arrow(c.FILE).take(pa.array(rows)).to_pylist()
        return taken

    @cached_property
    def folded_files(self) -> pd.Series:
        """The names of the files without case, for searching."""
        return self.items[c.FILE].str.casefold()

    @cached_property
    def _contents(self) -> tuple[NDArray[np.uint64], Rows]:
        """The beginnings of all hashes, ascending, and whose they are."""
        import pyarrow.compute as pc

        contents = self.columns.arrow(c.SHA256)
        rows = np.flatnonzero(pc.not_equal(contents.fill_null(""), "").to_numpy(False))
        keys = beginnings(contents.take(rows))
        order = np.argsort(keys, kind="stable")
        return keys[order], rows[order]

    def copies(self, row: int) -> list[int]:
        """Return the rows whose files have the same bytes, this one among them."""
        content = self.content(row)
        return self.holding(content) if content else [row]

    def holding(self, content: str) -> list[int]:
        """Return the rows whose files have these bytes, by their hash."""
        keys, rows = self._contents
        wanted = np.uint64(int(content[:16], 16))
        start, end = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        return [int(r) for r in rows[start:end] if self.content(r) == content]

    def items_at(self, rows: Sequence[int]) -> list[Item]:
        """Return what to decide on, for some rows."""
        from embeddings.decisions import Item

        return [Item(self.file_of(r), self.label_of(r), self.content(r)) for r in rows]

    def predicted(self, row: int) -> list[tuple[str, float]]:
        """Return the model's likeliest classes of an item, best first; none without a head."""
        model = self.workspace.info.model
        if model is None:
            return []
        names = model.classes or ()
        file, at = self.nearest.lies(row)
        if file < 0:
            return []
        facts = self._mapped.table(file).slice(at, 1).drop_columns([c.EMBEDDING]).to_pylist()[0]
        return [
            (names[index] if index < len(names) else str(index), float(probability))
            for index, probability in zip(
                facts[c.PREDICTED_CLASSES] or (),
                facts[c.PREDICTED_PROBABILITIES] or (),
                strict=True,
            )
        ]

    def texts_at(self, name: str, rows: Rows) -> list[str]:
        """Return what a column of strings holds in some rows, "" where that is nothing."""
        if not len(rows):
            return []
        return [value or "" for value in self.columns.arrow(name).take(rows).to_pylist()]

    def unreadable(self) -> pd.DataFrame:
        """Return the files and the reasons of the items that could not be read."""
        import pandas as pd

        names, held = self.columns.groups(c.STATUS)
        fine = [place for place, name in enumerate(names) if name in (c.OK, c.NO_IMAGE)]
        rows = np.flatnonzero(~np.isin(held, fine))
        reasons = self.columns.arrow(c.REASON).take(rows).to_pylist() if len(rows) else []
        return pd.DataFrame({c.FILE: self.files(rows) if len(rows) else [], c.REASON: reasons})

    @cached_property
    def in_split(self) -> NDArray[np.bool_]:
        """(n,) whether the label of an item is split."""
        inside = np.zeros(len(self), dtype=bool)
        for label, split in zip(self.labels, self.classes[c.IS_SPLIT], strict=True):
            if split:
                inside[self.rows_of(label)] = True
        return inside

    @cached_property
    def in_odd_cluster(self) -> NDArray[np.bool_]:
        """(n,) whether an item lies in a cluster that does not belong under its label."""
        inside = np.zeros(len(self), dtype=bool)
        for label in self.clusters[c.LABEL][self.clusters[c.IS_ODD].to_numpy(dtype=bool)].unique():
            rows = self.rows_of(str(label))
            inside[rows] = np.isin(self.cluster[rows], self.odd_clusters(str(label)))
        return inside

    @cached_property
    def in_odd_part(self) -> NDArray[np.bool_]:
        """(n,) whether an item lies in the odd part of a label that is split."""
        if EXPLAINED in self.columns.names:
            held = self.columns.arrow(EXPLAINED).to_numpy(zero_copy_only=False)
            return np.asarray(held, dtype=bool)
        return self.in_odd_cluster & self.in_split

    @cached_property
    def words(self) -> Words | None:
        """The words of the model's classes, over the items; None where it has none."""
        return words_of(self.workspace, self.columns.arrow(self.workspace.key_column))

    # -- findings ----------------------------------------------------------------------

    @cached_property
    def singles(self) -> Rows:
        """The rows of single items that may carry a wrong label, most suspicious first."""
        suspicion = self.suspicion
        rows = np.flatnonzero((suspicion >= MORE_LIKELY_THAN_NOT) & ~self.in_odd_part)
        return np.asarray(rows[np.argsort(-suspicion[rows], kind="stable")])

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Everything found that waits for a decision, most worth first."""
        from explorer.data.queue import find_cases  # it asks the data set in its turn

        return find_cases(self)

    @cached_property
    def health(self) -> Health | None:
        """What is odd about files and pictures; None where the run was not checked."""
        return self.workspace.health()

    @property
    def has_pool(self) -> bool:
        """Whether there are images without a label to collect from."""
        from embeddings.retrieval import has_pool

        return has_pool(self.workspace, c.NO_LABEL in self.labels and len(self.labels) > 1)

    @cached_property
    def slices(self) -> SliceReport | None:
        """Where a model fails; None where there are no predictions of one."""
        return self.workspace.slices()

    def right_on(self, label: str) -> str:
        """Say how often the model is right on the parts of a label; "" without predictions."""
        return self.slices.parts_sentence(label) if self.slices else ""

    @cached_property
    def odd(self) -> dict[str, Finding]:
        """The findings of the check by their names in addresses, what matters most first."""
        findings = self.health.findings if self.health else ()
        return {finding.kind.replace(" ", "-"): finding for finding in findings}

    @cached_property
    def confusion_sources(self) -> tuple[By, ...]:
        """By whom there is a confusion matrix."""
        return sources(self.items)

    def confused(self, by: By) -> Confused | None:
        """Given labels against what the run's check or the model says; worked out once."""
        if by not in self._confused:
            self._confused[by] = confused(self.items, by)
        return self._confused[by]

    @cached_property
    def _confused(self) -> dict[By, Confused | None]:
        return {}

    @cached_property
    def _store(self) -> EmbeddingStore:
        model = self.workspace.info.model
        if model is None:
            raise MissingStageError(self.workspace.path, "embed")
        return self.workspace.store(model.fingerprint)

    @cached_property
    def _mapped(self) -> MappedVectors:
        return MappedVectors(self._store.files(), c.EMBEDDING)

    def unit_vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return (m, width) embeddings of length 1, in the order of ``rows``; NaN where none is.

        Where no row has an embedding the width is 1.
        """
        places = np.array([self.nearest.lies(int(row)) for row in rows], dtype=np.int32)
        known = places[:, 0] >= 0 if len(places) else np.zeros(0, dtype=bool)
        if not known.any():
            return np.full((len(places), 1), np.nan, dtype=np.float32)
        vectors = self._mapped.rows(places[known]).astype(np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        out = np.full((len(places), vectors.shape[1]), np.nan, dtype=np.float32)
        out[known] = vectors
        return out

    @cached_property
    def nearest(self) -> Nearest | NearIndex:
        """Nearest neighbours over the whole data set."""
        keys = self.columns.arrow(self.workspace.key_column)
        if len(self) <= IVF_EXACT_UP_TO:
            return Nearest(self.workspace.embeddings(self.items), self._store.places(keys))
        with self._making:
            folder = self.workspace.run_folder / IVF_FOLDER
            parts = ensure_ivf_index(folder, self._store, keys, keep=self.keeps_index)
        return NearIndex(parts, self._mapped, len(self))
