r"""Compare two runs, or one run before and after decisions, and the accuracy of their labels.

>>> from embeddings.comparison.runs import compare  # doctest: +SKIP
>>> print(*compare(ws, ws, decisions_b=store.current()).lines(), sep="\n")  # doctest: +SKIP
You decided on 312 images in 9 actions; accuracy on held-out items went from …
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.comparison.classifier import bootstrap, held_out_answers, interval, spread_folds
from embeddings.comparison.matching import Matches, contents, match_items
from embeddings.comparison.records import (
    Accuracies,
    AccuracyChange,
    Change,
    Comparison,
    ItemChanges,
    Move,
    SplitChange,
)
from embeddings.label_errors import ConfusionChange, changed, confusion
from embeddings.records import Progress, no_progress
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Accuracies", "AccuracyChange", "Comparison", "ItemChanges", "Move", "Side"]
__all__ += ["SplitChange", "compare", "compare_decisions", "compare_sides"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    ``items`` is a frame of n rows with ``file`` and perhaps ``sha256``; ``labels`` (n,) str are
    the labels to compare, empty where the item is removed; ``X`` (n, d) float32 are its
    embeddings, NaN where it has none; ``model`` tells one embedding from another. ``splits`` maps
    each label to its split score and whether it is said to be split. ``decisions`` are the action
    (its batch and time) behind each item that was decided on, by content and file.
    """

    name: str
    items: pd.DataFrame
    labels: NDArray[np.object_]
    X: NDArray[np.float32]
    model: str
    splits: Mapping[str, tuple[float, bool]]
    decisions: Mapping[tuple[str, str], tuple[int, str]]
    notes: tuple[str, ...] = ()


