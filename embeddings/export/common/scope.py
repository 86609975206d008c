"""The scope of an export, and the one definition of a flagged item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.source import ExportSource, Rows
from embeddings.odd_clusters import in_odd_cluster
from embeddings.records import MORE_LIKELY_THAN_NOT

if TYPE_CHECKING:
    import pandas as pd

RUN_AGAIN: Final = "Run `rosette run` again and look at the new ones."
_LABEL: Final = "label:"


@dataclass(frozen=True, slots=True)
class Scope:
    """All items, the decided or flagged ones, those of one label, or a saved selection of files."""

    kind: Literal["all", "decided", "flagged", "label", "selection"] = "all"
    label: str = ""
    files: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Read ``all``, ``decided``, ``flagged`` or ``label:NAME``.

        Raises
        ------
        UsageError
            It is none of them.
        """
        if text == "all":
            return cls("all")
        if text == "decided":
            return cls("decided")
        if text == "flagged":
            return cls("flagged")
        if text.startswith(_LABEL):
            return cls("label", label=text.removeprefix(_LABEL))
        raise UsageError(
            f"There is no scope {text!r}.", hint="Choose all, decided, flagged or label:NAME."
        )

    @classmethod
    def selection(cls, files: Iterable[str]) -> Scope:
        """Make the scope of a saved selection: the items of these files."""
        return cls("selection", files=frozenset(files))


def flagged(source: ExportSource) -> NDArray[np.bool_]:
    """Say which items deserve a look.

    An item is flagged when there is a decision on it, when its cluster is the odd one of a label
    that the verdict calls split, or when its own label is more likely wrong than right.

    Returns
    -------
    (n,) in the order of ``source.items``.
    """
    items = source.items
    n = len(items)
    decided = _texts(items, c.DECISION) != ""
    suspicious = (
        items[c.SUSPICION].fillna(0).to_numpy(dtype=float) >= MORE_LIKELY_THAN_NOT
        if c.SUSPICION in items
        else np.zeros(n, dtype=bool)
    )
    return np.asarray(decided | suspicious | in_odd_cluster(items, _clusters_of_splits(source)))


def scoped(source: ExportSource, scope: Scope) -> ExportSource:
    """Keep the items of ``scope``, and the labels and clusters that they are of.

    Sizes and scores of labels and clusters stay those of the whole data set.

    Raises
    ------
    UsageError
        Nothing is left.
    """
    if scope.kind == "all":
        return source
    keep = np.flatnonzero(_mask(source, scope))
    if not len(keep):
        raise UsageError(
            f"There is nothing to export: no item is {_described(scope)}.",
            hint="Choose another scope.",
        )
    return _only(source, keep)


def without_changed(source: ExportSource) -> tuple[ExportSource, tuple[str, ...]]:
    """Leave out the items whose files have changed since the run, with a note.

    For formats where another program shows the files: a decision there would be about another
    picture than the one that the run saw.

    Raises
    ------
    UsageError
        Nothing is left.
    """
    states = source.states()
    keep = np.flatnonzero(np.array([state != "changed" for state in states], dtype=bool))
    if len(keep) == len(states):
        return source, ()
    changed = [file for file, s in zip(source.items[c.FILE], states, strict=True) if s == "changed"]
    said = left_out(changed, "hold other pictures now than the run saw")
    if not len(keep):
        raise UsageError(f"There is nothing to export: {said}", hint=RUN_AGAIN)
    return _only(source, keep), (f"{said} {RUN_AGAIN}",)


def left_out(files: Sequence[str], why: str) -> str:
    """Say in one line which files were left out."""
    more = f" and {len(files) - 3:,} more" if len(files) > 3 else ""
    return f"{len(files):,} files {why} and were left out: {', '.join(files[:3])}{more}."


def _only(source: ExportSource, keep: Rows) -> ExportSource:
    items = source.items.iloc[keep].reset_index(drop=True)
    labels = set(items[c.LABEL])
    return replace(
        source,
        items=items,
        classes=_of_labels(source.classes, labels),
        clusters=_of_labels(source.clusters, labels),
        merges=_between(source.merges, labels),
        slices=None if source.slices is None else _of_labels(source.slices, labels),
        embeddings=lambda rows: source.embeddings(keep[rows]),
    )


def _mask(source: ExportSource, scope: Scope) -> NDArray[np.bool_]:
    if scope.kind == "decided":
        return np.asarray(_texts(source.items, c.DECISION) != "", dtype=bool)
    if scope.kind == "flagged":
        return flagged(source)
    if scope.kind == "label":
        return np.asarray(source.items[c.LABEL] == scope.label, dtype=bool)
    return np.asarray(source.items[c.FILE].isin(scope.files), dtype=bool)


def _described(scope: Scope) -> str:
    if scope.kind == "label":
        return f"under the label {scope.label!r}"
    return scope.kind if scope.kind in ("decided", "flagged") else "in the selection"


def _of_labels(frame: pd.DataFrame, labels: set[str]) -> pd.DataFrame:
    if c.LABEL not in frame:
        return frame
    return frame[frame[c.LABEL].isin(labels)].reset_index(drop=True)


def _between(merges: pd.DataFrame, labels: set[str]) -> pd.DataFrame:
    both = merges[c.LABEL_A].isin(labels) & merges[c.LABEL_B].isin(labels)
    return merges[both].reset_index(drop=True)


def _clusters_of_splits(source: ExportSource) -> pd.DataFrame:
    classes, clusters = source.classes, source.clusters
    if c.IS_SPLIT not in classes or c.LABEL not in clusters:
        return clusters.iloc[:0]
    split = classes.loc[classes[c.IS_SPLIT].astype(bool), c.LABEL]
    return clusters[clusters[c.LABEL].isin(split)]


def _texts(items: pd.DataFrame, column: str) -> NDArray[np.object_]:
    if column not in items:
        return np.full(len(items), "", dtype=object)
    return np.asarray(items[column].fillna("").to_numpy(dtype=object))
