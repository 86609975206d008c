"""Stage slices: on which parts of the data set a model fails, from its predictions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.label_errors import sources
from embeddings.pipeline.reading import embeddings_of
from embeddings.pipeline.stages.stage import stage
from embeddings.records import MORE_LIKELY_THAN_NOT, Progress, no_progress
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.health import Health
    from embeddings.slices import Group

PREDICTIONS_FILE: Final = "predictions.parquet"  # as they were given, so that the next run has them
_OF_PICTURES: Final = ("dark", "bright", "blurred", "blank", "tiny")  # kinds of health's findings
SPLIT_OF: Final = "split"  # column of the manifest, where the source has one


@dataclass(frozen=True, slots=True)
class _Predictions:
    """Whose predictions they are, one per item, "" for none; which items were trained on."""

    source: str
    predicted: NDArray[np.object_]
    trained_on: NDArray[np.bool_] | None
    notes: tuple[str, ...] = ()


def slices(
    workspace: str | Path,
    *,
    predictions: str | Path | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Workspace:
    """Say where a model fails, and write it beside the current run.

    Parameters
    ----------
    predictions
        A file of predictions (CSV, Parquet, ``.npz``), which is kept for the runs to come. Without
        one those that were kept; else the word of the model that embeds, where its classes are the
        labels. Where there is neither, nothing is found.

    Raises
    ------
    SourceError
        The file can't be read, holds no predictions, or none of its files is an item.
    UsageError
        The predictions name none of the labels.
    """
    from embeddings.slices import drop_slices, find_slices, write_slices

    with stage(workspace, "slices"), ExitStack() as stack:
        ws = Workspace.open(workspace)
        items = ws.items()
        told = _predictions(ws, items, None if predictions is None else Path(predictions))
        drop_slices(ws.run_folder)
        if told is None:
            return ws
        X, rows = stack.enter_context(embeddings_of(ws, ws.keys(items)))
        predicted = told.predicted.copy()
        predicted[np.setdiff1d(np.arange(len(items)), rows)] = (
            ""  # what was not seen is no evidence
        )
        health = ws.health()
        copies = items[c.NEAR_COPIES].to_numpy(dtype=np.intp)
        report = find_slices(
            _labels(items),
            predicted,
            groups=_groups(ws, items, health, copies),
            X=X,
            trained_on=told.trained_on,
            copies=copies,
            suggested=_suggested(items, ws.clusters()),
            seed=seed,
            progress=progress,
        )
        write_slices(ws.run_folder, report.with_notes(told.notes), told.source)
        return ws


def _labels(items: pd.DataFrame) -> NDArray[np.object_]:
    labels = items[c.LABEL].to_numpy(dtype=object, copy=True)
    labels[labels == c.NO_LABEL] = ""
    return labels


def _predictions(ws: Workspace, items: pd.DataFrame, file: Path | None) -> _Predictions | None:
    from embeddings.slices import match, read_kept, read_predictions, were_trained_on, write_kept

    kept = ws.path / PREDICTIONS_FILE
    if file is not None:
        told = read_predictions(file)
        found = match(told, [str(f) for f in items[c.FILE]])
        write_kept(kept, told)
        source = file.name
    elif kept.is_file():
        found = match(read_kept(kept), [str(f) for f in items[c.FILE]])
        source = "predictions kept"
    else:
        return _of_head(ws, items)
    trained = found.trained_on
    if trained is None and SPLIT_OF in items:
        trained = were_trained_on(items[SPLIT_OF])
    if not (found.predicted != "").any():
        raise UsageError(f"{file or kept} holds no predictions.", hint="Name the labels in it.")
    return _Predictions(source, found.predicted, trained, found.notes)


def _of_head(ws: Workspace, items: pd.DataFrame) -> _Predictions | None:
    """Return the word of the model that embeds, where it knows the labels by name."""
    from embeddings.slices import were_trained_on

    if "model" not in sources(items) or not ws.info.labelled:
        return None
    predicted = items[c.PREDICTED].fillna("").to_numpy(dtype=object, copy=True)
    trained = were_trained_on(items[SPLIT_OF]) if SPLIT_OF in items else None
    return _Predictions("the model that embeds", predicted, trained)


def _groups(
    ws: Workspace, items: pd.DataFrame, health: Health | None, copies: NDArray[np.intp]
) -> list[Group]:
    from embeddings.slices import known_groups
    from embeddings.splits import letter

    pictures = [
        (f"{finding.kind} pictures", np.asarray(finding.items, dtype=np.intp))
        for finding in (health.findings if health else ())
        if finding.kind in _OF_PICTURES
    ]
    return known_groups(
        items, ws.classes(), ws.clusters(), letter=letter, pictures=pictures, copies=copies
    )


def _suggested(items: pd.DataFrame, clusters: pd.DataFrame) -> NDArray[np.object_]:
    """Return the label that other evidence than the model's gives each item, None for its own."""
    likely = np.nan_to_num(items[c.SUSPICION].to_numpy(dtype=np.float32)) >= MORE_LIKELY_THAN_NOT
    suggested: NDArray[np.object_] = np.full(len(items), None, dtype=object)
    suggested[likely] = items[c.SUGGESTED_LABEL].to_numpy(dtype=object)[likely]
    odd = clusters[clusters[c.IS_ODD].to_numpy(dtype=bool) & clusters[c.SUGGESTED_LABEL].notna()]
    cells = items.groupby([c.LABEL, c.CLUSTER], sort=False, observed=True).indices
    columns = (odd[c.LABEL], odd[c.CLUSTER], odd[c.SUGGESTED_LABEL])
    for label, number, wanted in zip(*columns, strict=True):
        rows = cells.get((label, number))
        if rows is not None:
            suggested[np.asarray(rows)] = wanted
    return suggested
