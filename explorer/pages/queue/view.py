"""The Queue page as plain data: all findings as one list, most worth first, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.components import asked_in
from explorer.data import KINDS, Case, left_by_kind, plain_cases

if TYPE_CHECKING:
    from embeddings.decisions import Decision
    from explorer.data import Dataset

MOST_CASES = 500  # of one list; what comes after them is worth little, and is not lost


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: ``left`` of its findings wait."""

    kind: str
    words: str
    left: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A finding that is decided: what was decided on how many images, and as which action.

    ``batch`` is 0 where several actions settled it: then the history undoes them.
    """

    id: str
    decided: tuple[tuple[str, int], ...]
    batch: int


@dataclass(frozen=True, slots=True)
class QueueView:
    """Everything the page says; ``cases`` are plain values for the script, in their order."""

    heading: str
    sentence: str
    filters: tuple[Filter, ...]
    cases: tuple[dict[str, Any], ...]
    settled: tuple[Settled, ...]
    decided: dict[int, str]
    n_more: int
    reviewers: tuple[str, ...]
    who: str
    kind: str
    may_decide: bool


def queue_view(
    dataset: Dataset,
    decided: Mapping[int, Decision],
    assigned: Mapping[str, str],
    *,
    search: str = "",
    may_decide: bool = True,
) -> QueueView:
    """Make the view model.

    Parameters
    ----------
    decided
        Decision in force by row.
    assigned
        Who looks after which label.
    search
        ``kind=`` opens with one kind of finding, ``who=`` with what is one reviewer's.
    """
    asked = asked_in(search)
    who = asked.get("who", "")[:500]
    cases = [one for one in dataset.cases if who in ("", _looked_after(one, assigned))]
    left = left_by_kind(cases, decided.keys())
    known = {kind: words for kind, _, words in KINDS}
    shown = cases[:MOST_CASES]
    asked_for = {row for case in shown for row in case.touched}
    return QueueView(
        heading=heading(sum(left.values())),
        sentence="Most worth first: how many images one decision puts right, and how sure we are.",
        filters=tuple(Filter(kind, known[kind], n) for kind, n in left.items()),
        cases=tuple(plain_cases(shown, decided.keys(), assigned)),
        settled=tuple(_settled(case, decided) for case in shown if not case.waits(decided.keys())),
        decided={row: one.text for row, one in decided.items() if row in asked_for},
        n_more=len(cases) - len(shown),
        reviewers=tuple(sorted({name for name in assigned.values() if name})),
        who=who,
        kind=asked.get("kind", "") if asked.get("kind") in left else "",
        may_decide=may_decide,
    )


def heading(n: int) -> str:
    """Say how much is left."""
    return "Nothing left to decide" if not n else f"{n:,} finding{'' if n == 1 else 's'} left"


def _looked_after(case: Case, assigned: Mapping[str, str]) -> str:
    return assigned.get(case.labels[0], "") if case.labels else ""


def _settled(case: Case, decided: Mapping[int, Decision]) -> Settled:
    made = [decided[row] for row in case.touched if row in decided]
    counts: dict[str, int] = {}
    for one in made:
        counts[one.text] = counts.get(one.text, 0) + 1
    batches: Sequence[int] = sorted({one.batch for one in made})
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Settled(case.id, tuple(most), batches[0] if len(batches) == 1 else 0)
