"""Small data sets made up for the tests of exports and imports."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from embeddings import columns as c
from embeddings.export import FORMATS
from embeddings.export.common.source import ExportSource, Rows
from embeddings.images import Pictures

WIDTH = 8

# What people call things: everything that some format somewhere takes for a sign of its own.
NASTY_NAMES = (
    "plain",
    "com,ma",
    'quo"te',
    "it's",
    "ta\tb",
    "new\nline",
    "carriage\rreturn",
    "🐆 jaguar",
    "سيارة",
    "=HYPERLINK(1)",
    "+1 a",
    "-dash",
    "@at",
    "'=guarded",
    "a & b # c + d % e : 0",
    "<b>bold</b>",
    "back\\slash",
    "\\u{41}",
    " blank ends ",
    "NUL",
    "..",
    "x" * 200,
)

# What any items can be written as; `annotations` takes boxes of annotation files alone.
FOR_ANY_ITEMS = [entry.name for entry in FORMATS if entry.name != "annotations"]


def hostile_labels() -> list[str]:
    """Labels that must not become folders as they are."""
    return ["../x", "a/b", "", ".", "..", "CON", "😀" * 63 + "abc", "=1+1", "a\0b", "Ab", "aB", "~"]


def colour(place: int) -> tuple[int, int, int]:
    """A colour of its own for each of some hundred items."""
    return place * 67 % 256, place * 131 % 256, place * 29 % 256


def picture(place: int, size: tuple[int, int] = (24, 24), kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour(place)).save(buffer, kind)
    return buffer.getvalue()


def make_source(
    root: Path,
    files: Sequence[str],
    labels: Sequence[str],
    *,
    decisions: Sequence[str] | None = None,
    images: bool = False,
) -> ExportSource:
    """A source of made-up items; of each label the last quarter is an odd cluster.

    With ``images`` the files are there, each of one colour.
    """
    n = len(files)
    of_label = pd.Series(list(labels), dtype=object)
    place_in_label = of_label.groupby(of_label).cumcount().to_numpy()
    size = of_label.map(of_label.value_counts()).to_numpy()
    cluster = (place_in_label >= np.ceil(size * 0.75)).astype(np.int32)
    split = sorted(set(labels))[::2]
    odd = (cluster == 1) & of_label.isin(split).to_numpy()
    contents = [picture(place) if images else f"{place}".encode() for place in range(n)]
    shas = [hashlib.sha256(content).hexdigest() for content in contents]
    items = pd.DataFrame(
        {
            c.FILE: pd.Series(list(files), dtype=object),
            c.LABEL: of_label,
            c.CLUSTER: cluster,
            c.CLUSTER_PROBABILITY: np.full(n, 0.75, np.float32),
            c.SUSPICION: np.where(odd, 0.4, 0.0).astype(np.float32),
            c.SUGGESTED_LABEL: pd.Series(
                [labels[(place + 1) % n] if odd[place] else None for place in range(n)],
                dtype=object,
            ),
            c.DECISION: pd.Series(list(decisions or [""] * n), dtype=object),
            c.X: np.zeros(n, np.float32),
            c.Y: np.zeros(n, np.float32),
            c.TYPICALITY: np.linspace(0, 1, n, dtype=np.float32),
            c.SHA256: pd.Series(shas, dtype=object),
            c.STATUS: c.OK,
            c.REASON: "",
        }
    )
    names = sorted(set(labels))
    classes = pd.DataFrame(
        {
            c.LABEL: pd.Series(names, dtype=object),
            c.SIZE: [list(labels).count(name) for name in names],
            c.N_CLUSTERS: 2,
            c.SPLIT_SCORE: np.linspace(0.9, 0.1, len(names)),
            c.IS_SPLIT: [name in split for name in names],
        }
    )
    groups = items.groupby([c.LABEL, c.CLUSTER], sort=True)
    clusters = groups[c.SUSPICION].agg([(c.SIZE, "size"), (c.SUSPICION, "max")]).reset_index()
    matrix = np.random.default_rng(7).normal(size=(n, WIDTH)).astype(np.float32)
    place_of = {sha: place for place, sha in enumerate(shas)}

    def embeddings(rows: Rows) -> np.ndarray:
        return matrix[rows]

    if images:
        for place, file in enumerate(files):
            target = root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(picture(place))
    return ExportSource(
        name="made up",
        items=items,
        classes=classes,
        clusters=clusters,
        merges=pd.DataFrame(columns=list(c.MERGE_COLUMNS)),
        embeddings=embeddings,
        width=WIDTH,
        thumbnail=lambda sha: picture(place_of[sha]) if sha in place_of else None,
        root=root,
        pictures=Pictures(str(root), root / "not scanned"),
    )


def zoo(root: Path, per_label: int = 12, *, images: bool = False) -> ExportSource:
    """Three labels, one with blanks and signs in its name."""
    labels = [label for label in ("car", "jaguar", "a & b # 100%: =x") for _ in range(per_label)]
    files = [f"{label}/{place}.jpg" for place, label in enumerate(labels)]
    return make_source(root, files, labels, images=images)


def named(source: ExportSource, label: str, cluster: int, name: str) -> ExportSource:
    """Return the source with one cluster called by a name."""
    here = (source.clusters[c.LABEL] == label) & (source.clusters[c.CLUSTER] == cluster)
    names = np.where(here, name, None)
    return replace(source, clusters=source.clusters.assign(**{c.KIND_NAME: names}))
