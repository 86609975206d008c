"""Check that the items of a decision are in the workspace and that their files are unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings import columns as c
from embeddings.decisions.errors import ChangedPictureError, UnknownItemError
from embeddings.decisions.records import Item

if TYPE_CHECKING:
    from embeddings.workspace import Workspace

_COLUMNS = (c.FILE, c.LABEL, c.SHA256)


class Catalogue:
    """The items of a workspace: of its current run, or of its scan where there is no run.

    Parameters
    ----------
    path
        The workspace folder; it is checked each time, and read again where its run has changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[str | None, Any] | None = None

    def resolved(self, items: Sequence[Item]) -> list[Item]:
        """Return the items as the workspace has them, with their contents filled in.

        Raises
        ------
        UnknownItemError
            One of them is no item of the workspace; it is named.
        """
        from embeddings.workspace import Workspace

        return self._resolved(Workspace.open(self._path), items)

    def decidable(self, items: Sequence[Item]) -> list[Item]:
        """Return the same; refuse items whose files have changed since the run (missing ones pass).

        Raises
        ------
        UnknownItemError, ChangedPictureError
            One of them is no item of the workspace, or its file holds another picture by now.
        """
        from embeddings.workspace import Workspace

        ws = Workspace.open(self._path)
        resolved = self._resolved(ws, items)
        refuse_changed(ws, resolved)
        return resolved

    def _resolved(self, ws: Workspace, items: Sequence[Item]) -> list[Item]:
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self._table(ws)
        asked = [
            pa.array(sorted({item.file for item in items}), pa.large_string()),
            pa.array(sorted({item.sha256.lower() for item in items} - {""}), pa.large_string()),
        ]
        mask = pc.or_(
            pc.is_in(table[c.FILE], value_set=asked[0]),
            pc.is_in(table[c.SHA256], value_set=asked[1]),
        )
        known = _Known(table.filter(mask))
        return [known.resolved(item) for item in items]

    def _table(self, ws: Workspace) -> Any:
        """Return file, label and content of each item as a pyarrow table, read once a run."""
        import pyarrow as pa

        run = ws.info.run_id
        if run is None or self._read is None or self._read[0] != run:
            frame = ws.manifest() if run is None else ws.items()
            columns = {
                name: pa.array(
                    [str(value or "") for value in frame[name].fillna("")]
                    if name in frame
                    else [""] * len(frame),
                    pa.large_string(),
                )
                for name in _COLUMNS
            }
            self._read = run, pa.table(columns)
        return self._read[1]


class _Known:
    """The items of a workspace that the given ones could match."""

    def __init__(self, table: Any) -> None:
        rows = list(zip(*(table[name].to_pylist() for name in _COLUMNS), strict=True))
        self._at = {(file, label): sha for file, label, sha in rows}
        self._contents = {(sha.lower(), label) for _, label, sha in rows if sha}
        self._labels_of_file = {file: label for file, label, _ in rows}
        self._labels_of_content = {sha.lower(): label for _, label, sha in rows if sha}

    def resolved(self, item: Item) -> Item:
        content = item.sha256.lower()
        there = self._at.get((item.file, item.label))
        if not content:
            if there is None:
                raise self._unknown(item, self._labels_of_file.get(item.file))
            return replace(item, sha256=there)
        found = (
            there is not None and there.lower() == content
            if item.only_this_file
            else (content, item.label) in self._contents
        )
        if not found:
            raise self._unknown(item, self._labels_of_content.get(content))
        return item

    def _unknown(self, item: Item, label: str | None) -> UnknownItemError:
        elsewhere = label is not None and label != item.label
        return UnknownItemError(
            f"There is no item {item.file!r} under the label {item.label!r}"
            + (f": it is under {label!r}." if elsewhere else " in the workspace."),
            hint="Take files and labels as `ws.items()` has them; `items_of` makes items of rows.",
        )


def refuse_changed(ws: Workspace, items: Sequence[Item]) -> None:
    """Refuse items whose files have changed since the run.

    Raises
    ------
    ChangedPictureError
        It names them.
    """
    states = ws.pictures.states([(item.file, item.sha256) for item in items])
    changed = [item for item, state in zip(items, states, strict=True) if state == "changed"]
    if changed:
        raise ChangedPictureError(changed, asked=len(items))
