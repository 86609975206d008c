"""The slices of a run on disk: a table that any tool reads, its items, and the words with it.

``slices.parquet`` has one row per slice and label, ``slice_items.parquet`` which items each holds,
``slices.json`` the counts and notes; the last is written last, and without it nothing was saved.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from embeddings.errors import WorkspaceError
from embeddings.slices.records import LABEL, Evidence, NextStep, Slice, SliceReport
from embeddings.storage import write_frame, write_text

TABLE: Final = "slices.parquet"
ITEMS: Final = "slice_items.parquet"
WORDS: Final = "slices.json"
SCHEMA: Final = 1


def write_slices(folder: Path, report: SliceReport, source: str) -> None:
    """Write what was found into the folder of a run; ``source`` says whose predictions these are.

    Items are kept of slices alone: those of a label are known by their label.
    """
    import pandas as pd

    kept = [(rank, s.items) for rank, s in enumerate(report.slices, start=1) if len(s.items)]
    ranks = np.repeat([rank for rank, _ in kept], [len(items) for _, items in kept])
    rows = np.concatenate([np.zeros(0, dtype=np.intp), *(items for _, items in kept)])
    frame = report.frame()
    keys = [s.key for s in (*report.slices, *report.labels)]
    write_frame(folder / TABLE, frame.assign(key=np.asarray(keys, dtype=np.int32)))
    write_frame(
        folder / ITEMS,
        pd.DataFrame({"rank": ranks.astype(np.int32), "item": rows.astype(np.int64)}),
    )
    content = {
        "schema": SCHEMA,
        "source": source,
        "counted": report.counted,
        "right": report.right,
        "evidence": report.evidence,
        "notes": report.notes,
    }
    write_text(folder / WORDS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def drop_slices(folder: Path) -> None:
    """Take away what was saved, words first."""
    for name in (WORDS, TABLE, ITEMS):
        (folder / name).unlink(missing_ok=True)


def read_slices(folder: Path) -> SliceReport | None:
    """Read what was written into the folder of a run, or None where nothing was.

    Raises
    ------
    WorkspaceError
        What is there is damaged.
    """
    import pandas as pd

    file = folder / WORDS
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            return None
        table, members = pd.read_parquet(folder / TABLE), pd.read_parquet(folder / ITEMS)
        items = {
            int(cast(int, rank)): part.to_numpy(dtype=np.intp)
            for rank, part in members.groupby("rank", sort=False)["item"]
        }
        every = [_slice(row, items) for row in table.to_dict("records")]
        return SliceReport(
            slices=tuple(s for s in every if s.kind != LABEL),
            labels=tuple(s for s in every if s.kind == LABEL),
            counted=int(content["counted"]),
            right=int(content["right"]),
            evidence=content["evidence"],
            notes=tuple(str(note) for note in content["notes"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{file} or a table beside it is damaged: {error}.",
            hint="Make it anew with `rosette slices WORKSPACE`.",
        ) from error


def _slice(row: dict[Any, Any], items: dict[int, Any]) -> Slice:
    return Slice(
        label=str(row["label"]),
        name=str(row["slice"]),
        kind=str(row["kind"]),
        key=int(row["key"]),
        items=items.get(int(row["rank"]), np.zeros(0, dtype=np.intp)),
        counted=int(row["counted"]),
        right=int(row["right"]),
        low=float(row["accuracy_low"]),
        high=float(row["accuracy_high"]),
        rest_accuracy=float(row["rest_accuracy"]),
        errors_above=float(row["errors_above"]),
        p_value=float(row["p_value"]),
        q_value=float(row["q_value"]),
        fails=bool(row["fails"]),
        taken_for=str(row["taken_for"]),
        taken_for_count=int(row["taken_for_count"]),
        next_step=cast(NextStep, str(row["next_step"])),
        evidence=cast(Evidence, str(row["evidence"])),
    )
