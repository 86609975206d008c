"""Features of a cut: the row of numbers that the model of ``scoring`` takes.

None of them depends on the number of items of a data set or on the scale of its embeddings, so
that weights found on some data sets mean the same on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.splits.cutting import StrongestCuts
from embeddings.splits.evidence.styles import Directions, style_figures

LOWEST_AFFINITY: Final = -0.2

CUT: Final = (
    "affinity", "valley", "valley_rest", "coherence", "coherence_rest",
    "smallness", "smallness_rest", "share", "size",
)  # fmt: skip
CHANCE: Final = ("usual", "cloud_strength", "cloud_affinity")
DATA_SET: Final = ("within", "accuracy", "accuracy_over_chance", "labels")
STYLE: Final = ("alignment", "spread", "spread_of_share", "high_spread")
NEIGHBOURS: Final = (
    "vote_part", "vote_rest", "outside_part", "outside_rest", "own_part", "own_rest", "own_label",
    "suspicion_part", "suspicion_rest",
)  # fmt: skip
FEATURES: Final = CUT + CHANCE + DATA_SET + STYLE + NEIGHBOURS
GROUPS: Final = {
    "the cut": CUT, "cuts of one kind": CHANCE, "the data set": DATA_SET, "styles": STYLE,
    "neighbours and single items": NEIGHBOURS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelEvidence:
    """The items of one label that its cuts divide, with their neighbours and suspicions.

    ``rows`` (n, d) float32 in the shared space; ``near`` (n, k) the labels of the nearest items of
    other content, -1 for none; ``suspicion`` (n,) that of the items themselves.
    """

    number: int
    rows: NDArray[np.float32]
    near: NDArray[np.intp]
    suspicion: NDArray[np.float32]

    def of(self, items: NDArray[np.intp] | NDArray[np.bool_]) -> LabelEvidence:
        """Return what is known of some of the items."""
        return LabelEvidence(self.number, self.rows[items], self.near[items], self.suspicion[items])


@dataclass(frozen=True, slots=True)
class DataSetEvidence:
    """The features that are the same for all labels of a data set.

    ``usual`` is the usual strength of a label's strongest cut; ``accuracy`` the mean share of
    an item's nearest items that are under its label, ``chance`` what it would be by chance.
    """

    usual: float
    accuracy: float
    chance: float
    n_labels: int
    directions: Directions


def cut_features(
    label: LabelEvidence, data_set: DataSetEvidence, cuts: StrongestCuts
) -> NDArray[np.float64]:
    """Return one row of numbers per cut, (k, f) float64, columns as ``FEATURES``."""
    n = len(label.rows)
    found = cuts.statistics
    share = found.size / n
    style = style_figures(label.rows, cuts.inside, label.number, data_set.directions)
    columns = {
        "affinity": np.clip(found.affinity, LOWEST_AFFINITY, 1.0),
        "valley": found.valley,
        "valley_rest": found.valley_rest,
        "coherence": found.coherence,
        "coherence_rest": found.coherence_rest,
        "smallness": 1 / np.sqrt(found.size),
        "smallness_rest": 1 / np.sqrt(n - found.size),
        "share": np.log(share / (1 - share)),
        "size": np.log(n),
        "usual": data_set.usual,
        "cloud_strength": cuts.cloud_strength,
        "cloud_affinity": np.clip(cuts.cloud_affinity, LOWEST_AFFINITY, 1.0),
        "within": np.log(max(cuts.within, 0.005)),
        "accuracy": np.log((data_set.accuracy + 0.01) / (1.01 - data_set.accuracy)),
        "accuracy_over_chance": data_set.accuracy - data_set.chance,
        "labels": np.log(data_set.n_labels),
        "alignment": style.alignment,
        "spread": np.log(np.clip(style.spread, 0.002, 1.0)),
        "spread_of_share": np.log(np.clip(style.spread / (share * (1 - share)), 0.02, 10.0)),
        "high_spread": np.log(np.clip(style.high_spread, 0.002, 1.0)),
        **_neighbour_features(label, data_set.n_labels, cuts.inside),
    }
    return np.stack([np.broadcast_to(columns[name], len(share)) for name in FEATURES], axis=1)


def _neighbour_features(
    label: LabelEvidence, n_labels: int, cuts: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Return the features of either side that come from the labels of its nearest items."""
    k = label.near.shape[1]
    own = (label.near == label.number).sum(axis=1) / k
    other = (label.near >= 0) & (label.near != label.number)
    outside = other.sum(axis=1) / k
    found: dict[str, list[float]] = {name: [] for name in NEIGHBOURS}
    for cut in cuts:
        for side, members in (("part", cut), ("rest", ~cut)):
            asked = label.near[members][other[members]]
            votes = np.unique(asked, return_counts=True)[1]
            found[f"vote_{side}"].append(votes.max() / len(asked) if len(asked) else 0.0)
            found[f"outside_{side}"].append(float(outside[members].mean()))
            found[f"own_{side}"].append(float(own[members].mean()))
            found[f"suspicion_{side}"].append(float(label.suspicion[members].mean()))
        found["own_label"].append(float(own.mean()))
    return {name: np.array(values) for name, values in found.items()}
