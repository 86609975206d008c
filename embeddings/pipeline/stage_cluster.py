"""Stage cluster: maps, candidate clusters, splits, suspicions; a run is what comes of it."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.arrays import Picked, by_group
from embeddings.engines import Engine, LocalEngine, beside
from embeddings.errors import MissingStageError, SourceError, UsageError
from embeddings.pipeline.label_cache import METHOD_VERSION, LabelOutcome, LabelWork, run_parts
from embeddings.pipeline.reading import embeddings_of
from embeddings.pipeline.stage import stage
from embeddings.records import Progress, no_progress
from embeddings.storage import EmbeddingStore
from embeddings.workspace import GIVEN, ModelInfo, Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.label_errors import ModelAnswers

Answers = Literal["cross-check", "model"]


def answers_named(text: str) -> Answers:
    """Read whose word single labels are checked by.

    Raises
    ------
    UsageError
        It is neither of the two.
    """
    if text not in get_args(Answers):
        raise UsageError(
            f"Nobody named {text} can check labels.",
            hint="Use --answers cross-check, or model where it was not trained on these images.",
        )
    return cast(Answers, text)


def cluster(
    workspace: str | Path,
    *,
    answers: Answers = "cross-check",
    seed: int = 0,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Draw the maps, cut each label into candidate clusters, find the splits, and rank.

    ``answers`` says by whose word single labels are checked; see :func:`embeddings.run`.
    """
    from embeddings.label_errors import find_label_errors
    from embeddings.neighbors import IVF_EXACT_UP_TO, IVF_FOLDER, ensure_ivf_index
    from embeddings.pipeline import frames
    from embeddings.projection import whole_map
    from embeddings.splits import find_splits

    engine = engine or LocalEngine()
    with stage(workspace, "cluster"), ExitStack() as stack:
        ws = Workspace.open(workspace)
        if ws.info.model is None:
            raise MissingStageError(ws.path, "embed")
        model = ws.info.model
        store = ws.store(model.fingerprint)
        frame, keys = _joined(ws, store)
        each = engine.mapper(len(keys))
        every, rows = stack.enter_context(embeddings_of(ws, keys))
        if not len(rows):
            raise SourceError(
                f"No image of {ws.info.source} could be embedded.",
                hint=f"See the reasons: `rosette report {ws.path}` or manifest.parquet in it.",
            )
        X = every if len(rows) == len(every) else Picked(every, rows)
        labels = frame[c.LABEL].to_numpy(dtype=object)[rows]
        works = _works(labels, [keys[r] for r in rows])

        whole = beside(each, partial(whole_map, X, seed=seed))
        outcomes = run_parts(
            ws.path / "labels",
            works,
            task=lambda work: LabelRows(work.label, np.asarray(X[work.rows]), seed),
            fingerprint=model.fingerprint,
            seed=seed,
            work_out=mapped_and_cut,
            progress=progress,
            each=each,
        )
        label_xy = np.zeros((len(rows), 2), dtype=np.float32)
        for work in works:
            label_xy[work.rows] = outcomes[work.label].map.xy
        report = find_splits(
            X,
            labels,
            candidates={o.label: o.candidates for o in outcomes.values()},
            seed=seed,
            facts=frame.iloc[rows].reset_index(drop=True),
            progress=progress,
            each=each,
        )
        own = [keys[r] for r in rows]
        errors = find_label_errors(
            X,
            labels,
            splits=report,
            groups=own,
            answers=_answers_of(model, store, own) if answers == "model" else None,
            seed=seed,
            progress=progress,
        )
        names, probabilities = frames.predictions(store.facts(), keys, model.classes)
        tables = {
            "items": frames.items_frame(
                frame, rows, report, label_xy, whole().xy, names, probabilities, errors
            ),
            "classes": frames.classes_frame(report.labels),
            "clusters": frames.clusters_frame(report.labels),
        }
        run_id = _run_id(frame, keys, model.fingerprint, seed, answers)
        if len(rows) > IVF_EXACT_UP_TO:
            import pyarrow as pa

            folder = ws.path / "runs" / run_id / IVF_FOLDER
            ensure_ivf_index(folder, store, pa.array(keys, pa.large_string()), seed=seed)
        ws.write_run(
            run_id,
            tables,
            parameters={"seed": seed, "whole_map": whole().method, "answers": answers},
            run_notes=(*report.notes, *errors.notes),
        )
        return ws


def _answers_of(model: ModelInfo, store: EmbeddingStore, keys: list[str]) -> ModelAnswers:
    """Return what the model said of these contents, in place of the cross-check."""
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
    """What one label is worked out from: its own embeddings (m, width) and the seed."""

    name: str
    rows: NDArray[np.float32]
    seed: int


def mapped_and_cut(label: LabelRows) -> LabelOutcome:
    """Draw the map of one label, and cut it."""
    from embeddings.arrays import LabelItems
    from embeddings.projection import label_map
    from embeddings.splits import candidate_cuts

    items = LabelItems.of(label.rows)
    drawn = label_map(items, seed=label.seed)
    cuts = candidate_cuts(items, seed=label.seed, low=drawn.xy)
    return LabelOutcome(label.name, drawn, cuts)


def _joined(ws: Workspace, store: EmbeddingStore) -> tuple[pd.DataFrame, list[str]]:
    """Return the manifest with what decoding found out, and each item's key in the store."""
    frame = ws.manifest()
    keys = ws.keys(frame)
    frame = frame.assign(**{c.GREY: False})
    if ws.info.model is not None and ws.info.model.name == GIVEN:
        return frame, keys
    facts = store.facts().reindex(keys)
    seen = facts[c.STATUS].notna().to_numpy() & (frame[c.STATUS] == c.OK).to_numpy()
    for name in (c.STATUS, c.REASON, c.WIDTH, c.HEIGHT, c.FORMAT, c.GREY):
        values = frame[name].to_numpy(dtype=object, copy=True)
        values[seen] = facts[name].to_numpy(dtype=object)[seen]
        frame[name] = values
    for name in (c.WIDTH, c.HEIGHT):
        frame[name] = frame[name].fillna(0).astype(np.int32)
    return frame.assign(**{c.GREY: frame[c.GREY].astype(bool)}), keys


def _works(labels: NDArray[np.object_], keys: list[str]) -> list[LabelWork]:
    """Group the items by label, labels in the order of their names, rows in theirs."""
    names, inverse = np.unique(labels.astype(str), return_inverse=True)
    return [
        LabelWork(str(name), rows, tuple(keys[r] for r in rows))
        for name, rows in zip(names, by_group(inverse, len(names)), strict=True)
    ]


def _run_id(
    frame: pd.DataFrame, keys: list[str], fingerprint: str, seed: int, answers: Answers
) -> str:
    digest = hashlib.sha256(f"{METHOD_VERSION}/{fingerprint}/{seed}/{answers}".encode())
    for file, label, key in zip(frame[c.FILE], frame[c.LABEL], keys, strict=True):
        digest.update(f"\0{file}\0{label}\0{key}".encode(errors="surrogatepass"))
    return digest.hexdigest()[:12]
