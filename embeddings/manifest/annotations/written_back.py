"""Where each box came from, kept beside its crop, and the annotation files with other labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from embeddings.errors import UsageError
from embeddings.manifest.annotations.finding import FoundSet, format_named
from embeddings.manifest.annotations.formats.yolo import YOLO, names_file
from embeddings.manifest.annotations.records import AnnotationFormat, Changes, Mark
from embeddings.manifest.entries import clean_label
from embeddings.manifest.parsed import Parsed
from embeddings.storage import atomic_path

BOXES_FILE: Final = "boxes.parquet"


def keep_boxes(folder: Path, found: FoundSet, boxes: Sequence[tuple[str, Mark]]) -> None:
    """Write down for each crop, by its file in ``folder``, where its box stands."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "file": pa.array([file for file, _ in boxes], pa.string()),
            "source": [mark.source.relative_to(found.root).as_posix() for _, mark in boxes],
            "key": ["/".join(map(str, mark.key)) for _, mark in boxes],
            "label": [mark.label for _, mark in boxes],
        },
        metadata={"format": found.format.name, "root": str(found.root)},
    )
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder / BOXES_FILE) as temporary:
        pq.write_table(table, temporary)


def relabelled_files(folder: Path, labels: Mapping[str, str | None]) -> dict[str, str]:
    """Return the annotation files that boxes came from, with other labels.

    Parameters
    ----------
    folder
        The folder of the crops.
    labels
        Of a crop, by its file, the label that it should have; None where its box is to go. Crops
        that are not named stay as they are.

    Returns
    -------
    The text of each file that changes, by its path relative to the data set.

    Raises
    ------
    UsageError
        No boxes were cut out into this folder, or the files that they came from changed or are
        gone.
    """
    import pyarrow.parquet as pq

    kept = folder / BOXES_FILE
    if not kept.is_file():
        raise UsageError(
            "The items of this workspace are no boxes of annotation files.",
            hint="Use --to csv, labelstudio, fiftyone, cvat or imagefolder.",
        )
    table = pq.read_table(kept)
    metadata = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    root = Path(metadata["root"])
    changes: dict[Path, dict[tuple[int, ...], str | None]] = defaultdict(dict)
    for row in table.to_pylist():
        file = row["file"]
        if file in labels and labels[file] != clean_label(row["label"]):
            key = tuple(int(part) for part in row["key"].split("/"))
            changes[root / row["source"]][key] = labels[file]
    gone = next((path for path in changes if not path.is_file()), None)
    if gone is not None:
        raise UsageError(f"There is no {gone} any more.", hint="Put the annotations back.")
    kind = format_named(metadata["format"])
    _refuse_changed(kind, changes, table, root)
    written = kind.relabelled(changes, root)
    return {path.relative_to(root).as_posix(): text for path, text in written.items()}


def _refuse_changed(
    kind: AnnotationFormat, changes: Mapping[Path, Changes], table: Any, root: Path
) -> None:
    """Refuse to change what is not any more as it was when its boxes were cut out."""
    names = names_file(root) if kind is YOLO else None
    now = kind.read([names] if names else list(changes), root, Parsed())
    stands = {(mark.source, mark.key): mark.label for mark in now.marks}
    for row in table.to_pylist():
        source, key = root / row["source"], tuple(int(part) for part in row["key"].split("/"))
        if key in changes.get(source, {}) and stands.get((source, key)) != row["label"]:
            raise UsageError(
                f"{source} changed since its boxes were cut out.",
                hint="Run `rosette run` again, and decide on what is there now.",
            )
