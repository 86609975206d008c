"""Label issues in the columns of cleanlab's ``Datalab.get_issues("label")``.

There a row is an item and a low score is bad: ``label_score`` is 1 - suspicion.
https://docs.cleanlab.ai/stable/cleanlab/datalab/guide/issue_type_description.html
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings.export.common.source import ExportSource, Written
from embeddings.export.formats.csv import write_table
from embeddings.records import MORE_LIKELY_THAN_NOT, Progress, no_progress


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write ``label_issues.csv``: a row per item, in the order of the items.

    ``predicted_label`` is the label suggested, or the given one where there is none.
    """
    items = source.items
    suspicion = items[c.SUSPICION].fillna(0).to_numpy(dtype=np.float64)
    given = items[c.LABEL].to_numpy(dtype=object)
    suggested = items[c.SUGGESTED_LABEL].to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            c.FILE: items[c.FILE],
            "is_label_issue": suspicion >= MORE_LIKELY_THAN_NOT,
            "label_score": np.round(1.0 - suspicion, 6),
            "given_label": given,
            "predicted_label": np.where(pd.isna(suggested), given, suggested),
            c.CLUSTER: items[c.CLUSTER],
            c.DECISION: items[c.DECISION],
        }
    )
    path = out / "label_issues.csv"
    write_table(path, frame, progress=progress)
    return Written((path,))
