"""Stage cluster: maps, candidate clusters, splits and label errors; it writes a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import Picked, Rows, by_group
from embeddings.engines import Engine, LocalEngine, beside
from embeddings.errors import MissingStageError, UsageError
from embeddings.pipeline import unlabelled
from embeddings.pipeline.label_cache import (
    LabelOutcome,
    LabelWork,
    MadeWith,
    run_parts,
)
from embeddings.pipeline.manifest_seen import nothing_embedded, with_what_was_seen
from embeddings.pipeline.reading import LOOKS, THUMBNAILS, embeddings_of
from embeddings.pipeline.run_identity import MADE_FROM, Answers, Asked, made_from, run_id_of
from embeddings.pipeline.stages.stage import stage
from embeddings.records import (
    LabelMap,
    Layout,
    Mapper,
    Progress,
    SeenSoFar,
    SplitReport,
    no_progress,
)
from embeddings.storage import EmbeddingStore
from embeddings.workspace import FRAMES, PROVISIONAL, ModelInfo, Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.label_errors import LabelErrors, ModelAnswers


def cluster(
    workspace: str | Path,
    *,
    answers: Answers = "cross-check",
    layout: Layout = "built-in",
    seed: int = 0,
    provisional: SeenSoFar | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Draw the maps, cut each label into candidate clusters, find the splits, and rank.

    ``answers`` says whose predictions single labels are compared with, ``layout`` what draws the
    maps; see :func:`embeddings.run`. A ``provisional`` run holds only the items whose content was
    embedded by now, and says so.
    """
    asked = Asked(answers, layout, seed, provisional)
    with stage(workspace, "cluster"), ExitStack() as stack:
        items = _items(Workspace.open(workspace), asked, stack, progress)
        each = (engine or LocalEngine()).mapper(len(items.keys))
        drawn = _maps_and_candidates(items, asked, each, progress)
        judged = _judged(items)
        report = _splits(judged, drawn, asked, each, progress)
        errors = _label_errors(judged, report, asked, progress)
        _write_run(items, asked, drawn, report, errors)
        return items.ws


def is_made(
    ws: Workspace, *, answers: Answers = "cross-check", layout: Layout = "built-in", seed: int = 0
) -> bool:
    """Whether the current run is what this stage would make: the same items, seen the same way."""
    if ws.info.model is None or ws.info.run_id is None:
        return False
    there = all((ws.run_folder / f"{name}.parquet").is_file() for name in FRAMES)
    would_be = made_from(ws, *with_what_was_seen(ws), Asked(answers, layout, seed))
    return there and ws.info.parameters.get(MADE_FROM) == would_be


