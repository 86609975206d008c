"""Match the rows of an imported file to items, and find which decisions are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from embeddings import columns as c
from embeddings.decisions import Choice
from embeddings.errors import UsageError
from embeddings.ingest.finding import Finder, same_label
from embeddings.ingest.records import (
    Answer,
    Answers,
    Conflict,
    ImportedDecision,
    ImportReport,
    Seen,
    Stopped,
)
from embeddings.ingest.standing import Current, History, Stand, Standing, decided_later

UNNAMED: Final = "import"  # the reviewer where neither the file nor the caller names one
CHANGED: Final = (
    "the file has changed since the run",
    "Run `rosette run` again, look at the new picture, and decide anew.",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The decisions of a file, at most one for an item, and the report on them."""

    decisions: tuple[ImportedDecision, ...]
    report: ImportReport


@dataclass(slots=True)
class _Read:
    """What the rows of a file come to, before it is compared with what is in force."""

    decided: dict[int, tuple[ImportedDecision, Answer] | None]  # None: a row decides nothing
    stopped: list[Stopped]
    problems: list[str]
    matched: int = 0
    silent: int = 0
    overruled: int = 0


def match(
    answers: Answers,
    items: pd.DataFrame,
    current: pd.DataFrame | None = None,
    *,
    reviewer: str = "",
    overrule: bool = False,
    history: History = lambda batch: (),
    is_changed: Callable[[str, str], bool] = lambda file, sha256: False,
) -> Imported:
    """Match what a file says to items, and compare it with the decisions in force.

    An item is found by its content where the row names one, else by its file (``finding``). Of
    several rows on the same item the last counts. What was decided since the file was written
    stands, unless ``overrule`` is True.

    Parameters
    ----------
    items
        With columns ``file``, ``label`` and, where there are contents, ``sha256``.
    current
        The decisions in force (``Store.current``); None for none. See :class:`Current`.
    reviewer
        Who signs; takes precedence over the names in the file.
    history
        What the store holds of a batch, taken back or not.
    is_changed
        Told an item's file and content: whether the file holds another picture by now.
    """
    files = [str(file) for file in items[c.FILE]]
    labels = [str(label) for label in items[c.LABEL]]
    shas = (
        [str(sha) for sha in items[c.SHA256].fillna("")] if c.SHA256 in items else [""] * len(files)
    )
    read = _read(answers, files, labels, shas, reviewer, is_changed)
    in_force = Current(current)
    decisions = _told_apart(read.decided, labels, shas, in_force)
    changed, conflicts, unchanged = _compared(decisions, in_force, history)
    report = ImportReport(
        format=answers.format,
        matched=read.matched,
        silent=read.silent,
        stopped=tuple(read.stopped),
        overruled=read.overruled,
        unchanged=unchanged,
        changed=(*changed, *(one.decision for one in conflicts)) if overrule else tuple(changed),
        problems=tuple(read.problems),
        conflicts=tuple(conflicts),
        insisted=overrule,
        notes=answers.notes,
    )
    return Imported(tuple(decision for decision, _ in decisions), report)


def _read(
    answers: Answers,
    files: list[str],
    labels: list[str],
    shas: list[str],
    reviewer: str,
    is_changed: Callable[[str, str], bool],
) -> _Read:
    read = _Read({}, [], list(answers.problems))
    found = Finder(files, labels, shas).find_all(answers.rows)
    for answer, row in zip(answers.rows, found, strict=True):
        if isinstance(row, Stopped):
            if _says_something(answer):
                read.stopped.append(row)
            continue
        read.matched += 1
        try:
            choice = _choice(answer, labels[row])
        except UsageError as error:
            read.problems.append(f"{answer.where}: {error}")
            continue
        if choice is None:
            read.silent += 1
            read.decided.setdefault(row, None)
            continue
        if shas[row] and is_changed(files[row], shas[row]):
            read.stopped.append(Stopped(answer.name, *CHANGED, answer.where))
            continue
        decision = ImportedDecision(
            file=files[row],
            label=labels[row],
            sha256=shas[row] or None,
            action=choice.action,
            to_label=choice.to_label,
            note=choice.note,
            reviewer=reviewer or answer.reviewer or UNNAMED,
            origin=answer.reviewer,
        )
        before = read.decided.pop(row, None)  # so that the later row also stands later
        read.overruled += before is not None and _stand(before[0]) != _stand(decision)
        read.decided[row] = decision, answer
    return read


def _compared(
    decisions: list[tuple[ImportedDecision, Seen | None]], current: Current, history: History
) -> tuple[list[ImportedDecision], list[Conflict], int]:
    """Return what is new, what was decided otherwise since, and how many are in force already."""
    changed, conflicts, unchanged = [], [], 0
    for decision, seen in decisions:
        now: Standing | None = current.of(decision.file, decision.label, decision.sha256)
        if now is not None and now.stand == _stand(decision):
            unchanged += 1
        elif decided_later(decision, seen, now, history):
            conflicts.append(Conflict(decision, now.text if now else "", now.by if now else ""))
        else:
            changed.append(decision)
    return changed, conflicts, unchanged


def _told_apart(
    decided: dict[int, tuple[ImportedDecision, Answer] | None],
    labels: list[str],
    shas: list[str],
    current: Current,
) -> list[tuple[ImportedDecision, Seen | None]]:
    """Mark the decisions on equal files of which something else is said, here or in the store."""
    said: dict[tuple[str, str], set[Stand | None]] = defaultdict(set)
    for row, pair in decided.items():
        said[shas[row], labels[row]].add(None if pair is None else _stand(pair[0]))
    marked = []
    for row, pair in decided.items():
        if pair is None:
            continue
        decision, answer = pair
        apart = len(said[shas[row], labels[row]]) > 1 or current.tells_apart(labels[row], shas[row])
        alone = bool(shas[row]) and (apart or bool(answer.only_this_file))
        marked.append((replace(decision, only_this_file=alone), answer.seen))
    return marked


def _says_something(answer: Answer) -> bool:
    """Whether a row decides anything, whichever item it is about."""
    if answer.action is not None:
        return True
    same = answer.given is not None and same_label(answer.label or "", answer.given)
    return answer.label is not None and (answer.reviewed or not same)


def _choice(answer: Answer, given: str) -> Choice | None:
    if answer.action is not None and answer.action != "relabel":
        return Choice(answer.action, note=answer.note)
    label = answer.label
    if label is None:
        if answer.action is None:
            return None
        raise UsageError("It relabels, and says not to what.", hint="Fill in the label.")
    if not same_label(label, given):
        return Choice("relabel", label, answer.note)
    # the label is as it was: somebody who looked says that it is right, others say nothing
    if answer.action == "relabel" or answer.reviewed:
        return Choice("keep", note=answer.note)
    return None


def _stand(decision: ImportedDecision) -> Stand:
    return decision.action, decision.to_label
