"""Find the labels of an image data set that hide two kinds of thing.

Run everything on images, and look at what was found::

    ws = embeddings.run("photos/", "ws/")           # a folder of label/…/file, a table, an array
    ws.classes(), ws.items(), ws.clusters()          # pandas frames
    ws.decide(cars, "relabel", to="car", by="Mara")  # rows of ws.items(); undone by ws.undo()
    ws.export("csv", "out/")                         # embeddings.export.FORMATS lists the others

On arrays, without files::

    embeddings.find_splits(X, labels)        # labels that hide two kinds       -> SplitReport
    embeddings.find_label_errors(X, labels)  # single wrong labels              -> LabelErrors
    embeddings.find_outliers(X, labels)      # items unlike everything in theirs -> Outliers
    embeddings.find_duplicates(files)        # the same picture twice           -> Duplicates
    embeddings.confusion(labels, predicted)  # which labels are taken for which -> Confusion

``explorer.show(ws)`` opens the app below a cell; ``Workspace.open`` reads a folder that is there.
Errors are ``RosetteError``s, whose text says what to do; wrong use is a ``ValueError`` too.

Importing this package loads nothing heavy: each name is fetched when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings import export
    from embeddings.api import Duplicates, SplitFinder, Workspace, find_duplicates, run
    from embeddings.backbones import from_function
    from embeddings.decisions import Item, Receipt, Store, open_store
    from embeddings.errors import RosetteError, UsageError
    from embeddings.label_errors import (
        Confusion,
        LabelErrors,
        Outliers,
        confusion,
        find_label_errors,
        find_outliers,
    )
    from embeddings.records import (
        Batch,
        ClusterFinding,
        Extractor,
        LabelFinding,
        ModelSpec,
        SplitReport,
    )
    from embeddings.splits import find_splits

    __version__: str

_fetched, _names = lazy_names(
    __name__,
    {
        "api": ("Duplicates", "SplitFinder", "Workspace", "find_duplicates", "run"),
        "backbones": ("from_function",),
        "decisions": ("Item", "Receipt", "Store", "open_store"),
        "errors": ("RosetteError", "UsageError"),
        "label_errors": (
            "Confusion",
            "LabelErrors",
            "Outliers",
            "confusion",
            "find_label_errors",
            "find_outliers",
        ),
        "records": (
            "Batch",
            "ClusterFinding",
            "Extractor",
            "LabelFinding",
            "ModelSpec",
            "SplitReport",
        ),
        "splits": ("find_splits",),
    },
)
__all__ = [
    "Batch",
    "ClusterFinding",
    "Confusion",
    "Duplicates",
    "Extractor",
    "Item",
    "LabelErrors",
    "LabelFinding",
    "ModelSpec",
    "Outliers",
    "Receipt",
    "RosetteError",
    "SplitFinder",
    "SplitReport",
    "Store",
    "UsageError",
    "Workspace",
    "__version__",
    "confusion",
    "export",
    "find_duplicates",
    "find_label_errors",
    "find_outliers",
    "find_splits",
    "from_function",
    "open_store",
    "run",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("rosette-explorer")
    if name == "export":  # a package, whose tables of formats are public
        from importlib import import_module

        return import_module("embeddings.export")
    return _fetched(name)


def __dir__() -> list[str]:
    return sorted(__all__)
