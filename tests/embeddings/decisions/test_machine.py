"""Any order of decisions, undos and redos, against a model in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from embeddings.decisions import (
    Choice,
    ConflictError,
    Item,
    NothingToUndoError,
    NotInStoreError,
    Store,
    open_store,
)

ITEMS = (
    Item("a.jpg", "jaguar", "aa"),
    Item("b.jpg", "crane", "aa"),
    Item("c.jpg", "crane", "cc"),
    Item("d.jpg", "crane", "cc", only_this_file=True),
    Item("e", "crane"),
)
REVIEWERS = ("Mara", "Ole", "Zoë")
CHOICES = (Choice("keep"), Choice("remove"), Choice("relabel", "car"), Choice("relabel", "van"))
reviewers = st.sampled_from(REVIEWERS)


@dataclass
class Batch:
    reviewer: str
    choices: dict[str, Choice]
    undone: tuple[int, str] | None = None  # the position of the undo, and by whom


@dataclass
class Model:
    """What the documentation says, as simply as it can be said."""

    position: int = 0
    batches: dict[int, Batch] = field(default_factory=dict)
    changed: dict[str, tuple[int, str]] = field(default_factory=dict)

    def in_force(self) -> dict[str, int]:
        found = {}
        for position, batch in sorted(self.batches.items()):
            if batch.undone is None:
                found |= dict.fromkeys(batch.choices, position)
        return found

    def conflicts(self, wanted: dict[Item, Choice], reviewer: str, expected: int) -> set[str]:
        against = set()
        for key, batch_position in self.in_force().items():
            batch = self.batches[batch_position]
            other = next(i for i in ITEMS if i.key == key)
            at, by = self.changed[key]
            for item, choice in wanted.items():
                overlap = item.group == other.group and (
                    item.key == key or other.key == other.group or item.key == item.group
                )
                if (
                    overlap
                    and at > expected
                    and reviewer not in (by, batch.reviewer)
                    and batch.choices[key] != choice
                ):
                    against.add(key)
        return against

    def decide(self, wanted: dict[Item, Choice], reviewer: str) -> None:
        self.position += 1
        choices = {item.key: choice for item, choice in wanted.items()}
        self.batches[self.position] = Batch(reviewer, choices)
        self.changed |= dict.fromkeys(choices, (self.position, reviewer))

    def undoable(self, reviewer: str) -> int | None:
        own = [p for p, b in self.batches.items() if b.reviewer == reviewer and b.undone is None]
        return max(own, default=None)

    def redoable(self, reviewer: str) -> int | None:
        last = max((p for p, b in self.batches.items() if b.reviewer == reviewer), default=0)
        undone = [
            (b.undone[0], p)
            for p, b in self.batches.items()
            if b.undone and b.undone[1] == reviewer and b.undone[0] > last
        ]
        return max(undone)[1] if undone else None

    def turn(self, batch: int, reviewer: str, *, undo: bool) -> None:
        before = self.in_force()
        self.position += 1
        self.batches[batch].undone = (self.position, reviewer) if undo else None
        after = self.in_force()
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                self.changed[key] = (self.position, reviewer)


class Reviewing(RuleBasedStateMachine):
    """The store and the model do the same, and must agree after each step."""

    new_target: Callable[[], str]

    @initialize()
    def begin(self) -> None:
        self.target = type(self).new_target()
        self.store: Store = open_store(self.target)
        self.model = Model()
        self.seen = dict.fromkeys(REVIEWERS, 0)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @rule(
        reviewer=reviewers,
        wanted=st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(CHOICES), min_size=1),
        careful=st.booleans(),
    )
    def decide(self, reviewer: str, wanted: dict[Item, Choice], careful: bool) -> None:
        expected = self.seen[reviewer] if careful else None
        against = self.model.conflicts(wanted, reviewer, self.seen[reviewer]) if careful else set()
        refused = None
        try:
            receipt = self.store.decide_each(wanted.items(), reviewer=reviewer, expected=expected)
            self.model.decide(wanted, reviewer)
            assert receipt.position == self.model.position
        except ConflictError as error:
            refused = error
        assert (refused is not None) == bool(against)
        if refused is not None:
            assert {d.item.key for d in refused.decisions} == against
            assert refused.position == self.model.position

    @rule(reviewer=reviewers)
    def look(self, reviewer: str) -> None:
        changes = self.store.since(self.seen[reviewer])
        told = {k for k, (at, _) in self.model.changed.items() if at > self.seen[reviewer]}
        assert set(changes.now) == told
        force = self.model.in_force()
        for key, decision in changes.now.items():
            assert (decision.batch if decision else None) == force.get(key)
        self.seen[reviewer] = changes.position

    @rule(reviewer=reviewers)
    def undo(self, reviewer: str) -> None:
        self._turn(self.model.undoable(reviewer), reviewer, undo=True, batch=None)

    @rule(reviewer=reviewers)
    def redo(self, reviewer: str) -> None:
        self._turn(self.model.redoable(reviewer), reviewer, undo=False, batch=None)

    @rule(reviewer=reviewers, batch=st.integers(1, 12), undo=st.booleans())
    def turn_batch(self, reviewer: str, batch: int, undo: bool) -> None:
        known = self.model.batches.get(batch)
        possible = known is not None and (known.undone is None) == undo
        self._turn(batch if possible else None, reviewer, undo=undo, batch=batch)

    def _turn(self, expected: int | None, reviewer: str, *, undo: bool, batch: int | None) -> None:
        try:
            if batch is not None:
                do = self.store.undo_batch if undo else self.store.redo_batch
                receipt = do(batch, reviewer)
            else:
                receipt = (self.store.undo if undo else self.store.redo)(reviewer)
        except (NothingToUndoError, NotInStoreError):
            assert expected is None
        else:
            assert receipt.batch == expected
            before = self.model.in_force()
            self.model.turn(receipt.batch, reviewer, undo=undo)
            after = self.model.in_force()
            assert receipt.changed == sum(
                before.get(k) != after.get(k) for k in before.keys() | after.keys()
            )

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.target)

    @rule()
    def derive_anew(self) -> None:
        before = self.store.since(0)
        self.store.rebuild()
        assert self.store.since(0) == before

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "store"):
            return
        frame = self.store.current()
        assert dict(zip(frame["item_key"], frame["batch"], strict=True)) == self.model.in_force()
        for key, batch, text in zip(
            frame["item_key"], frame["batch"], frame["decision"], strict=True
        ):
            assert text == self.model.batches[batch].choices[key].text
        assert self.store.position() == self.model.position
        assert len(self.store.history(1000)) == self.model.position
        assert self.store.problems() == ()


def test_any_order_agrees_with_the_model(new_target: Callable[[], str], target: str) -> None:
    machine = type("Machine", (Reviewing,), {"new_target": staticmethod(new_target)})
    # a fresh store for each example takes a server longer than a file
    examples = 8 if "://" in target else 25
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None)
    )
