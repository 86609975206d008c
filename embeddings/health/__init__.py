"""Health of a data set: checks of files and pictures that do not depend on what they show.

``looking.measure_all`` measures every thumbnail once; ``assess`` judges these measures and the
manifest. Both are linear in the number of items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from embeddings import columns as c
from embeddings.health.class_balance import balance
from embeddings.health.records import (
    COPIES,
    FINE_BELOW,
    NEAR,
    NEAR_ACROSS_LABELS,
    NEAR_ACROSS_SETS,
    SAME,
    SAME_ACROSS_LABELS,
    SAME_ACROSS_SETS,
    UNREADABLE,
    WEIGHTS,
    Balance,
    Finding,
    Health,
    counted,
)
from embeddings.health.saved import read_health, write_health
from embeddings.lazy import lazy_names
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.arrays import Rows
    from embeddings.health.duplicates import near_copies
    from embeddings.health.looking import measure_all, measures_frame
    from embeddings.health.measures import Measures, measure
    from embeddings.health.unlike import from_outliers

__all__ = [
    "COPIES",
    "FINE_BELOW",
    "NEAR",
    "NEAR_ACROSS_LABELS",
    "NEAR_ACROSS_SETS",
    "SAME",
    "SAME_ACROSS_LABELS",
    "SAME_ACROSS_SETS",
    "UNREADABLE",
    "WEIGHTS",
    "Balance",
    "Finding",
    "Health",
    "Measures",
    "assess",
    "balance",
    "counted",
    "from_outliers",
    "measure",
    "measure_all",
    "measured_of",
    "measures_frame",
    "near_copies",
    "read_health",
    "write_health",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "duplicates": ("near_copies",),
        "looking": ("measure_all", "measures_frame"),
        "measures": ("Measures", "measure"),
        "unlike": ("from_outliers",),
    },
)


def assess(
    items: pd.DataFrame,
    measures: pd.DataFrame | None = None,
    embeddings: Rows | None = None,
    *,
    besides: Sequence[Finding] = (),
    seed: int = 0,
    progress: Progress = no_progress,
) -> Health:
    """Judge the files of a data set.

    Parameters
    ----------
    items
        One row per item: ``file, label, sha256, status, reason, format, width, height`` and, where
        they are known, ``grey``, ``split`` and ``near_copies``.
    measures
        One row per content, from ``looking.measure_all``; without it pictures are not looked at.
    embeddings
        (n, d) in the order of ``items``, NaN rows where there is none; read in blocks.
    besides
        What else was found, to be ranked among the rest.
    seed
        Of the search for near-duplicates.
    progress
        Called as ``progress(done, total, what)``.
    """
    from embeddings.health import class_balance, duplicates, files, looks

    labels = [str(label) for label in items[c.LABEL]]
    findings = [
        *besides,
        *files.from_files(items),
        *class_balance.small_labels(labels),
        *duplicates.exact(items),
    ]
    notes = []
    if measures is None or measures.empty:
        notes.append("There are no thumbnails: the pictures themselves were not looked at.")
    else:
        by_item = measured_of(items, measures)
        unseen = int((by_item["spread"].isna().to_numpy() & (items[c.STATUS] == c.OK)).sum())
        if unseen:
            notes.append(f"{unseen} images have no thumbnail and were not looked at.")
        findings += looks.from_looks(by_item)
        numbers = (
            items[c.NEAR_COPIES].to_numpy()
            if c.NEAR_COPIES in items
            else duplicates.near_copies(items, by_item, embeddings, seed=seed, progress=progress)
        )
        findings += duplicates.near(items, numbers)
    findings.sort(key=lambda f: (-f.weight, f.kind))
    readable = items[items[c.STATUS] == c.OK]
    formats = Counter(str(f) for f in readable[c.FORMAT] if f).most_common()
    return Health(
        findings=tuple(findings),
        balance=balance(labels),
        formats=tuple(formats),
        summary=_summary(len(items), len(readable), findings),
        notes=tuple(notes),
    )


def measured_of(items: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Return the ``measures`` of the content of each item, in the order of ``items``."""
    hashes = items[c.SHA256].fillna("").astype(str)
    return measures.set_index(c.SHA256).reindex(hashes).reset_index(drop=True)


def _summary(count: int, readable: int, findings: list[Finding]) -> str:
    """Say in one or two sentences how healthy the data set is."""
    from embeddings.health.records import FINE_BELOW, counted

    matter = [f for f in findings if f.weight >= FINE_BELOW]
    affected = len({i for f in matter for i in f.items})
    if not matter:
        verdict = "Healthy."
    elif affected <= 0.1 * count:
        verdict = f"Mostly healthy: {counted(affected, 'image needs', 'images need')} a look."
    else:
        verdict = f"{affected:,} of {count:,} images need a look."
    unread = "" if readable == count else f" {readable:,} of {count:,} files could be read."
    return verdict + unread
