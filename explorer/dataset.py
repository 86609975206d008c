"""Read-only questions to one run of one workspace."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.confused import By, Confused, confused, explained, sources
from embeddings.health import Finding, Health
from embeddings.label_errors import EXPLAINED, WRONG_AT
from embeddings.workspace import Workspace
from explorer.nearest import Nearest

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]


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
        if EXPLAINED in self.items:
            return explained(self.items)
        split = self.classes[c.LABEL][self.classes[c.IS_SPLIT].to_numpy(dtype=bool)]
        return np.asarray(self.items[c.LABEL].isin(set(split)).to_numpy() & (self.cluster > 0))

    # -- findings ----------------------------------------------------------------------

    @cached_property
    def singles(self) -> Rows:
        """The rows of single items that may carry a wrong label, most suspicious first."""
        suspicion = np.nan_to_num(self.items[c.SUSPICION].to_numpy(dtype=np.float32))
        rows = np.flatnonzero((suspicion >= WRONG_AT) & ~self.in_odd_part)
        return np.asarray(rows[np.argsort(-suspicion[rows], kind="stable")])

    @cached_property
    def health(self) -> Health | None:
        """What is odd about files and pictures; None where the run was not checked."""
        return self.workspace.health()

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
    def nearest(self) -> Nearest:
        """Nearest neighbours over the whole data set."""
        return Nearest(self.workspace.embeddings(self.items))
