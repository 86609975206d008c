"""Images without a label beside images with one: on the map, and in no finding.

Half a Kaggle competition is such a folder. Taken for a label it would be the one that hides most
kinds, and be what every other label looks like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.records import ClusterFinding, LabelFinding

REASON = "no label"
EVIDENCE = "These images have no label, so nothing is found about them."


def judged(labels: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which of n items findings are made on: those with a label, or all where none has one."""
    told = np.asarray(labels != c.NO_LABEL, dtype=bool)
    return told if told.any() else np.ones(len(labels), dtype=bool)


def as_finding(size: int) -> tuple[LabelFinding, ...]:
    """Return what stands in the ranking for ``size`` images without a label; () for none."""
    if not size:
        return ()
    whole = ClusterFinding(
        c.NO_LABEL,
        0,
        size,
        suspicion=0.0,
        is_odd=False,
        suggested_label=None,
        suggested_probability=0.0,
        nearest_label=None,
        nearest_similarity=0.0,
        outside_share=0.0,
        gap=0.0,
        stability=1.0,
    )
    return (
        LabelFinding(
            c.NO_LABEL,
            size,
            1,
            split_score=0.0,
            is_split=False,
            verdict="one kind",
            style="",
            style_group=-1,
            n_strays=0,
            reason=REASON,
            evidence=EVIDENCE,
            clusters=(whole,),
        ),
    )
