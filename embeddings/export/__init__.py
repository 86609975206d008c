"""Findings and decisions for other tools: one module per format, each with one function.

>>> from embeddings import export
>>> source = export.from_workspace(ws)  # doctest: +SKIP
>>> export.write("tensorboard", source, Path("out"), scope="flagged")  # doctest: +SKIP

``FORMATS`` is the table of our own, ``all_formats()`` has those of other packages too, which the
faces of the product list; a format's module is imported when it is first used. Every module has
``write(source, out, *, progress) -> Written``.

A package of yours adds a format by an entry point of the group ``rosette.exporters`` that names
such a function::

    [project.entry-points."rosette.exporters"]
    coco = "my_package.coco:write"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings.errors import UsageError
from embeddings.lazy import lazy_names
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    from embeddings.export.common.scope import Scope, flagged, scoped
    from embeddings.export.common.source import ExportSource, Written, from_workspace
    from embeddings.export.formats.fiftyone import BACKSLASH
    from embeddings.export.formats.labelstudio import (
        ACTION_CONTROL,
        LABEL_CONTROL,
        NOTE_CONTROL,
        label_of_choice,
    )

__all__ = [
    "ACTION_CONTROL",
    "BACKSLASH",
    "FORMATS",
    "LABEL_CONTROL",
    "NOTE_CONTROL",
    "ExportSource",
    "Format",
    "Scope",
    "Written",
    "all_formats",
    "flagged",
    "format_named",
    "from_workspace",
    "label_of_choice",
    "scoped",
    "write",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "common.scope": ("Scope", "flagged", "scoped"),
        "common.source": ("ExportSource", "Written", "from_workspace"),
        "formats.fiftyone": ("BACKSLASH",),
        "formats.labelstudio": (
            "ACTION_CONTROL",
            "LABEL_CONTROL",
            "NOTE_CONTROL",
            "label_of_choice",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its ``name``, a ``help`` of one line, and where its function lives.

    ``package`` is the distribution that brings it, "" for our own; ``module`` is then its whole
    name, else the name of one of ``export.formats``.
    """

    name: str
    help: str
    module: str
    function: str = "write"
    shows_files: bool = False  # the other program shows the image files themselves
    package: str = ""

    def writer(self) -> Callable[..., Written]:
        """Import the format and return its ``write(source, out, *, progress)``.

        Raises
        ------
        UsageError
            The package that brings it can't be imported, or has no such function.
        """
        if not self.package:
            module = import_module(f"embeddings.export.formats.{self.module}")
            own: Callable[..., Written] = getattr(module, self.function)
            return own
        try:
            found: Callable[..., Written] = getattr(import_module(self.module), self.function)
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"The export format {self.name!r} of {self.package} can't be loaded ({error}).",
                hint=f"Mend or uninstall {self.package}.",
            ) from error
        return found


GROUP: Final = "rosette.exporters"  # of entry points
FORMATS: Final[tuple[Format, ...]] = (
    Format("csv", "items, classes and clusters as tables for any spreadsheet", "csv"),
    Format("annotations", "the boxes' own files (COCO, YOLO, VOC …), relabelled", "annotations"),
    Format("parquet", "the same tables with the embeddings, for pandas, DuckDB, Polars", "parquet"),
    Format("tensorboard", "embeddings, metadata and sprites for its projector", "tensorboard"),
    Format(
        "labelstudio",
        "a labelling interface and tasks with suggestions",
        "labelstudio",
        shows_files=True,
    ),
    Format("fiftyone", "a FiftyOneImageClassificationDataset", "fiftyone", shows_files=True),
    Format(
        "cvat", "labels as ImageNet 1.0 annotations for an existing task", "cvat", shows_files=True
    ),
    Format("cleanlab", "label issues in the columns of cleanlab's Datalab", "cleanlab"),
    Format("imagefolder", "a cleaned copy, decisions applied, files hard-linked", "imagefolder"),
    Format(
        "imagefolder-copy",
        "a cleaned copy, decisions applied, files copied",
        "imagefolder",
        "write_copies",
    ),
)


def all_formats() -> tuple[Format, ...]:
    """Return our formats, then those of other packages; a name of ours is not overruled."""
    from importlib.metadata import entry_points

    ours = {entry.name for entry in FORMATS}
    others = [
        Format(
            name=point.name,
            help=f"of the package {point.dist.name if point.dist else point.module}",
            module=point.module,
            function=point.attr or "write",
            package=point.dist.name if point.dist else point.module,
        )
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)
        if point.name not in ours
    ]
    return (*FORMATS, *others)


def format_named(name: str) -> Format:
    """Return the format of that name.

    Raises
    ------
    UsageError
        There is none; the hint lists those that are.
    """
    known = all_formats()
    for entry in known:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in known)
    raise UsageError(f"There is no export format {name!r}.", hint=f"Choose one of {names}.")


def write(
    name: str,
    source: ExportSource,
    out: Path,
    *,
    scope: Scope | str = "all",
    progress: Progress = no_progress,
) -> Written:
    """Write what is in ``scope`` as the format ``name`` into the folder ``out``.

    Parameters
    ----------
    scope
        A :class:`Scope`, or its text: ``all``, ``flagged``, ``label:jaguar``.

    Raises
    ------
    UsageError
        No such format or scope, nothing in the scope, or ``out`` can't be used.
    """
    from embeddings.export.common.scope import Scope, scoped, without_changed

    entry = format_named(name)
    wanted = Scope.parse(scope) if isinstance(scope, str) else scope
    notes: tuple[str, ...] = ()
    chosen = scoped(source, wanted)
    if entry.shows_files:
        chosen, notes = without_changed(chosen)
    written = entry.writer()(chosen, out, progress=progress)
    return replace(written, notes=(*written.notes, *notes))
