"""What people call from Python: one workspace with its decisions, arrays and frames as sources.

The stages below know files and frozen records; here they are put together for a notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings.api.duplicates import Duplicates, find_duplicates
    from embeddings.api.estimator import SplitFinder
    from embeddings.api.running import run
    from embeddings.api.workspace import Workspace

__all__ = ["Duplicates", "SplitFinder", "Workspace", "find_duplicates", "run"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "duplicates": ("Duplicates", "find_duplicates"),
        "estimator": ("SplitFinder",),
        "running": ("run",),
        "workspace": ("Workspace",),
    },
)
