"""A ``FiftyOneImageClassificationDataset``: ``labels.json``, and ``data.json`` for the images.

``labels.json`` maps a key to a label with attributes; ``data.json`` maps keys to image files, so
nothing is copied. FiftyOne looks files up without their suffixes: the key of an item is its file
without suffix, or the whole file where two differ only by that. Decisions are applied to the
label; the given label and the decision itself stand in the attributes.
https://docs.voxel51.com/user_guide/import_datasets.html#fiftyoneimageclassificationdataset
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import pandas as pd

from embeddings import columns as c
from embeddings.export.common.decided import decided, seen_of
from embeddings.export.common.folders import text_file
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress

GIVEN: Final = "given_label"
BACKSLASH: Final = "＼"  # full width, in keys
NUMBERS: Final = (c.SUSPICION, c.CLUSTER, c.CLUSTER_PROBABILITY)


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write ``labels.json`` and ``data.json`` into the folder ``out``."""
    items = source.items
    files = [str(file) for file in items[c.FILE]]
    keys = uuids(files)
    after = decided(items)
    classes = sorted({str(label) for label in after.label} | set(items[c.LABEL].astype(str)))
    labels, data = out / "labels.json", out / "data.json"
    root = source.root.resolve()
    with text_file(data) as stream:
        _write_object(
            stream,
            # the reader takes one suffix off each key here
            (
                (key + (os.path.splitext(file)[1] or ".image"), str(root / file))
                for key, file in zip(keys, files, strict=True)
            ),
        )
    with text_file(labels) as stream:
        stream.write('{"classes": ' + json.dumps(classes, ensure_ascii=False) + ',\n"labels": ')
        _write_object(stream, _targets(items, keys, after.label, progress))
        stream.write("}\n")
    note = (
        f"Load it: fiftyone.Dataset.from_dir(dataset_dir={str(out)!r}, "
        "dataset_type=fiftyone.types.FiftyOneImageClassificationDataset, data_path='data.json')"
    )
    return Written((labels, data), (note,))


def uuids(files: Sequence[str]) -> list[str]:
    """Return a key for each file: without its suffix where that is enough to tell it.

    The reader turns backslashes into slashes in one of its two tables, and then finds nothing:
    they become ``BACKSLASH``.
    """
    files = [file.replace("\\", BACKSLASH) for file in files]
    stems = [os.path.splitext(file)[0] for file in files]
    count = Counter(stems)
    whole = set(files)
    return [
        stem if count[stem] == 1 and (stem == file or stem not in whole) else file
        for stem, file in zip(stems, files, strict=True)
    ]


def _targets(items: pd.DataFrame, keys: list[str], labels: Any, progress: Progress) -> Any:
    present = [name for name in NUMBERS if name in items]
    numbers = [items[name].to_numpy() for name in present]
    texts = {
        name: items[name].astype(object).where(items[name].notna(), None).to_numpy()
        for name in (c.SHA256, c.SUGGESTED_LABEL, c.DECISION)
        if name in items
    }
    seen = seen_of(items)
    for row, key in enumerate(keys):
        attributes: dict[str, Any] = {GIVEN: str(items[c.LABEL].iloc[row])}
        for name, column in zip(present, numbers, strict=True):
            value = float(column[row])
            if math.isfinite(value):
                attributes[name] = int(value) if name == c.CLUSTER else round(value, 6)
        attributes |= {name: str(v[row]) for name, v in texts.items() if v[row]} | seen[row]
        yield key, {"label": str(labels[row]), "attributes": attributes}
        if (row + 1) % 4096 == 0 or row + 1 == len(keys):
            progress(row + 1, len(keys), "labels.json")


def _write_object(stream: TextIO, pairs: Any) -> None:
    """Write a JSON object, a pair a line, none of it in memory."""
    stream.write("{")
    for place, (key, value) in enumerate(pairs):
        stream.write(",\n" if place else "\n")
        stream.write(f"{json.dumps(key, ensure_ascii=False)}: ")
        stream.write(json.dumps(value, ensure_ascii=False))
    stream.write("\n}")