@dataclass(frozen=True, slots=True)
class _Items:
    """What the stage works on.

    ``frame`` is the manifest, n rows, with what decoding found out and which pictures are nearly
    the same, ``keys`` (n,) the key of each in ``store``. ``X`` (m, d) are the embeddings there
    are, ``rows`` (m,) their places in ``frame``; ``facts`` (m rows) is what is known of their files
    and pictures.
    """

    ws: Workspace
    model: ModelInfo
    store: EmbeddingStore
    frame: pd.DataFrame
    keys: list[str]
    X: Rows
    rows: NDArray[np.intp]
    facts: pd.DataFrame
    second: Rows | None  # (m, d2) of the second look

    @property
    def labels(self) -> NDArray[np.object_]:
        """(m,) label of each item that has an embedding."""
        return self.frame[c.LABEL].to_numpy(dtype=object)[self.rows]

    @property
    def contents(self) -> list[str]:
        """(m,) key of each item that has an embedding."""
        return [self.keys[row] for row in self.rows]

    @property
    def counted_once(self) -> list[str]:
        """(m,) group of each item that counts as one: a content, or its near-copies."""
        numbers = self.frame[c.NEAR_COPIES].to_numpy()[self.rows]
        return [
            key if number == c.NO_GROUP else f"near copies {number}"
            for key, number in zip(self.contents, numbers, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The map and the candidate clusters of each label; ``whole`` waits for the map of all."""

    outcomes: dict[str, LabelOutcome]
    label_xy: NDArray[np.float32]  # (m, 2)
    whole: Callable[[], LabelMap]


def _items(ws: Workspace, asked: Asked, stack: ExitStack, progress: Progress) -> _Items:
    """Read what there is to work on; ``stack`` holds the embeddings open."""
    from embeddings.health import measure_all, measured_of, near_copies

    if ws.info.model is None:
        raise MissingStageError(ws.path, "embed")
    store = ws.store(ws.info.model.fingerprint)
    frame, keys = with_what_was_seen(ws, only=asked.provisional is not None)
    every, rows = stack.enter_context(embeddings_of(ws, keys))
    if not len(rows):
        raise nothing_embedded(ws, frame)
    measures = measure_all(ws.path / THUMBNAILS, ws.path / LOOKS, progress=progress)
    measured = measured_of(frame, measures)
    copies = near_copies(frame, measured, every, seed=asked.seed, progress=progress)
    frame = frame.assign(**{c.NEAR_COPIES: copies})
    facts = (
        frame[[c.WIDTH, c.HEIGHT, c.GREY]]
        .join(measured.drop(columns=["phash", "patch"]))
        .iloc[rows]
    )
    X = every if len(rows) == len(every) else Picked(every, rows)
    second = _second_rows(ws, keys, rows, stack)
    facts = facts.reset_index(drop=True)
    return _Items(ws, ws.info.model, store, frame, keys, X, rows, facts, second)


def _second_rows(
    ws: Workspace, keys: list[str], rows: NDArray[np.intp], stack: ExitStack
) -> Rows | None:
    """Return what the model of the second look says of the same items; None without one."""
    if ws.info.second is None:
        return None
    every, seen = stack.enter_context(embeddings_of(ws, keys, ws.info.second))
    missing = np.setdiff1d(rows, seen)
    if len(missing):
        raise MissingStageError(ws.path, "embed")
    return Picked(every, rows)


def _judged(items: _Items) -> _Items:
    """Return those items that findings are made on."""
    told = unlabelled.judged(items.labels)
    if told.all():
        return items
    at = np.flatnonzero(told)
    facts = items.facts.iloc[at].reset_index(drop=True)
    second = None if items.second is None else Picked(items.second, at)
    return replace(items, X=Picked(items.X, at), rows=items.rows[at], facts=facts, second=second)


def _maps_and_candidates(items: _Items, asked: Asked, each: Mapper, progress: Progress) -> _Drawn:
    """Draw the map of each label and cut it; the map of all is drawn beside that."""
    from embeddings.projection import whole_map

    works = _works(items.labels, items.contents)
    whole = beside(each, partial(whole_map, items.X, seed=asked.seed, layout=asked.layout))
    outcomes = run_parts(
        items.ws.path / ("labels" if asked.provisional is None else PROVISIONAL),
        works,
        task=lambda work: LabelRows(
            work.label, np.asarray(items.X[work.rows]), asked.seed, asked.layout
        ),
        made_with=MadeWith(items.model.fingerprint, asked.seed, asked.layout),
        work_out=mapped_and_cut,
        progress=progress,
        each=each,
    )
    label_xy = np.zeros((len(items.rows), 2), dtype=np.float32)
    for work in works:
        label_xy[work.rows] = outcomes[work.label].map.xy
    return _Drawn(outcomes, label_xy, whole)


def _splits(
    items: _Items, drawn: _Drawn, asked: Asked, each: Mapper, progress: Progress
) -> SplitReport:
    from embeddings.splits import find_splits

    return find_splits(
        items.X,
        items.labels,
        second=items.second,
        candidates={o.label: o.candidates for o in drawn.outcomes.values()},
        groups=items.counted_once,
        seed=asked.seed,
        facts=items.facts,
        progress=progress,
        each=each,
    )


def _label_errors(
    items: _Items, report: SplitReport, asked: Asked, progress: Progress
) -> LabelErrors:
    from embeddings.label_errors import find_label_errors

    by_model = asked.answers == "model"
    return find_label_errors(
        items.X,
        items.labels,
        splits=report,
        groups=items.counted_once,
        answers=_answers_of(items.model, items.store, items.contents) if by_model else None,
        seed=asked.seed,
        progress=progress,
    )


def _write_run(
    items: _Items, asked: Asked, drawn: _Drawn, report: SplitReport, errors: LabelErrors
) -> None:
    """Make the frames, and make them the current run."""
    from embeddings.pipeline import frames

    ws, model, seen = items.ws, items.model, asked.provisional
    names, probabilities = frames.predictions(items.store.facts(), items.keys, model.classes)
    whole = drawn.whole()
    told = unlabelled.judged(items.labels)
    found = (*report.labels, *unlabelled.as_finding(int((~told).sum())))
    tables = {
        "items": frames.items_frame(
            items.frame,
            items.rows,
            report,
            drawn.label_xy,
            whole.xy,
            names,
            probabilities,
            errors,
            told,
        ),
        "classes": frames.classes_frame(found),
        "clusters": frames.clusters_frame(found),
        "merges": frames.merges_frame(report.merges),
    }
    run_id = run_id_of(ws, items.frame, items.keys, asked)
    _index_neighbours(items, run_id, asked.seed)
    ws.write_run(
        run_id,
        tables,
        parameters={
            "seed": asked.seed,
            "whole_map": whole.method,
            "answers": asked.answers,
            "layout": asked.layout,
            MADE_FROM: made_from(ws, items.frame, items.keys, asked),
            **({PROVISIONAL: [seen.done, seen.of]} if seen else {}),
        },
        run_notes=(*((seen.note,) if seen else ()), *report.notes, *errors.notes),
    )
    if seen is None:
        shutil.rmtree(ws.path / PROVISIONAL, ignore_errors=True)


def _index_neighbours(items: _Items, run_id: str, seed: int) -> None:
    """Write the index that the app searches neighbours by, where there are many items."""
    from embeddings.neighbors import IVF_EXACT_UP_TO, IVF_FOLDER, ensure_ivf_index

    if len(items.rows) <= IVF_EXACT_UP_TO:
        return
    import pyarrow as pa

    folder = items.ws.path / "runs" / run_id / IVF_FOLDER
    ensure_ivf_index(folder, items.store, pa.array(items.keys, pa.large_string()), seed=seed)


def _answers_of(model: ModelInfo, store: EmbeddingStore, keys: list[str]) -> ModelAnswers:
    """Return the predictions of the model for these contents, in place of the cross-check."""
    from embeddings.pipeline import frames

    told = frames.answers(store.facts(), keys, model.classes)
    if told is None:
        raise UsageError(
            f"The model {model.name} says of no image what it shows.",
            hint="Leave --answers out: the labels are then cross-checked.",
        )
    return told


@dataclass(frozen=True, slots=True)
class LabelRows:
    """The inputs for one label: its own embeddings (m, width), the seed, the layout."""

    name: str
    rows: NDArray[np.float32]
    seed: int
    layout: Layout = "built-in"


def mapped_and_cut(label: LabelRows) -> LabelOutcome:
    """Draw the map of one label, and cut it.

    The cuts always use the built-in layout, so that the choice of layout does not change findings.
    """
    from embeddings.arrays import LabelItems
    from embeddings.projection import label_map
    from embeddings.splits import candidate_cuts

    items = LabelItems.of(label.rows)
    drawn = label_map(items, seed=label.seed)
    cuts = candidate_cuts(items, seed=label.seed, low=drawn.xy)
    if label.layout != "built-in":
        drawn = label_map(items, seed=label.seed, layout=label.layout)
    return LabelOutcome(label.name, drawn, cuts)


def _works(labels: NDArray[np.object_], keys: list[str]) -> list[LabelWork]:
    """Group the items by label, labels in the order of their names, rows in theirs."""
    names, inverse = np.unique(labels.astype(str), return_inverse=True)
    return [
        LabelWork(str(name), rows, tuple(keys[r] for r in rows))
        for name, rows in zip(names, by_group(inverse, len(names)), strict=True)
    ]
