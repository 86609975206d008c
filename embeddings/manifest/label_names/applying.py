"""Labels of a source called by the names that a file beside it gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from embeddings.errors import SourceError
from embeddings.manifest.label_names.choosing import NONE, names_for
from embeddings.manifest.listing import Listed, Wanted


def with_names(told: Listed, path: Path | str, wanted: Wanted) -> Listed:
    """Call labels that are numbers or ids by the names that a file beside the source gives."""
    given = wanted.label_names
    if str(given) == NONE:
        return told
    if not wanted.labels or told.names_itself:
        if given is not None:
            raise SourceError(
                f"--label-names {given} is of no use: the labels of {path} have names, or are not "
                "wanted.",
                hint="Leave --label-names out.",
            )
        return told
    folders, source = [], ""
    if isinstance(path, Path):
        own = path if path.is_dir() else path.parent
        folders, source = [Path(told.root), own, own.parent], path.name
    named = names_for((e.label for e in told.entries), folders, given, source=source)
    entries = told.entries
    if named.names:
        entries = [replace(e, label=named.names.get(e.label, e.label)) for e in entries]
    lines = [*told.understood]
    at = next((n for n, line in enumerate(lines) if line.startswith("Labels")), 0)
    return replace(
        told,
        entries=entries,
        notes=[*told.notes, *named.notes],
        understood=(*lines[: at + 1], *named.lines, *lines[at + 1 :]),
    )
