"""What was decided, beside the rows of one data set; the store is the truth, this follows it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from embeddings.decisions import items_of, refuse_changed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embeddings.decisions import Action, Context, Decision, Item, Receipt, Store
    from explorer.data.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows, and what is decided on them.

    ``only_these`` leaves equal files under the same label alone, so that one of two copies can be
    left out.
    """

    rows: Sequence[int]
    action: Action
    to_label: str | None = None
    only_these: bool = False


class Decisions:
    """Reads and writes the decisions on a data set by row.

    Parameters
    ----------
    dataset, store
        The items, and where decisions on them are kept.
    """

    def __init__(self, dataset: Dataset, store: Store) -> None:
        self.dataset = dataset
        self.store = store
        self._lock = threading.Lock()
        self._position = 0
        self._by_key: dict[int, tuple[tuple[str, Decision], ...]] = {}  # all in force on a row
        self._count: Counter[str] = Counter()  # decided rows of a label
        self._rows: dict[str, Sequence[int]] = {}  # by key, of what was asked for

    @cached_property
    def _every(self) -> dict[str, list[int]]:
        """Rows by the key of their content under their label, and by the key of the file alone.

        Seconds and a gigabyte for a million items, so it is made for those alone that have no
        content, and for a key that was taken back before this server began.
        """
        rows: dict[str, list[int]] = {}
        for row, item in enumerate(items_of(self.dataset.items)):
            rows.setdefault(item.group, []).append(row)
        for row, item in enumerate(items_of(self.dataset.items, only_this_file=True)):
            if item.key != item.group:
                rows.setdefault(item.key, []).append(row)
        return rows

    def _rows_of(self, key: str, item: Item | None = None) -> Sequence[int]:
        """Return the rows with a key; ``item`` is one that has it, where that is known."""
        held = self._rows.get(key)
        if held is None:
            if item is not None and item.sha256:
                held = self._rows_with(item)
            else:
                held = self._every.get(key, ())
            self._rows[key] = held
        return held

    def _rows_with(self, item: Item) -> list[int]:
        data = self.dataset
        rows = [r for r in data.holding(item.sha256.lower()) if data.label_of(r) == item.label]
        return [r for r in rows if data.file_of(r) == item.file] if item.only_this_file else rows

    def rows_of(self, items: Sequence[Item]) -> list[int]:
        """Return the rows of these items."""
        return sorted({row for item in items for row in self._rows_of(item.key, item)})

    def follow(self) -> int:
        """Take in what happened since; return the position of the store.

        In time with what happened, not with all that is decided.
        """
        with self._lock:
            changes = self.store.since(self._position)
            for key, decision in changes.now.items():
                if decision is not None:
                    rows = self._rows_of(key, decision.item)
                else:  # what was taken back before it was seen here is in force on no row
                    rows = self._rows.get(key, ())
                for row in rows:
                    self._set(row, key, decision)
            self._position = changes.position
            return self._position

    def _set(self, row: int, key: str, decision: Decision | None) -> None:
        before = self._by_key.pop(row, ())
        now = tuple(pair for pair in before if pair[0] != key)
        if decision is not None:
            now = (*now, (key, decision))
        if now:
            self._by_key[row] = now
        self._count[self.dataset.label_of(row)] += bool(now) - bool(before)

    def decided(self) -> Mapping[int, Decision]:
        """Return row → decision in force, for every decided item."""
        with self._lock:
            return {row: _latest(pairs) for row, pairs in self._by_key.items()}

    def assigned(self) -> dict[str, str]:
        """Return who looks after each label that somebody looks after."""
        return {label: a.reviewer or "" for label, a in self.store.assignments().items()}

    def decided_rows(self) -> Set[int]:
        """Return the rows on which a decision is in force, as a view that changes with them."""
        return self._by_key.keys()

    def any_decided(self) -> bool:
        """Whether a decision is in force on any item."""
        return bool(self._by_key)

    def texts(self, rows: Sequence[int] | NDArray[np.intp]) -> dict[int, str]:
        """Return row → ``relabel: car``, ``keep`` …, for those of ``rows`` that are decided."""
        with self._lock:
            held = (int(row) for row in rows if int(row) in self._by_key)
            return {row: _latest(self._by_key[row]).text for row in held}

    def all_texts(self) -> dict[int, str]:
        """Return row → decision, for every decided item."""
        return {row: decision.text for row, decision in self.decided().items()}

    def changed_since(self, position: int) -> dict[int, str]:
        """Return row → decision as it stands, "" for none, of what changed after ``position``."""
        changes = self.store.since(position)
        rows = {
            row
            for key, decision in changes.now.items()
            for row in self._rows_of(key, decision.item if decision else None)
        }
        texts = self.texts(sorted(rows))
        return {row: texts.get(row, "") for row in rows}

    def new_labels(self) -> dict[str, int]:
        """Return the labels that decisions give and the data set does not have, by images."""
        with self._lock:
            made = Counter(_latest(pairs).to_label for pairs in self._by_key.values())
        return {label: n for label, n in made.items() if label and label not in self.dataset.places}

    def by_label(self) -> Mapping[str, int]:
        """Return how many items of each label are decided."""
        with self._lock:
            return {label: count for label, count in self._count.items() if count}

    def decide(
        self,
        rows: Sequence[int],
        action: Action,
        *,
        to_label: str | None,
        note: str,
        reviewer: str,
        context: Context,
        expected: int | None,
    ) -> Receipt:
        """Decide on some rows as one action; see ``Store.decide``.

        Raises
        ------
        ChangedPictureError
            A file holds another picture by now than the run that is shown.
        """
        items = self.dataset.items_at(rows)
        refuse_changed(self.dataset.workspace, items)
        return self.store.decide(
            items,
            action,
            to_label=to_label,
            note=note,
            reviewer=reviewer,
            context=context,
            expected=expected,
        )

    def decide_each(
        self,
        groups: Sequence[Group],
        *,
        note: str,
        reviewer: str,
        context: Context,
        expected: int | None,
    ) -> Receipt:
        """Decide on groups of rows, each in its own way, as one action; see ``Store.decide_each``.

        A row that stands in several groups is decided as the first of them says.

        Raises
        ------
        ChangedPictureError
            A file holds another picture by now than the run that is shown.
        """
        from embeddings.decisions import Choice

        pairs, seen = [], set()
        for group in groups:
            rows = [row for row in group.rows if row not in seen]
            seen.update(rows)
            choice = Choice(group.action, group.to_label, note)
            items = self.dataset.items_at(rows)
            if group.only_these:
                items = [replace(item, only_this_file=bool(item.sha256)) for item in items]
            pairs += [(item, choice) for item in items]
        refuse_changed(self.dataset.workspace, [item for item, _ in pairs])
        return self.store.decide_each(pairs, reviewer=reviewer, context=context, expected=expected)


def _latest(pairs: tuple[tuple[str, Decision], ...]) -> Decision:
    """Return what counts: a file may be decided on alone and with its copies."""
    return max((decision for _, decision in pairs), key=lambda one: one.id)
