"""Stage name: words for the parts of labels, from the classes that the model's head knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings import columns as c
from embeddings.kind_names import KindName, name_parts
from embeddings.pipeline.stages.stage import stage
from embeddings.records import Progress, no_progress
from embeddings.storage import class_scores, write_frame
from embeddings.workspace import KIND_NAMES_FILE, Workspace

if TYPE_CHECKING:
    import pandas as pd


def name(workspace: str | Path, *, progress: Progress = no_progress) -> Workspace:
    """Name the parts of the current run, and write the names beside it.

    A model without a head, or whose classes have no names, names nothing; the file is then empty.
    """
    with stage(workspace, "name"):
        ws = Workspace.open(workspace)
        progress(0, 1, "names")
        write_frame(ws.run_folder / KIND_NAMES_FILE, _frame(_names(ws)))
        progress(1, 1, "names")
        return ws


def _names(ws: Workspace) -> tuple[KindName, ...]:
    model = ws.info.model
    if model is None or not model.classes:
        return ()
    items = ws.items()
    items = items[np.isfinite(items[c.X].to_numpy(dtype=float))]  # the others are in no part
    keys = ws.keys(items)
    scores = class_scores(ws.store(model.fingerprint), keys)
    if scores is None:
        return ()
    return name_parts(
        scores,
        items[c.LABEL].to_numpy(dtype=object),
        items[c.CLUSTER].to_numpy(dtype=np.int64),
        model.classes,
        contents=keys,
    )


def _frame(names: tuple[KindName, ...]) -> pd.DataFrame:
    import pandas as pd

    rows = [(n.label, n.cluster, n.name, n.general, n.count, n.of, n.bits) for n in names]
    return pd.DataFrame(rows, columns=[c.LABEL, c.CLUSTER, *c.KIND_COLUMNS])
