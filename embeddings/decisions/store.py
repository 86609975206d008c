"""The decision store: the class that the rest of the program uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from embeddings.decisions.records import (
    Action,
    Assignment,
    Changes,
    Choice,
    Context,
    Decision,
    Entry,
    Item,
    Kind,
    Receipt,
    ReviewProgress,
    Selection,
    clean_name,
    storable,
)
from embeddings.decisions.sql import Database, assignments, audit, log, queries, selections
from embeddings.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd

    from embeddings.decisions.catalogue import Catalogue

Clock = Callable[[], datetime]
NOWHERE: Final = Context()


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Store:
    """Decisions of one data set. Threads and processes may share it; made by :func:`open_store`.

    Every method is one transaction. Any of them may raise ``StoreBusyError`` (nothing was written)
    or ``StoreUnreachableError``; a method that returns has its work on the disk.

    Examples
    --------
    >>> import tempfile
    >>> from embeddings.decisions import Item, open_store
    >>> seven = Item("jaguar/7.jpg", "jaguar")
    >>> with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
    ...     batch = store.decide([seven], "remove", reviewer="Mara").batch
    ...     back = store.undo("Mara"), store.redo("Mara"), store.undo_batch(batch, "Tom")
    ...     print(store.position(), store.current_for([seven]), len(store.history()))
    4 [None] 4
    """

    def __init__(
        self, database: Database, *, clock: Clock = utc_now, catalogue: Catalogue | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogue = catalogue

    def __repr__(self) -> str:
        return f"Store({self._database.address.shown})"

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._database.close()

    @property
    def shown(self) -> str:
        """Where the store is, without user or password."""
        return self._database.address.shown

    @property
    def read_only(self) -> bool:
        """Whether nothing can be decided, because the store can't be written to."""
        return self._database.read_only

    # -- deciding ----------------------------------------------------------------------

    def decide(
        self,
        items: Iterable[Item],
        action: Action,
        *,
        reviewer: str,
        to_label: str | None = None,
        note: str = "",
        context: Context = NOWHERE,
        expected: int | None = None,
    ) -> Receipt:
        """Decide on an item, a selection or a whole cluster: one action, one batch.

        Parameters
        ----------
        items
            Equal files under one label are one item. Where the store was opened with its workspace
            they are looked up in it, and a missing content is filled in.
        action, to_label, note
            What is decided; ``to_label`` with ``relabel`` only.
        reviewer
            Who decides.
        context
            Where the reviewer was, for the history.
        expected
            The position that the reviewer's page shows (:meth:`position`, :meth:`since`). None
            overrides whatever others decided.

        Raises
        ------
        UsageError
            No items, or a choice that makes no sense. ``UnknownItemError``: one of the items is not
            in the workspace. ``ChangedPictureError``: its file has changed since.
        ConflictError
            Others decided otherwise on some of the items after ``expected``; nothing was written.
        """
        choice = Choice(action, to_label, note)
        return self.decide_each(
            [(item, choice) for item in items],
            reviewer=reviewer,
            context=context,
            expected=expected,
        )

    def decide_each(
        self,
        pairs: Iterable[tuple[Item, Choice]],
        *,
        reviewer: str,
        context: Context = NOWHERE,
        expected: int | None = None,
        only_changes: bool = False,
    ) -> Receipt:
        """Decide on each item by itself, still as one batch: what an import brings.

        Parameters
        ----------
        only_changes
            Leave out what this reviewer's decisions in force say already, so that importing twice
            changes nothing; a receipt with ``position`` 0 says that nothing was left.

        Raises
        ------
        UsageError, ConflictError
            As :meth:`decide`; also where equal files are decided on differently.
        """
        who = clean_name(reviewer, "reviewer")
        asked = list(pairs)
        if self._catalogue is not None:
            items = self._catalogue.decidable([item for item, _ in asked])
            asked = list(zip(items, (choice for _, choice in asked), strict=True))
        batch = log.draft(asked)
        place = _checked(context)
        with self._database.writing() as connection:
            return log.append_decisions(
                connection,
                batch,
                reviewer=who,
                at=self._clock(),
                context=place,
                expected=expected,
                only_changes=only_changes,
            )

    def undo(self, reviewer: str) -> Receipt:
        """Undo the latest batch that the reviewer made and that is not undone.

        Raises
        ------
        NothingToUndoError
            There is none.
        """
        return self._undo(reviewer, None)

    def redo(self, reviewer: str) -> Receipt:
        """Redo what the reviewer undid last, as long as they decided on nothing new since.

        Raises
        ------
        NothingToUndoError
            There is none.
        """
        return self._redo(reviewer, None)

    def undo_batch(self, batch: int, reviewer: str) -> Receipt:
        """Undo any batch, whoever made it; the reviewer's next :meth:`redo` brings it back.

        Raises
        ------
        NotInStoreError, NothingToUndoError
            There is no such batch, or it is undone.
        """
        return self._undo(reviewer, batch)

    def redo_batch(self, batch: int, reviewer: str) -> Receipt:
        """Redo any batch that is undone, whoever undid it.

        Raises
        ------
        NotInStoreError, NothingToUndoError
            There is no such batch, or it is not undone.
        """
        return self._redo(reviewer, batch)

    def _undo(self, reviewer: str, batch: int | None) -> Receipt:
        who = clean_name(reviewer, "reviewer")
        with self._database.writing() as connection:
            return log.append_undo(connection, reviewer=who, at=self._clock(), batch=batch)

    def _redo(self, reviewer: str, batch: int | None) -> Receipt:
        who = clean_name(reviewer, "reviewer")
        with self._database.writing() as connection:
            return log.append_redo(connection, reviewer=who, at=self._clock(), batch=batch)

    # -- reading -----------------------------------------------------------------------

    def position(self) -> int:
        """Return the position of the last write: equal positions, equal store."""
        with self._database.reading() as connection:
            return queries.position(connection)

    def current(self) -> pd.DataFrame:
        """Return the decisions in force, one row each, with ``queries.CURRENT_COLUMNS``.

        In the order in which they were decided; ``at`` in UTC. ``merge.with_decisions`` puts them
        beside the items of a run.
        """
        with self._database.reading() as connection:
            return queries.current_frame(connection)

    def current_for(self, items: Sequence[Item]) -> list[Decision | None]:
        """Return the decision in force on each of the items, in their order."""
        with self._database.reading() as connection:
            return queries.current_for(connection, items)

    def history(
        self,
        limit: int = 100,
        *,
        before: int | None = None,
        reviewer: str | None = None,
        kind: Kind | None = None,
        label: str | None = None,
        item: Item | None = None,
    ) -> tuple[Entry, ...]:
        """Return log entries, newest first.

        Parameters
        ----------
        limit, before
            At most so many, from before this position: the last one shown asks for the next page.
        reviewer, kind
            By whom; ``decide``, ``undo`` or ``redo`` alone.
        label, item
            Those about an item with this given label, or about this item.
        """
        if limit < 1:
            raise UsageError(f"A history of {limit} entries can't be given.", hint="Ask for some.")
        with self._database.reading() as connection:
            return queries.history(
                connection,
                limit=limit,
                before=before,
                reviewer=reviewer,
                kind=kind,
                label=label,
                item=item,
            )

    def decisions(self, batch: int) -> tuple[Decision, ...]:
        """Return the decisions of one batch as the log has them, undone or not."""
        with self._database.reading() as connection:
            return queries.batch_decisions(connection, batch)

    def since(self, position: int) -> Changes:
        """Return what happened after ``position``: the work of other reviewers, for a page."""
        with self._database.reading() as connection:
            return queries.since(connection, position)

    def progress(self) -> ReviewProgress:
        """Count the decisions in force: by action, by reviewer, by given label."""
        with self._database.reading() as connection:
            return queries.progress(connection)

    # -- assignments --------------------------------------------------------------------

    def assign(self, labels: Iterable[str], reviewer: str | None, *, by: str) -> int:
        """Assign labels to a reviewer, None for nobody; return the position. The latest counts.

        Raises
        ------
        UsageError
            No labels, or an empty name.
        """
        wanted = [storable(label, "label") for label in labels]
        if not wanted:
            raise UsageError("There are no labels to assign.", hint="Name at least one.")
        who = None if reviewer is None else clean_name(reviewer, "reviewer")
        giver = clean_name(by, "reviewer")
        with self._database.writing() as connection:
            return assignments.append_assignments(
                connection, wanted, reviewer=who, by=giver, at=self._clock()
            )

    def assignments(self) -> dict[str, Assignment]:
        """Return the reviewer of each label that has one."""
        with self._database.reading() as connection:
            return assignments.current_assignments(connection)

    def assignment_history(self, limit: int = 100) -> tuple[Assignment, ...]:
        """Return all assignments ever made, newest first."""
        with self._database.reading() as connection:
            return assignments.assignment_history(connection, limit=limit)

    # -- saved selections ----------------------------------------------------------------

    def save_selection(
        self, name: str, items: Iterable[Item], *, by: str, note: str = ""
    ) -> Selection:
        """Save items under a name, as its next version; the versions before it stay.

        Raises
        ------
        UsageError
            No items, an empty name, or an item that is not in the workspace.
        """
        members = list(items)
        if self._catalogue is not None:
            members = self._catalogue.resolved(members)
        if not members:
            raise UsageError("An empty selection can't be saved.", hint="Select some items.")
        return self._append_selection(name, members, by=by, note=note)

    def selection(self, name: str, version: int | None = None) -> Selection:
        """Return a saved selection with its items, its last version where None is named.

        Raises
        ------
        NotInStoreError
            There is none, or it was dropped.
        """
        with self._database.reading() as connection:
            return selections.read_selection(connection, clean_name(name, "selection"), version)

    def selections(self) -> tuple[Selection, ...]:
        """Return the last version of each, by name, without their items."""
        with self._database.reading() as connection:
            return selections.list_selections(connection)

    def selection_versions(self, name: str) -> tuple[Selection, ...]:
        """Return all versions of a selection, newest first, without their items."""
        with self._database.reading() as connection:
            return selections.selection_versions(connection, clean_name(name, "selection"))

    def drop_selection(self, name: str, *, by: str) -> Selection:
        """Take a selection off the list; its versions can still be read by number.

        Raises
        ------
        NotInStoreError
            There is none.
        """
        self.selection(name)
        return self._append_selection(name, [], by=by, dropped=True)

    def _append_selection(
        self, name: str, items: Sequence[Item], *, by: str, note: str = "", dropped: bool = False
    ) -> Selection:
        with self._database.writing() as connection:
            return selections.append_selection(
                connection,
                clean_name(name, "selection"),
                items,
                note=storable(note, "note"),
                by=clean_name(by, "reviewer"),
                at=self._clock(),
                dropped=dropped,
            )

    # -- health --------------------------------------------------------------------------

    def problems(self) -> tuple[str, ...]:
        """Compare the store with its own log, one line per problem; empty where all is well."""
        with self._database.reading() as connection:
            return audit.problems(connection)

    def rebuild(self) -> None:
        """Derive the current state again from the log; needed only after the tables were edited."""
        with self._database.writing() as connection:
            audit.derive_anew(connection)


def _checked(context: Context) -> Context:
    for what in ("label", "run", "source"):
        storable(getattr(context, what) or "", what)
    return context
