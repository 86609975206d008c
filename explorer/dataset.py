"""Read-only questions to one run of one workspace."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.confusion import Confusion, TakenFor, confusion, top_confusions
from embeddings.facts import Finding, find_odd_files
from embeddings.label_errors import CHECKED
from embeddings.workspace import Workspace
from explorer.nearest import Nearest

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
SUSPICIOUS = 0.5  # of a single item
MOST_CONFUSIONS = 5000


class Dataset:
    """The frames of the run that was current when the app started, and its pictures.

    An item is named by its *row*: its place in ``items``. A label is named by its *place* in the
    ranking. Both are fixed for a run, whose id stands in every address.

    Parameters
    ----------
    path
        The workspace folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.workspace = Workspace.open(path)
        self.run_id = self.workspace.run_id
        self.items: pd.DataFrame = self.workspace.items()
        self.classes: pd.DataFrame = self.workspace.classes()
        self.clusters: pd.DataFrame = self.workspace.clusters()

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
        groups = self.items.groupby(c.LABEL, sort=False, observed=True).indices
        return {str(label): np.asarray(rows) for label, rows in groups.items()}

    @cached_property
    def _clusters(self) -> dict[str, pd.DataFrame]:
        return {str(k): v for k, v in self.clusters.groupby(c.LABEL, sort=False, observed=True)}

    def rows_of(self, label: str) -> Rows:
        """Return the rows of all items of a label, unreadable ones included."""
        return self._rows.get(label, np.zeros(0, np.intp))

    def clusters_of(self, label: str) -> pd.DataFrame:
        """Return the clusters of a label, largest first."""
        return self._clusters.get(label, self.clusters.iloc[:0])

    # -- items -------------------------------------------------------------------------

    @cached_property
    def cluster(self) -> NDArray[np.int32]:
        """The cluster of each item, -1 is noise."""
        return np.asarray(self.items[c.CLUSTER].to_numpy(dtype=np.int32))

    @cached_property
    def label_xy(self) -> NDArray[np.float32]:
        """(n, 2) places on the map of the item's own label; NaN without an embedding."""
        return np.asarray(self.items[[c.X, c.Y]].to_numpy(dtype=np.float32))

    @cached_property
    def map_xy(self) -> NDArray[np.float32]:
        """(n, 2) places on the map of the whole data set; NaN without an embedding."""
        return np.asarray(self.items[[c.MAP_X, c.MAP_Y]].to_numpy(dtype=np.float32))

    @cached_property
    def _typicality(self) -> NDArray[np.float32]:
        return np.asarray(self.items[c.TYPICALITY].to_numpy(dtype=np.float32))

    def members(self, label: str, cluster: int) -> Rows:
        """Return the rows of a cluster that stand on the map, most typical first."""
        rows = self.rows_of(label)
        own = rows[(self.cluster[rows] == cluster) & np.isfinite(self.label_xy[rows, 0])]
        order = np.argsort(-self._typicality[own], kind="stable")
        return np.asarray(own[order])

    def typical(self, label: str, cluster: int, most: int) -> list[int]:
        """Return the rows of a cluster's most typical images, one of each content."""
        members = self.members(label, cluster)
        contents = self.items[c.SHA256].iloc[members[: most * 8]].drop_duplicates()
        return [int(row) for row in contents.index[:most]]

    def label_of(self, row: int) -> str:
        """Return the label of an item."""
        return str(self.items[c.LABEL].iloc[row])

    @cached_property
    def folded_files(self) -> pd.Series:
        """The names of the files without case, for searching."""
        return self.items[c.FILE].str.casefold()

    @cached_property
    def _contents(self) -> pd.Series:
        return self.items[c.SHA256].fillna("")

    def copies(self, row: int) -> list[int]:
        """Return the rows whose files have the same bytes, this one among them."""
        content = self._contents.iloc[row]
        if not content:
            return [row]
        return [int(r) for r in np.flatnonzero((self._contents == content).to_numpy())]

    @cached_property
    def _facts(self) -> pd.DataFrame | None:
        model = self.workspace.info.model
        return self.workspace.store(model.fingerprint).facts() if model else None

    def predicted(self, row: int) -> list[tuple[str, float]]:
        """Return the model's likeliest classes of an item, best first; none without a head."""
        model = self.workspace.info.model
        content = self._contents.iloc[row]
        if self._facts is None or model is None or content not in self._facts.index:
            return []
        facts = self._facts.loc[content]
        names = model.classes or ()
        return [
            (names[index] if index < len(names) else str(index), float(probability))
            for index, probability in zip(
                facts.get(c.PREDICTED_CLASSES, ()),
                facts.get(c.PREDICTED_PROBABILITIES, ()),
                strict=True,
            )
        ]

    def unreadable(self) -> pd.DataFrame:
        """Return the items whose files could not be read."""
        return self.items[~self.items[c.STATUS].isin([c.OK, c.NO_IMAGE])]

    @cached_property
    def in_odd_part(self) -> NDArray[np.bool_]:
        """(n,) whether an item lies in the odd part of a label that is split."""
        split = self.classes[c.LABEL][self.classes[c.IS_SPLIT].to_numpy(dtype=bool)]
        return np.asarray(self.items[c.LABEL].isin(set(split)).to_numpy() & (self.cluster > 0))

    @cached_property
    def odd_files(self) -> tuple[Finding, ...]:
        """What the facts of the files say, and the single images that may be wrong."""
        suspicion = np.nan_to_num(self.items[c.SUSPICION].to_numpy(dtype=np.float32))
        rows = np.flatnonzero((suspicion >= SUSPICIOUS) & ~self.in_odd_part)
        rows = rows[np.argsort(-suspicion[rows], kind="stable")]
        singles = Finding(
            "suspicious",
            "Images that may be under a wrong label",
            "Most suspicious first.",
            rows,
            grave=True,
        )
        return (*((singles,) if len(rows) else ()), *find_odd_files(self.items))

    @cached_property
    def confusion(self) -> tuple[Confusion, tuple[TakenFor, ...]]:
        """Given labels against what the run's cross-check said; empty for a run that had none."""
        items = self.items
        told = items[CHECKED].notna().to_numpy() if CHECKED in items else np.zeros(0, dtype=bool)
        if not told.any():
            none = np.zeros(0, dtype=np.int32)
            return Confusion((), none, none, none.astype(np.int64), none.astype(np.intp), none), ()
        rows = np.flatnonzero(told)
        given = items[c.LABEL].iloc[rows].astype(str).to_numpy(dtype=object)
        looks = items[CHECKED].iloc[rows].astype(str).to_numpy(dtype=object)
        suspicion = np.nan_to_num(items[c.SUSPICION].to_numpy(dtype=np.float32))[rows]
        taken = top_confusions(
            given,
            looks,
            wrong=suspicion >= SUSPICIOUS,
            in_split=self.in_odd_part[rows],
            most=MOST_CONFUSIONS,
        )
        return confusion(given, looks), tuple(taken)

    @cached_property
    def nearest(self) -> Nearest:
        """Nearest neighbours over the whole data set."""
        return Nearest(self.workspace.embeddings(self.items))
