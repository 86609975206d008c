"""From the records of the stages to the three frames that everybody reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.label_errors import (
    CHECKED,
    CHECKED_PROBABILITY,
    EXPLAINED,
    LabelErrors,
    ModelAnswers,
)
from embeddings.records import ClusterFinding, LabelFinding, MergeFinding, SplitReport

if TYPE_CHECKING:
    import pandas as pd

CLASS_COLUMNS = (
    c.LABEL,
    c.SIZE,
    c.N_CLUSTERS,
    c.SPLIT_SCORE,
    c.IS_SPLIT,
    c.VERDICT,
    c.STYLE,
    c.STYLE_GROUP,
    c.N_STRAYS,
    c.SPLIT_REASON,
    c.EVIDENCE,
    c.OWN_SCORE,
    c.SECOND_SCORE,
    c.SECOND_LOOK,
)
CLUSTER_COLUMNS = (
    c.LABEL,
    c.CLUSTER,
    c.SIZE,
    c.SUSPICION,
    c.IS_ODD,
    c.SUGGESTED_LABEL,
    c.SUGGESTED_PROBABILITY,
    c.NEAREST_LABEL,
    c.NEAREST_SIMILARITY,
    c.OUTSIDE_SHARE,
    c.GAP,
    c.STABILITY,
)


def classes_frame(labels: Sequence[LabelFinding]) -> pd.DataFrame:
    """One row per label, ranked by split score; equal scores by label, so that order is fixed."""
    import pandas as pd

    ranked = sorted(labels, key=lambda f: (-f.split_score, f.label))
    rows = [
        (
            f.label,
            f.size,
            f.n_clusters,
            f.split_score,
            f.is_split,
            f.verdict,
            f.style,
            f.style_group,
            f.n_strays,
            f.reason,
            f.evidence,
            f.own_score,
            f.second_score,
            f.second_look,
        )
        for f in ranked
    ]
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))


def clusters_frame(labels: Sequence[LabelFinding]) -> pd.DataFrame:
    """One row per cluster, by label in the order of the ranking, then by number."""
    import pandas as pd

    def row(f: ClusterFinding) -> tuple[Any, ...]:
        return (
            f.label,
            f.cluster,
            f.size,
            f.suspicion,
            f.is_odd,
            f.suggested_label,
            f.suggested_probability,
            f.nearest_label,
            f.nearest_similarity,
            f.outside_share,
            f.gap,
            f.stability,
        )

    ranked = sorted(labels, key=lambda f: (-f.split_score, f.label))
    rows = [row(f) for finding in ranked for f in finding.clusters]
    return pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))


def merges_frame(merges: Sequence[MergeFinding]) -> pd.DataFrame:
    """One row per pair of labels that are perhaps one kind, likeliest first."""
    import pandas as pd

    rows = [
        (f.label_a, f.label_b, f.score, f.size_a, f.size_b, f.affinity, f.mixing, f.evidence)
        for f in merges
    ]
    return pd.DataFrame(rows, columns=list(c.MERGE_COLUMNS))


def predictions(
    facts: pd.DataFrame, keys: Sequence[str], classes: tuple[str, ...] | None
) -> tuple[list[str | None], NDArray[np.float32]]:
    """Return the likeliest class of each key by name (or number), and its probability.

    Returns
    -------
    names, probabilities
        Both (n,) in the order of ``keys``; None and NaN where the model has no head.
    """
    by_class = dict(facts[c.PREDICTED_CLASSES]) if c.PREDICTED_CLASSES in facts else {}
    by_probability = (
        dict(facts[c.PREDICTED_PROBABILITIES]) if c.PREDICTED_PROBABILITIES in facts else {}
    )
    names: list[str | None] = []
    probabilities = np.full(len(keys), np.nan, dtype=np.float32)
    for place, key in enumerate(keys):
        best = by_class.get(key)
        if best is None or len(best) == 0:
            names.append(None)
            continue
        index = int(best[0])
        names.append(classes[index] if classes and index < len(classes) else str(index))
        probabilities[place] = by_probability[key][0]
    return names, probabilities


def answers(
    facts: pd.DataFrame, keys: Sequence[str], classes: tuple[str, ...] | None
) -> ModelAnswers | None:
    """Return the model's likeliest classes of each key; None where it has no head.

    An item of which it says nothing has probability 0 throughout.
    """
    if c.PREDICTED_CLASSES not in facts:
        return None
    by_class = dict(facts[c.PREDICTED_CLASSES])
    by_probability = dict(facts[c.PREDICTED_PROBABILITIES])
    told = [by_class.get(key) for key in keys]
    most = max((len(one) for one in told if one is not None), default=0)
    if not most:
        return None
    index = np.zeros((len(keys), most), dtype=np.intp)
    probability = np.zeros((len(keys), most), dtype=np.float32)
    for place, one in enumerate(told):
        if one is not None:
            index[place, : len(one)] = one
            probability[place, : len(one)] = by_probability[keys[place]]
    names = classes or tuple(str(n) for n in range(int(index.max()) + 1))
    return ModelAnswers(tuple(names), index, probability)


def items_frame(
    manifest: pd.DataFrame,
    rows: NDArray[np.intp],
    report: SplitReport,
    label_xy: NDArray[np.float32],
    whole_xy: NDArray[np.float32],
    predicted: Sequence[str | None],
    predicted_probability: NDArray[np.float32],
    errors: LabelErrors | None = None,
    told: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """One row per item of the manifest.

    Parameters
    ----------
    manifest
        n rows.
    rows
        (m,) places in the manifest of the items that have an embedding; ``label_xy`` and
        ``whole_xy`` (both (m, 2)) are in this order.
    predicted, predicted_probability
        (n,) in the order of the manifest.
    errors
        What single labels came to, in the order of ``report``; None: clusters alone are
        suspicious.
    told
        (m,) which of ``rows`` have a label, so that ``report`` speaks of them, in their order;
        None for all.

    Returns
    -------
    Items without an embedding have cluster -1, suspicion 0 and no place on a map; those without a
    label are one cluster of their own.
    """
    n = len(manifest)
    judged = rows if told is None else rows[told]

    def spread(
        values: NDArray[Any], missing: float, at: NDArray[np.intp] = judged
    ) -> NDArray[np.float32]:
        out = np.full(n, missing, dtype=np.float32)
        out[at] = values
        return out

    def spread_words(values: NDArray[np.object_]) -> NDArray[np.object_]:
        out = np.full(n, None, dtype=object)
        out[judged] = values
        return out

    cluster = np.full(n, c.NOISE, dtype=np.int32)
    cluster[rows] = 0
    cluster[judged] = report.cluster
    suspicion, suggested = report.suspicion, report.suggested_label
    checked: dict[str, Any] = {}
    if errors is not None:
        suspicion, suggested = errors.suspicion, errors.suggested
        singly = errors.frame()
        checked = {
            CHECKED: spread_words(singly[CHECKED].to_numpy(dtype=object)),
            CHECKED_PROBABILITY: spread(singly[CHECKED_PROBABILITY].to_numpy(np.float32), np.nan),
            c.EVIDENCE: spread_words(singly[c.EVIDENCE].to_numpy(dtype=object)),
            EXPLAINED: spread(errors.explained, 0).astype(bool),
        }
    columns: dict[str, Any] = {
        c.CLUSTER: cluster,
        c.CLUSTER_PROBABILITY: spread(report.cluster_probability, 0),
        c.SUSPICION: spread(suspicion, 0),
        c.SUGGESTED_LABEL: spread_words(suggested),
        c.CLUSTER_SUSPICION: spread(report.cluster_suspicion, 0),
        c.CLUSTER_SUGGESTED_LABEL: spread_words(report.cluster_suggested_label),
        c.DECISION: "",
        c.X: spread(label_xy[:, 0], np.nan, rows),
        c.Y: spread(label_xy[:, 1], np.nan, rows),
        c.MAP_X: spread(whole_xy[:, 0], np.nan, rows),
        c.MAP_Y: spread(whole_xy[:, 1], np.nan, rows),
        c.TYPICALITY: spread(report.typicality, 0),
        c.PREDICTED: np.array(predicted, dtype=object),
        c.PREDICTED_PROBABILITY: predicted_probability,
        **checked,
    }
    front = manifest[[c.FILE, c.LABEL]].assign(**columns)
    rest = [name for name in manifest.columns if name not in front.columns]
    return front.join(manifest[rest])
