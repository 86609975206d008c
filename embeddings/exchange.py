"""Decisions go out with an export and come back with an import: store and formats joined."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    from embeddings.decisions import Receipt, Store
    from embeddings.export import Scope, Written
    from embeddings.ingest import ImportReport
    from embeddings.workspace import Workspace

_SELECTION: Final = "selection:"


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import found, and a receipt for each reviewer of what it wrote."""

    report: ImportReport
    receipts: tuple[Receipt, ...]


def export_workspace(
    ws: Workspace,
    store: Store,
    name: str,
    out: Path,
    *,
    scope: str = "all",
    progress: Progress = no_progress,
) -> Written:
    """Write a workspace with its decisions as the format ``name`` into the folder ``out``.

    Parameters
    ----------
    scope
        ``all``, ``flagged``, ``label:NAME`` or ``selection:NAME``.

    Raises
    ------
    UsageError
        No such format or scope, nothing in it, or ``out`` can't be used.
    NotInStoreError
        No such selection.
    """
    from embeddings import export
    from embeddings.decisions import with_decisions

    source = export.from_workspace(ws, with_decisions(ws.items(), store.current()))
    return export.write(name, source, out, scope=scope_of(scope, store), progress=progress)


def scope_of(text: str, store: Store) -> Scope | str:
    """Read a scope; that of a saved selection is looked up in the store."""
    from embeddings.export import Scope

    if not text.startswith(_SELECTION):
        return text
    found = store.selection(text.removeprefix(_SELECTION))
    return Scope.selection(item.file for item in found.items)


def import_file(
    ws: Workspace, store: Store, path: Path, *, format: str | None = None, reviewer: str = ""
) -> Brought:
    """Read decisions from a file, and write those that are not in force yet.

    What one reviewer decided is one action.

    Parameters
    ----------
    format
        By default told from the file.
    reviewer
        Who decided, where the file does not say it.

    Raises
    ------
    SourceError, UsageError
        The file can't be read, or its format not be told.
    """
    from embeddings import ingest
    from embeddings.decisions import Choice, Context, Item

    report = ingest.read_decisions(
        path, ws.items(), store.current(), format=format, reviewer=reviewer
    ).report
    by: dict[str, list[tuple[Item, Choice]]] = {}
    for one in report.changed:
        item = Item(one.file, one.label, one.sha256 or "", one.only_this_file)
        choice = Choice(one.action, one.to_label, one.note)
        by.setdefault(one.reviewer or reviewer or "import", []).append((item, choice))
    context = Context(source=path.name)
    receipts = [
        store.decide_each(pairs, reviewer=who, context=context, only_changes=True)
        for who, pairs in by.items()
    ]
    return Brought(report, tuple(receipts))
