r"""Check saved selections of past errors in every run, and say which have come back.

>>> from embeddings.comparison.saved_errors import look_again  # doctest: +SKIP
>>> gallery = look_again(ws, store)  # doctest: +SKIP
>>> print(*gallery.lines(), sep="\n")  # doctest: +SKIP
jaguar cars: come back, 37 of 40 images are in question (was mended in run 4be1…) …

A selection is a set of items that were once wrong. An item of it is *in question* in a run when it
lies in a cluster that is in question, is suspicious, or the model calls it by another label than it
has. The verdict on each selection is kept by run in ``regression.json`` of the workspace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.decisions import Item, Selection
from embeddings.errors import WorkspaceError
from embeddings.odd_clusters import in_odd_cluster
from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.storage import write_text
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.decisions import Store

State = Literal["mended", "still there", "come back", "not found"]
FILE: Final = "regression.json"
# Share of a selection up to which it counts as mended: single items are suspicious by chance, and
# one of fifty is no reason for an alarm.
LEFT_OVER: Final = 0.1
RUNS_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class SelectionCheck:
    """The state of one saved selection in a run.

    ``size`` items were saved, ``found`` of them are in the run. ``settled`` are those that were
    decided on since: for them only the prediction of the model counts, not the suspicion of their
    old label. ``in_odd_cluster``, ``suspicious`` and ``called_wrong`` may overlap; ``in_question``
    are those with any of them, ``files`` their names in the run. ``called_wrong`` is None where the
    model has no classes that the data set knows. ``earlier`` is the state in the run before, None
    where there was none.
    """

    name: str
    version: int
    size: int
    found: int
    settled: int
    in_odd_cluster: int
    suspicious: int
    called_wrong: int | None
    in_question: int
    files: tuple[str, ...]
    state: State
    earlier: State | None
    earlier_run: str = ""

    @property
    def text(self) -> str:
        """One line: state, counts, and what was said before."""
        if self.state == "not found":
            return f"{self.name}: none of {self.size} images is in this run."
        why = [f"{self.in_odd_cluster} in an odd cluster", f"{self.suspicious} suspicious"]
        if self.called_wrong is not None:
            why.append(f"{self.called_wrong} called by another label")
        if self.settled:
            why.append(f"{self.settled} settled by decisions")
        if self.found < self.size:
            why.append(f"{self.size - self.found} not in this run")
        was = f"; was {self.earlier} in run {self.earlier_run}" if self.earlier else ""
        return (
            f"{self.name}: {self.state}, {self.in_question} of {self.found} images in question "
            f"({', '.join(why)}){was}."
        )


@dataclass(frozen=True, slots=True)
class Gallery:
    """All saved selections in one run: what came back first, then what is there, then the rest."""

    run: str
    model: str
    checks: tuple[SelectionCheck, ...]

    def lines(self) -> tuple[str, ...]:
        """Return one line that counts the states, and one per selection."""
        counts = {state: sum(check.state == state for check in self.checks) for state in _ORDER}
        told = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
        return (
            f"Run {self.run} ({self.model}): {told or 'no saved selections'}.",
            *(check.text for check in self.checks),
        )


_ORDER: Final[tuple[State, ...]] = ("come back", "still there", "mended", "not found")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of a version of a selection in a run."""

    run: str
    model: str
    name: str
    version: int
    state: State
    in_question: int
    found: int


def look_again(
    workspace: Workspace,
    store: Store,
    *,
    since: Workspace | None = None,
    remember: bool = True,
) -> Gallery:
    """Look at all saved selections in the current run of a workspace.

    Parameters
    ----------
    store
        Where the selections and the decisions are.
    since
        Another workspace whose verdicts count as earlier ones, such as that of the model before.
    remember
        Write the verdicts of this run beside those of earlier ones. Looking at a run twice
        changes nothing but its own verdict.

    Raises
    ------
    MissingStageError
        There is no run yet.
    WorkspaceError
        The file of earlier verdicts is damaged.
    """
    saved = [store.selection(s.name, s.version) for s in store.selections()]
    inherited = read_verdicts(since) if since is not None else []
    verdicts = read_verdicts(workspace)
    run = workspace.run_id
    model = workspace.info.model
    gallery = look_at(
        saved,
        workspace.items(),
        workspace.clusters(),
        run=run,
        model=model.name if model else "",
        decisions=store.current(),
        earlier=latest([*inherited, *verdicts], before=run),
    )
    if remember:
        now = [
            Verdict(run, gallery.model, k.name, k.version, k.state, k.in_question, k.found)
            for k in gallery.checks
        ]
        write_verdicts(workspace, [*(v for v in verdicts if v.run != run), *now])
    return gallery


def look_at(
    selections: Sequence[Selection],
    items: pd.DataFrame,
    clusters: pd.DataFrame,
    *,
    run: str,
    model: str = "",
    decisions: pd.DataFrame | None = None,
    earlier: Mapping[str, Verdict] | None = None,
) -> Gallery:
    """Look at saved selections in a run.

    Parameters
    ----------
    selections
        With their items.
    items, clusters
        The frames of the run.
    decisions
        Those in force, as ``Store.current`` gives them.
    earlier
        By the name of a selection, what was said of it before.
    """
    signals = _signals(items, clusters, decisions)
    where = _Places(items)
    checks = [_check(s, where, signals, (earlier or {}).get(s.name)) for s in selections]
    ranked = sorted(checks, key=lambda k: (_ORDER.index(k.state), -k.in_question, k.name))
    return Gallery(run, model, tuple(ranked))


