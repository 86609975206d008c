"""Stage check: findings about files, pictures and copies, and outliers of labels."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from embeddings import columns as c
from embeddings.arrays import Picked
from embeddings.label_errors import explained
from embeddings.pipeline.reading import LOOKS, THUMBNAILS, embeddings_of
from embeddings.pipeline.stages.stage import stage
from embeddings.pipeline.unlabelled import judged
from embeddings.records import MORE_LIKELY_THAN_NOT, Progress, no_progress
from embeddings.workspace import Workspace


def check(workspace: str | Path, *, seed: int = 0, progress: Progress = no_progress) -> Workspace:
    """Look at the files and pictures of the current run, and write what is odd about them.

    Every thumbnail is measured once; a stop loses the measures of one packed file at most.
    """
    from embeddings.health import assess, from_outliers, measure_all, write_health
    from embeddings.label_errors import find_outliers

    with stage(workspace, "check"), ExitStack() as stack:
        ws = Workspace.open(workspace)
        items = ws.items()
        measures = measure_all(ws.path / THUMBNAILS, ws.path / LOOKS, progress=progress)
        X, rows = stack.enter_context(embeddings_of(ws, ws.keys(items)))
        labels = items[c.LABEL].to_numpy(dtype=object)
        rows = rows[judged(labels[rows])]
        unlike = []
        if len(rows):
            keys = np.array(ws.keys(items), dtype=object)[rows]
            _, contents = np.unique(keys.astype(str), return_inverse=True)
            outliers = find_outliers(
                Picked(X, rows),
                labels[rows],
                groups=contents.reshape(-1),
                seed=seed,
                progress=progress,
            )
            wrong = items[c.SUSPICION].to_numpy(dtype=np.float32) >= MORE_LIKELY_THAN_NOT
            unlike = from_outliers(items, outliers, rows, wrong | explained(items))
        health = assess(items, measures, X, besides=unlike, seed=seed, progress=progress)
        write_health(ws.run_folder, health, items)
        return ws