def compare(
    a: Workspace,
    b: Workspace,
    *,
    decisions_a: pd.DataFrame | None = None,
    decisions_b: pd.DataFrame | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Comparison:
    """Compare two workspaces, or one with itself after decisions.

    Before are the labels that the data set of ``a`` gives; after are those of ``b`` with
    ``decisions_b`` applied. ``decisions_a`` are counted (they led from ``a`` to ``b``), not
    applied: ``compare(ws, ws, decisions_b=store.current())`` shows the effect of the decisions on
    one workspace.

    Parameters
    ----------
    decisions_a, decisions_b
        The decisions in force, as ``Store.current`` gives them.
    seed
        Of the folds and of the bootstrap.
    progress
        Called as ``progress(done, total, what)``.

    Returns
    -------
    A ``Comparison``. Where decisions changed labels of ``b`` its splits are found again, from
    embeddings alone. Accuracy is that of a linear classifier in 5 folds, on each workspace's own
    embeddings; copies of a content, in either workspace, are always in the same fold.

    Raises
    ------
    MissingStageError
        A workspace has no run yet.
    """
    before = _side(a, "before", decisions_a, carried_out=False, seed=seed, progress=progress)
    after = _side(b, "after", decisions_b, carried_out=True, seed=seed, progress=progress)
    return compare_sides(before, after, seed=seed, progress=progress)


def compare_decisions(
    workspace: Workspace,
    decisions: pd.DataFrame,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Comparison:
    """Compare one workspace before and after its decisions; see :func:`compare`."""
    return compare(workspace, workspace, decisions_b=decisions, seed=seed, progress=progress)


def compare_sides(
    before: Side, after: Side, *, seed: int = 0, progress: Progress = no_progress
) -> Comparison:
    """Compare what was read of two runs; :func:`compare` reads it."""
    matches = match_items(before.items, after.items)
    decisions = {**before.decisions, **after.decisions}
    notes = [*before.notes, *after.notes]
    said, accuracy, why = _held_out(before, after, matches, seed, progress), None, ""
    if isinstance(said, str):
        why = said
    else:
        accuracy, why = _accuracies(before, after, matches, said, seed)
    notes += [why] if why else []
    if before.model != after.model:
        notes.append(
            "The embeddings before and after are of different models or data: each accuracy is "
            "on its own, and the difference is of both labels and embeddings."
        )
    return Comparison(
        before.name,
        after.name,
        split_changes(before.splits, after.splits),
        item_changes(before, after, matches),
        len(decisions),
        len(set(decisions.values())),
        accuracy,
        () if isinstance(said, str) else _confusions(before, after, said),
        tuple(dict.fromkeys(notes)),
    )


def split_changes(
    before: Mapping[str, tuple[float, bool]], after: Mapping[str, tuple[float, bool]]
) -> tuple[SplitChange, ...]:
    """Return the labels that were or are split: gone, appeared, stayed, each by score."""
    found: list[SplitChange] = []
    for label in sorted({*before, *after}):
        one, two = before.get(label), after.get(label)
        was, remains = one is not None and one[1], two is not None and two[1]
        if was or remains:
            change: Change = "stayed" if was and remains else "gone" if was else "appeared"
            scores = (None if one is None else one[0], None if two is None else two[0])
            found.append(SplitChange(label, change, *scores))
    order = {"gone": 0, "appeared": 1, "stayed": 2}
    return tuple(sorted(found, key=lambda s: (order[s.change], -max(s.before or 0, s.after or 0))))


def item_changes(before: Side, after: Side, matches: Matches) -> ItemChanges:
    """Return what changed for the items; one with an empty label counts as removed."""
    one, two = before.labels[matches.before], after.labels[matches.after]
    was, remains = one != "", two != ""
    old_files, files = (side.items[c.FILE].to_numpy(dtype=object) for side in (before, after))
    moved: dict[tuple[str, str], list[str]] = {}
    for place in np.flatnonzero(was & remains & (one != two)):
        pair = (str(one[place]), str(two[place]))
        moved.setdefault(pair, []).append(str(files[matches.after[place]]))
    ranked = sorted(moved.items(), key=lambda move: (-len(move[1]), move[0]))
    gone, new = (
        side.labels[rows] != ""
        for side, rows in ((before, matches.removed), (after, matches.added))
    )
    removed = [*old_files[matches.removed[gone]], *old_files[matches.before[was & ~remains]]]
    added = [*files[matches.added[new]], *files[matches.after[~was & remains]]]
    return ItemChanges(
        int((was & remains & (one == two)).sum()),
        tuple(Move(*pair, tuple(names)) for pair, names in ranked),
        tuple(sorted(str(file) for file in removed)),
        tuple(sorted(str(file) for file in added)),
    )


Answers = tuple[NDArray[np.object_], NDArray[np.object_]]


def _held_out(
    before: Side, after: Side, matches: Matches, seed: int, progress: Progress
) -> Answers | str:
    """Return the predicted labels of either side, None without an embedding; or why not."""
    usable = [_usable(side) for side in (before, after)]
    for side, use in zip((before, after), usable, strict=True):
        if len(set(side.labels[use & (side.labels != "")])) < 2:
            return f"{side.name}: fewer than two labels, nothing to tell apart."
    # groups without an embedding are dealt too: the folds stay as they were when one is mended
    folds = spread_folds(np.concatenate((matches.group_before, matches.group_after)), seed)
    cut = len(matches.group_before)
    return (
        _answers(before, usable[0], folds[:cut], "before", progress),
        _answers(after, usable[1], folds[cut:], "after", progress),
    )


def _usable(side: Side) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(side.X).all(axis=1))


def _accuracies(
    before: Side, after: Side, matches: Matches, said: Answers, seed: int
) -> tuple[Accuracies | None, str]:
    """Return the accuracies, or None and why there are none."""
    one, two = before.labels[matches.before], after.labels[matches.after]
    usable = _usable(before)[matches.before] & _usable(after)[matches.after]
    asked = usable & (one != "") & (two != "")
    answers = np.column_stack((said[0][matches.before], said[1][matches.after]))
    group = matches.group_before[matches.before]

    def on(rows: NDArray[np.bool_], truth: NDArray[np.object_]) -> AccuracyChange:
        right = (answers[rows] == truth[rows, None]).astype(bool)
        (was, remains), samples = bootstrap(group[rows], right, seed)
        return AccuracyChange(
            was, remains, remains.value - was.value, *interval(samples[1] - samples[0])
        )

    if not asked.any():
        return None, "No item is in both with an embedding: accuracy could not be measured."
    return Accuracies(on(asked & (one == two), one), on(asked, one), on(asked, two)), ""


def _confusions(before: Side, after: Side, said: Answers) -> tuple[ConfusionChange, ...]:
    """Return which labels are taken for which more often, or less, than before."""
    matrices = []
    for side, answers in zip((before, after), said, strict=True):
        known = (side.labels != "") & (answers != None)  # noqa: E711  element by element
        matrices.append(confusion(side.labels[known], answers[known]))
    return changed(*matrices)


def _answers(
    side: Side,
    usable: NDArray[np.bool_],
    folds: NDArray[np.intp],
    what: str,
    progress: Progress,
) -> NDArray[np.object_]:
    answers = np.full(len(usable), None, dtype=object)
    answers[usable] = held_out_answers(
        side.X[usable],
        side.labels[usable],
        folds[usable],
        progress=lambda done, total, of: progress(done, total, f"{of} {what}"),
    )
    return answers


def _side(
    workspace: Workspace,
    when: str,
    decisions: pd.DataFrame | None,
    *,
    carried_out: bool,
    seed: int,
    progress: Progress,
) -> Side:
    items = workspace.items()
    labels = items[c.LABEL].astype(str).to_numpy(dtype=object)
    X = workspace.embeddings(items)
    frame = workspace.classes()
    splits = {
        str(label): (float(score), bool(split))
        for label, score, split in zip(
            frame[c.LABEL], frame[c.SPLIT_SCORE], frame[c.IS_SPLIT], strict=True
        )
    }
    actions: dict[tuple[str, str], tuple[int, str]] = {}
    notes: tuple[str, ...] = ()
    if decisions is not None:
        actions, final = _decided(items, decisions)
        if carried_out and (final != labels).any():
            labels = final
            splits = _found_again(X, labels, items, seed, progress)
            notes = ("Splits after decisions were found from embeddings alone.",)
    model = workspace.info.model.fingerprint if workspace.info.model else ""
    name = f"{workspace.name} ({workspace.path}), {when}"
    return Side(name, items, labels, X, model, splits, actions, notes)


def _decided(
    items: pd.DataFrame, decisions: pd.DataFrame
) -> tuple[dict[tuple[str, str], tuple[int, str]], NDArray[np.object_]]:
    """Return the action behind each item that was decided on, and each item's final label."""
    from embeddings.decisions import DECIDED_AT, DECISION_BATCH, FINAL_LABEL, with_decisions

    merged = with_decisions(items, decisions)
    decided = merged[merged[DECISION_BATCH] > 0]
    # the time tells apart the actions of two stores, which both count from 1
    actions = {
        (sha, str(file)): (int(batch), str(at))
        for sha, file, batch, at in zip(
            contents(decided),
            decided[c.FILE],
            decided[DECISION_BATCH],
            decided[DECIDED_AT],
            strict=True,
        )
    }
    return actions, merged[FINAL_LABEL].astype(str).to_numpy(dtype=object)


def _found_again(
    X: NDArray[np.float32],
    labels: NDArray[np.object_],
    items: pd.DataFrame,
    seed: int,
    progress: Progress,
) -> dict[str, tuple[float, bool]]:
    from embeddings.splits import find_splits

    use = np.isfinite(X).all(axis=1) & (labels != "")
    if not use.any():
        return {}
    facts: Any = items[use].reset_index(drop=True)
    report = find_splits(X[use], labels[use], seed=seed, facts=facts, progress=progress)
    return {f.label: (f.split_score, f.is_split) for f in report.labels}