def state_of(in_question: int, found: int, earlier: State | None) -> State:
    """Return the state of a selection; once mended and in question again, it has come back.

    What came back stays *come back* until it is mended.
    """
    if not found:
        return "not found"
    if in_question <= LEFT_OVER * found:
        return "mended"
    return "come back" if earlier in ("mended", "come back") else "still there"


def latest(verdicts: Sequence[Verdict], *, before: str) -> dict[str, Verdict]:
    """Return the last verdict on each selection from runs other than ``before``.

    A run in which no item was found has no verdict, so the one before it counts.
    """
    return {v.name: v for v in verdicts if v.run != before and v.state != "not found"}


def read_verdicts(workspace: Workspace) -> list[Verdict]:
    """Return all verdicts of earlier runs, oldest first; none where there are none.

    Raises
    ------
    WorkspaceError
        The file is damaged.
    """
    file = workspace.path / FILE
    if not file.is_file():
        return []
    try:
        return [Verdict(**row) for row in json.loads(file.read_text(encoding="utf-8"))["verdicts"]]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise WorkspaceError(
            f"{file} is damaged.", hint="Delete it: only what earlier runs said is lost."
        ) from None


def write_verdicts(workspace: Workspace, verdicts: Sequence[Verdict]) -> None:
    """Write the verdicts, oldest first; of very many runs only the last are kept."""
    runs = list(dict.fromkeys(v.run for v in verdicts))[-RUNS_KEPT:]
    rows: list[dict[str, Any]] = [asdict(v) for v in verdicts if v.run in runs]
    text = json.dumps({"verdicts": rows}, indent=1, ensure_ascii=False, sort_keys=True)
    write_text(workspace.path / FILE, text + "\n")


@dataclass(frozen=True, slots=True)
class _Signals:
    """The signals against each item, (n,) bool each; ``called``: the data knows a class."""

    odd: NDArray[np.bool_]
    suspicious: NDArray[np.bool_]
    called_wrong: NDArray[np.bool_]
    called: bool
    settled: NDArray[np.bool_]


def _signals(
    items: pd.DataFrame, clusters: pd.DataFrame, decisions: pd.DataFrame | None
) -> _Signals:
    labels = items[c.LABEL].astype(str).to_numpy(dtype=object)
    final, settled = labels, np.zeros(len(items), dtype=bool)
    if decisions is not None:
        from embeddings.decisions import FINAL_LABEL, with_decisions

        merged = with_decisions(items, decisions)
        final = merged[FINAL_LABEL].astype(str).to_numpy(dtype=object)
        settled = merged[c.DECISION].isin(["keep", "remove"]).to_numpy() | (final != labels)
    odd = in_odd_cluster(items, clusters[clusters[c.SUSPICION] >= MORE_LIKELY_THAN_NOT])
    suspicious = (items[c.SUSPICION] >= MORE_LIKELY_THAN_NOT).to_numpy()
    # the model's classes are compared only where the data set has such a label: a model with other
    # classes predicts something else, which is not an error
    known = {name.casefold() for name in {*labels, *final} if name}
    said = [str(p).casefold() if isinstance(p, str) else "" for p in items[c.PREDICTED].to_numpy()]
    called = np.array([name in known for name in said], dtype=bool)
    differs = np.array(
        [name != str(label).casefold() for name, label in zip(said, final, strict=True)], dtype=bool
    )
    wrong = called & differs & (final != "")
    return _Signals(odd & ~settled, suspicious & ~settled, wrong, bool(called.any()), settled)


class _Places:
    """Where an item of a selection lies in a run: by content, else by file."""

    def __init__(self, items: pd.DataFrame) -> None:
        self.files = [str(file) for file in items[c.FILE]]
        self.by_file = {file: row for row, file in enumerate(self.files)}
        self.by_content: dict[str, list[int]] = {}
        if c.SHA256 in items:
            for row, sha in enumerate(items[c.SHA256].fillna("")):
                if sha:
                    self.by_content.setdefault(str(sha).lower(), []).append(row)

    def find(self, item: Item) -> int | None:
        """Return the row of an item; of several copies that of the same name, else the first."""
        copies = self.by_content.get(item.sha256.lower(), []) if item.sha256 else []
        named = self.by_file.get(item.file)
        if copies:
            return named if named in copies else copies[0]
        return named


def _check(
    selection: Selection, places: _Places, signals: _Signals, earlier: Verdict | None
) -> SelectionCheck:
    found = {places.find(item) for item in selection.items} - {None}
    rows = np.array(sorted(row for row in found if row is not None), dtype=np.intp)
    odd, suspicious, wrong = (
        getattr(signals, name)[rows] for name in ("odd", "suspicious", "called_wrong")
    )
    any_of = odd | suspicious | wrong
    count = int(any_of.sum())
    # another version holds other items, so its verdict does not apply
    same = earlier if earlier and earlier.version == selection.version else None
    before = same.state if same else None
    return SelectionCheck(
        name=selection.name,
        version=selection.version,
        size=len(selection.items),
        found=len(rows),
        settled=int(signals.settled[rows].sum()),
        in_odd_cluster=int(odd.sum()),
        suspicious=int(suspicious.sum()),
        called_wrong=int(wrong.sum()) if signals.called else None,
        in_question=count,
        files=tuple(places.files[row] for row in rows[any_of]),
        state=state_of(count, len(rows), before),
        earlier=before,
        earlier_run=same.run if same else "",
    )
