"""A split report as pandas frames, and as the screen of text that it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from embeddings import columns as c
from embeddings.display.table import Table, counted, table_of

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.records import ClusterFinding, LabelFinding, SplitReport

# what a field of a finding is called in every frame, where that is another name
_COLUMN: Final = {"reason": c.SPLIT_REASON}


def labels_frame(report: SplitReport) -> pd.DataFrame:
    """Return one row per label, ranked by score."""
    import pandas as pd

    from embeddings.records import LabelFinding

    names = [name for name in LabelFinding.__slots__ if name != "clusters"]
    rows = [[getattr(finding, name) for name in names] for finding in report.labels]
    return pd.DataFrame(rows, columns=[_COLUMN.get(name, name) for name in names])


def items_frame(report: SplitReport) -> pd.DataFrame:
    """Return one row per item: every field of the report that has one value for each."""
    import pandas as pd

    n = len(report.cluster)
    values: dict[str, Any] = {name: getattr(report, name) for name in type(report).__slots__}
    columns = {
        name: value
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.shape == (n,)
    }
    return pd.DataFrame(columns, index=report.index)


def split_table(report: SplitReport) -> Table:
    """Return the labels that are, or may be, two kinds; all of them stand in the frame."""
    found = [finding for finding in report.labels if finding.verdict != "one kind"]
    split = sum(finding.verdict == "two kinds" for finding in found)
    perhaps = len(found) - split
    title = (
        f"SplitReport: {counted(split, 'label')} of {len(report.labels):,} "
        f"{'hides' if split == 1 else 'hide'} two kinds"
        + (f", {perhaps:,} perhaps" if perhaps else "")
        + f" ({counted(len(report.cluster), 'item')}; .frame(), .items())"
    )
    rows = [(f.verdict, f"{f.split_score:.2f}", f.label, f"{f.size:,}", _parts(f)) for f in found]
    columns = (c.VERDICT, c.SPLIT_SCORE, c.LABEL, c.SIZE, "clusters")
    return table_of(title, columns, rows, notes=report.notes)


def _parts(finding: LabelFinding) -> str:
    return " | ".join(_part(cluster) for cluster in finding.clusters)


def _part(cluster: ClusterFinding) -> str:
    if not cluster.is_odd:
        return f"{cluster.size:,}"
    looks = f", looks like {cluster.suggested_label}" if cluster.suggested_label else ""
    return f"{cluster.size:,} odd{looks}"
