"""Export a workspace with its decisions, and import decisions into its store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings.machine import logged_in
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    from embeddings.decisions import Choice, Item, Receipt, Store
    from embeddings.export import Scope, Written
    from embeddings.ingest import ImportReport
    from embeddings.workspace import Workspace

_SELECTION: Final = "selection:"
_ATTEMPTS: Final = 5  # at an import while others decide


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
    ws: Workspace,
    store: Store,
    path: Path,
    *,
    format: str | None = None,
    reviewer: str = "",
    overrule: bool = False,
) -> Brought:
    """Read decisions from a file, and write those that are not in force yet.

    The reviewer is the person who imports; the log also holds the file and the reviewer that it
    names. The decisions of each such reviewer are one action.

    Parameters
    ----------
    format
        By default told from the file.
    reviewer
        Who imports; by default whoever is logged in.
    overrule
        Also write what was decided otherwise since the file was written.

    Raises
    ------
    SourceError, UsageError
        The file can't be read, or its format not be told.
    ConflictError
        Others kept deciding on the same items while this went on; some of it may be written.
    """
    from embeddings import ingest
    from embeddings.decisions import ConflictError

    who = reviewer or logged_in()
    answers = ingest.read(path, format=format)
    items = ws.items()
    for attempt in range(_ATTEMPTS):
        position = store.position()
        report = ingest.match(
            answers,
            items,
            store.current(),
            reviewer=who,
            overrule=overrule,
            history=store.decisions,
            is_changed=ws.pictures.is_changed,
        ).report
        try:
            receipts = _told(store, report, path.name, who, None if overrule else position)
        except ConflictError:  # somebody decided in between: compare anew
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return Brought(report, receipts)
    raise AssertionError("an import either ends or raises")


def _told(
    store: Store, report: ImportReport, name: str, who: str, expected: int | None
) -> tuple[Receipt, ...]:
    """Write what an import changes, an action for each reviewer that the file names."""
    from embeddings.decisions import Choice, Context, Item

    by: dict[str, list[tuple[Item, Choice]]] = {}
    for one in report.changed:
        item = Item(one.file, one.label, one.sha256 or "", one.only_this_file)
        by.setdefault(one.origin, []).append((item, Choice(one.action, one.to_label, one.note)))
    return tuple(
        store.decide_each(
            pairs,
            reviewer=who,
            context=Context(source=f"{name}, decided by {origin}" if origin else name),
            expected=expected,
        )
        for origin, pairs in by.items()
    )
