"""Find the labels of an image data set that hide two kinds of thing.

>>> import embeddings
>>> ws = embeddings.run("photos/", "ws/")  # doctest: +SKIP
>>> ws.classes(), ws.items(), ws.clusters()  # doctest: +SKIP

Importing this package loads nothing heavy: each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embeddings.errors import RosetteError, UsageError
    from embeddings.pipeline import run
    from embeddings.records import ClusterFinding, LabelFinding, SplitReport
    from embeddings.splits import find_splits
    from embeddings.workspace import Workspace

__all__ = [
    "ClusterFinding",
    "LabelFinding",
    "RosetteError",
    "SplitReport",
    "UsageError",
    "Workspace",
    "find_splits",
    "run",
]

_HOMES = {
    "ClusterFinding": "records",
    "LabelFinding": "records",
    "RosetteError": "errors",
    "SplitReport": "records",
    "UsageError": "errors",
    "Workspace": "workspace",
    "find_splits": "splits",
    "run": "pipeline",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"embeddings.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'embeddings' has no attribute {name!r}")
