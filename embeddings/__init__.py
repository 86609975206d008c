"""Find the labels of an image data set that hide two kinds of thing.

>>> import embeddings
>>> ws = embeddings.run("photos/", "ws/")  # doctest: +SKIP
>>> ws.classes(), ws.items(), ws.clusters()  # doctest: +SKIP

Importing this package loads nothing heavy: each name is fetched when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings.errors import RosetteError, UsageError
    from embeddings.pipeline import run
    from embeddings.records import ClusterFinding, LabelFinding, ModelSpec, SplitReport
    from embeddings.splits import find_splits
    from embeddings.workspace import Workspace

__all__ = [
    "ClusterFinding",
    "LabelFinding",
    "ModelSpec",
    "RosetteError",
    "SplitReport",
    "UsageError",
    "Workspace",
    "find_splits",
    "run",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "errors": ("RosetteError", "UsageError"),
        "pipeline": ("run",),
        "records": ("ClusterFinding", "LabelFinding", "ModelSpec", "SplitReport"),
        "splits": ("find_splits",),
        "workspace": ("Workspace",),
    },
)
