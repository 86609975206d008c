"""The frozen record of label errors, and what it says in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.display import MOST_LINES, Table, counted, equal_records, table_of
from embeddings.records import MORE_LIKELY_THAN_NOT

if TYPE_CHECKING:
    import pandas as pd

CHECKED = "checked_label"  # what an item looks like, its own label not being used
CHECKED_PROBABILITY = "checked_probability"
EXPLAINED = "explained_by_split"


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """The predictions of a model for n items.

    ``names`` of its classes; ``index`` (n, m) the likeliest classes of each item, best first, and
    their ``probability`` (n, m), 0 where there are fewer.
    """

    names: tuple[str, ...]
    index: NDArray[np.intp]
    probability: NDArray[np.float32]

    def of(self, items: NDArray[np.intp]) -> ModelAnswers:
        """Return the answers for some items, in their order."""
        return ModelAnswers(self.names, self.index[items], self.probability[items])


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """How likely each label is wrong, rows in the order of the embeddings given.

    Parameters
    ----------
    names
        The labels; all label numbers below point into these.
    given
        (n,) int32 label of each item.
    suspicion
        (n,) float32 in [0, 1]: the probability that another label of the data set is right.
    best, best_probability
        (n,) int32 and float32: the likeliest label, the given one considered; the given one where
        it is right.
    cluster_suspicion
        (n,) float32: the suspicion of the item's cluster, 0 where its label is one kind.
    cluster_unnamed
        (n,) bool: that cluster looks like no other label.
    top, top_probability
        (n, t) int32 and float32: what the item looks like, best first, its own label not being
        used.
    near
        (n, k) int32 given labels of the nearest images of other content, -1 where there is none.
    source
        ``cross-check`` or ``model``: where ``top`` comes from.
    notes
        What was assumed, one line each.
    index
        That of the pandas object that was given, None where there was none.

    Examples
    --------
    >>> from embeddings import find_label_errors
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.normal(size=(3, 16)) * 3, 20, axis=0) + rng.normal(size=(60, 16))
    >>> labels = np.repeat(["cat", "dog", "owl"], 20)
    >>> labels[7] = "owl"
    >>> errors = find_label_errors(X, labels)
    >>> errors.ranked().tolist(), errors.frame()["suggested_label"][7]
    ([7], 'cat')
    >>> print(errors.of(np.array([7])).evidence(0)[:51])
    Looks like cat: 10 of its 10 nearest images are cat
    """

    names: tuple[str, ...]
    given: NDArray[np.int32]
    suspicion: NDArray[np.float32]
    best: NDArray[np.int32]
    best_probability: NDArray[np.float32]
    cluster_suspicion: NDArray[np.float32]
    cluster_unnamed: NDArray[np.bool_]
    top: NDArray[np.int32]
    top_probability: NDArray[np.float32]
    near: NDArray[np.int32]
    source: str
    notes: tuple[str, ...] = ()
    index: Any = None

    __eq__ = equal_records

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        """Return the single items most likely under a wrong label."""
        ranked = self.ranked()
        title = (
            f"LabelErrors: {len(ranked):,} of {counted(len(self.given), 'item')} "
            "likely under a wrong label (.ranked(), .frame())"
        )
        shown = ranked[:MOST_LINES]
        names = shown if self.index is None else self.index[shown]
        rows = [
            (name, f"{self.suspicion[i]:.2f}", self.names[self.given[i]], self.names[self.best[i]])
            for name, i in zip(names, shown, strict=True)
        ]
        columns = ("item", c.SUSPICION, c.LABEL, c.SUGGESTED_LABEL)
        return table_of(title, columns, rows, total=len(ranked), notes=self.notes)

    def of(self, items: NDArray[np.intp]) -> LabelErrors:
        """Return what is said of some items, in their order; an item may come more than once."""
        values = {name: getattr(self, name) for name in LabelErrors.__slots__}
        rows: dict[str, Any] = {
            name: value[items] for name, value in values.items() if isinstance(value, np.ndarray)
        }
        if self.index is not None:
            rows["index"] = self.index[items]
        return replace(self, **rows)

    @property
    def explained(self) -> NDArray[np.bool_]:
        """(n,) bool: whether a split explains the item, so that it is shown there."""
        explained: NDArray[np.bool_] = self.cluster_suspicion > 0
        return explained

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(n,) bool: single items that more likely than not carry the wrong label."""
        wrong: NDArray[np.bool_] = (self.suspicion >= MORE_LIKELY_THAN_NOT) & ~self.explained
        return wrong

    @property
    def combined(self) -> NDArray[np.float32]:
        """(n,) float32: how likely an item is wrong by itself or as part of its cluster.

        Where a cluster looks like another label, the item's own suspicion has taken that into
        account. Where it looks like none, the item is no other label's either: the two
        probabilities exclude each other and are added up (total probability).
        """
        odd = np.where(self.cluster_unnamed, self.cluster_suspicion, 0)
        both: NDArray[np.float32] = (1 - (1 - self.suspicion) * (1 - odd)).astype(np.float32)
        return both

    @property
    def suggested(self) -> NDArray[np.object_]:
        """(n,) object: the label to give instead, None where the given one is the likeliest."""
        names = np.array([*self.names, None], dtype=object)
        suggested: NDArray[np.object_] = names[np.where(self.best == self.given, -1, self.best)]
        return suggested

    @property
    def predicted(self) -> NDArray[np.int32]:
        """(n,) int32: what each item looks like most."""
        return self.top[:, 0]

    def ranked(self) -> NDArray[np.intp]:
        """Return the items that are likely wrong by themselves, most suspicious first."""
        order = np.argsort(-self.suspicion, kind="stable")
        ranked: NDArray[np.intp] = order[self.wrong[order]]
        return ranked

    def evidence(self, item: int) -> str:
        """Say in a line why an item is or is not in question."""
        own = self.names[self.given[item]]
        asked = self.near[item][self.near[item] >= 0]
        votes = Counter(self.names[label] for label in asked)
        looks = self.names[self.best[item]]
        first = f"Looks like {looks}" if looks != own else f"Looks like {own}, as labelled"
        nearest = _nearest(votes, len(asked), looks, own)
        said = f"{self.names[self.top[item, 0]]} ({self.top_probability[item, 0]:.2f})"
        who = (
            "The model itself says"
            if self.source == "model"
            else "Without its label, the cross-check says"
        )
        return f"{first}{f': {nearest}' if nearest else ''}. {who} {said}."

    def frame(self) -> pd.DataFrame:
        """Return one row per item; evidence only where a label is likely wrong."""
        import pandas as pd

        suggested = self.suggested
        names = np.array(self.names, dtype=object)
        evidence = np.full(len(self.given), "", dtype=object)
        for item in np.flatnonzero(self.suspicion >= MORE_LIKELY_THAN_NOT):
            evidence[item] = self.evidence(int(item))
        known = np.array([s is not None for s in suggested])
        return pd.DataFrame(
            {
                c.SUSPICION: self.suspicion,
                c.SUGGESTED_LABEL: suggested,
                c.SUGGESTED_PROBABILITY: np.where(known, self.best_probability, 0),
                CHECKED: names[self.predicted],
                CHECKED_PROBABILITY: self.top_probability[:, 0],
                EXPLAINED: self.explained,
                c.EVIDENCE: evidence,
            },
            index=self.index,
        )


def _nearest(votes: Counter[str], asked: int, looks: str, own: str) -> str:
    """Say what the nearest images are: first what the item looks like, then its own label."""
    if not asked:
        return ""
    count, of_own = votes[looks], votes[own]
    verb = "is" if count == 1 else "are"
    many = f"{count}" if count else "none"
    text = f"{many} of its {asked} nearest images {verb} {looks}"
    if looks != own and of_own:
        text += f", {of_own} {'is' if of_own == 1 else 'are'} {own}"
    return text
