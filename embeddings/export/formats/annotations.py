"""Annotation files that boxes came from, with the labels that were decided: COCO, YOLO and others.

Each file that changes is written below ``out`` under its own path in the data set, in its own
format; the data set itself is not touched. A box that is to be removed is left out.
"""

from __future__ import annotations

from pathlib import Path

from embeddings import columns as c
from embeddings.export.common.decided import decided
from embeddings.export.common.source import ExportSource, Written
from embeddings.manifest import relabelled_files
from embeddings.records import Progress, no_progress
from embeddings.storage import write_text


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write the annotation files that change.

    Raises
    ------
    UsageError
        The items are no boxes of annotation files, or those changed since the scan.
    """
    after = decided(source.items)
    labels: dict[str, str | None] = {
        str(file): None if removed else str(label)
        for file, label, removed, choice in zip(
            source.items[c.FILE], after.label, after.removed, after.choice, strict=True
        )
        if choice is not None
    }
    files = relabelled_files(source.root, labels)
    written = []
    for done, (name, text) in enumerate(sorted(files.items()), start=1):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write_text(out / name, text)
        written.append(out / name)
        progress(done, len(files), "annotations")
    if not written:
        return Written((), ("No label of a box was changed, so no file changes.",))
    return Written(
        tuple(written), (f"Copy them over those of the data set: `cp -r {out}/. DATA_SET/`.",)
    )
