"""What a figure is drawn of, read from a workspace or from a report with its embeddings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.odd_clusters import in_odd_cluster, odd_numbers
from embeddings.records import ClusterFinding, SplitReport

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.arrays import Labels, Matrix
    from explorer.figures import Part


@dataclass(frozen=True)
class Found:
    """The frames of one run or report, and where its items lie.

    ``items`` has ``label`` and ``cluster`` besides its other columns; ``names`` (n,) is what each
    item is called. ``label_xy`` and ``map_xy`` are (n, 2) float32, NaN where an item has no place.
    """

    name: str
    classes: pd.DataFrame
    clusters: pd.DataFrame
    items: pd.DataFrame
    names: NDArray[Any]
    label_xy: NDArray[np.float32]
    map_xy: NDArray[np.float32]

    @cached_property
    def cluster(self) -> NDArray[np.int32]:
        """(n,) the cluster of each item, -1 for none."""
        return np.asarray(self.items[c.CLUSTER].fillna(c.NOISE), dtype=np.int32)

    @cached_property
    def suspicion(self) -> NDArray[np.float32]:
        """(n,) how likely each item's label is wrong."""
        return np.nan_to_num(np.asarray(self.items[c.SUSPICION], dtype=np.float32))

    @cached_property
    def split_labels(self) -> list[str]:
        """The labels that are split, as ranked."""
        return [str(x) for x in self.classes[c.LABEL][self.classes[c.IS_SPLIT].astype(bool)]]

    @cached_property
    def split(self) -> NDArray[np.bool_]:
        """(n,) whether the label of an item is split."""
        return self.items[c.LABEL].astype(str).isin(self.split_labels).to_numpy(dtype=bool)

    @cached_property
    def odd(self) -> NDArray[np.bool_]:
        """(n,) whether an item lies in a cluster that does not belong under its label."""
        return in_odd_cluster(self.items, self.clusters)

    def verdict(self, label: str) -> str:
        """Return the verdict on a label.

        Raises
        ------
        UsageError
            There is no such label.
        """
        own = self.classes[self.classes[c.LABEL].astype(str) == label]
        if not len(own):
            raise UsageError(f"There is no label {label!r}.", hint=_labels_there(self.classes))
        return str(own[c.VERDICT].iloc[0])

    def parts(self, label: str, xy: NDArray[np.float32]) -> list[Part]:
        """Return the clusters of a label that have a place, A first."""
        from explorer.data import letter
        from explorer.figures import Part

        self.verdict(label)
        mine = self.clusters[self.clusters[c.LABEL].astype(str) == label]
        odd = odd_numbers(mine)
        shows = {int(row[c.CLUSTER]): _shown_by(row) for row in mine.to_dict("records")}
        inside = (self.items[c.LABEL].astype(str) == label).to_numpy(dtype=bool)
        rows = np.flatnonzero(inside & np.isfinite(xy[:, 0]))
        parts = []
        for number in np.unique(self.cluster[rows]).tolist():
            own = rows[self.cluster[rows] == number]
            named = shows.get(number, "")
            parts.append(Part(number, letter(number), label, number in odd, named, own, xy[own]))
        return parts


def _shown_by(cluster: Mapping[Hashable, Any]) -> str:
    """Return the label that is suggested for a cluster, else what the model's classes call it."""
    from embeddings.kind_names import kind_name

    said = cluster[c.SUGGESTED_LABEL]
    return said if isinstance(said, str) and said else kind_name(cluster)


def found_in(
    source: Any,
    *,
    X: Matrix | None = None,
    labels: Labels | None = None,
    places_of: str | None = "",
) -> Found:
    """Read a workspace, its folder or a report.

    ``places_of`` says which map of a report is drawn: that of a label, of all (None), or "" for
    none.

    Raises
    ------
    UsageError
        A report comes without the embeddings and labels that its map needs, or a workspace with.
    """
    if isinstance(source, SplitReport):
        return _of_report(source, X, labels, places_of)
    if X is not None or labels is not None:
        raise UsageError(
            "X= and labels= are for a report; a workspace holds its own.", hint="Leave them out."
        )
    return _of_workspace(source)


def _of_workspace(source: Any) -> Found:
    import embeddings

    where = source if isinstance(source, str | Path) else source.path
    ws = embeddings.Workspace.open(where)
    items = ws.items()
    return Found(
        name=ws.name,
        classes=ws.classes(),
        clusters=ws.clusters(),
        items=items,
        names=items[c.FILE].to_numpy(dtype=object),
        label_xy=items[[c.X, c.Y]].to_numpy(dtype=np.float32),
        map_xy=items[[c.MAP_X, c.MAP_Y]].to_numpy(dtype=np.float32),
    )


def _of_report(
    report: SplitReport, X: Matrix | None, labels: Labels | None, places_of: str | None
) -> Found:
    import pandas as pd

    items = report.items()
    nowhere = np.full((len(items), 2), np.nan, dtype=np.float32)
    names = np.array([str(name) for name in items.index], dtype=object)
    label_xy = map_xy = nowhere
    if places_of != "":
        given, rows = _given(report, X, labels)
        items = items.assign(**{c.LABEL: given})
        if places_of is None:
            map_xy = _drawn(rows, np.arange(len(items)), whole=True)
        else:
            label_xy = _drawn(rows, np.flatnonzero(given == places_of), whole=False)
    fields = list(ClusterFinding.__slots__)
    found = [[getattr(k, name) for name in fields] for f in report.labels for k in f.clusters]
    clusters = pd.DataFrame(found, columns=fields)
    return Found("", report.frame(), clusters, items, names, label_xy, map_xy)


def _given(
    report: SplitReport, X: Matrix | None, labels: Labels | None
) -> tuple[NDArray[np.object_], Any]:
    """Return the labels as text, and the rows of the embeddings."""
    from embeddings.arrays import labels_of, rows_of

    if X is None or labels is None:
        raise UsageError(
            "A report keeps no embeddings, and a map needs them.",
            hint="Give those that were judged, with their labels: X=X, labels=labels.",
        )
    rows, n = rows_of(X), len(report.cluster)
    if len(rows) != n:
        raise UsageError(
            f"The report is of {n:,} items, and there are {len(rows):,} embeddings.",
            hint="Give the embeddings that the report was made of.",
        )
    return np.asarray(labels_of(labels, n), dtype=object).astype(str).astype(object), rows


def _drawn(rows: Any, chosen: NDArray[np.intp], *, whole: bool) -> NDArray[np.float32]:
    """Return (n, 2) places: those of the chosen items, NaN for the others."""
    from embeddings.projection import label_map, whole_map

    X = np.asarray(rows[:], dtype=np.float32)
    out = np.full((len(X), 2), np.nan, dtype=np.float32)
    able = chosen[np.isfinite(X[chosen]).all(axis=1)]
    if len(able):
        out[able] = (whole_map if whole else label_map)(X[able], seed=0).xy
    return out


def _labels_there(classes: pd.DataFrame) -> str:
    names = classes[c.LABEL].astype(str).head(8).tolist()
    return f"There are {len(classes):,}: {', '.join(names)}{' …' if len(classes) > 8 else ''}."
