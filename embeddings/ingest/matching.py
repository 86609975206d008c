"""From what a file says to decisions on items, and what of it is new."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from embeddings import columns as c
from embeddings.decisions import Choice
from embeddings.errors import UsageError
from embeddings.ingest.names import AMBIGUOUS, Names
from embeddings.ingest.records import Answer, Answers, ImportedDecision, ImportReport

ACTION: Final = "action"
TO_LABEL: Final = "to_label"
ONLY_THIS_FILE: Final = "only_this_file"
UNNAMED: Final = "import"  # the reviewer where neither the file nor the caller names one

Stand = tuple[str, str | None]
"""What is in force: an action, and the label to give."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The decisions of a file, at most one for an item, and the report on them."""

    decisions: tuple[ImportedDecision, ...]
    report: ImportReport


def match(
    answers: Answers,
    items: pd.DataFrame,
    current: pd.DataFrame | None = None,
    *,
    reviewer: str = "",
) -> Imported:
    """Match what a file says to items, and compare it with the decisions in force.

    An item is found by its file, then by a file name that no other item has, then by content.
    Of several rows on the same item the last counts.

    Parameters
    ----------
    items
        With columns ``file``, ``label`` and, where there are contents, ``sha256``.
    current
        The decisions in force in the order of deciding, with columns ``sha256``, ``file``,
        ``label``, ``action``, ``to_label`` and perhaps ``only_this_file``; None for none.
    reviewer
        Who decided; takes precedence over the names in the file.
    """
    files = [str(file) for file in items[c.FILE]]
    labels = [str(label) for label in items[c.LABEL]]
    shas = (
        [str(sha) for sha in items[c.SHA256].fillna("")] if c.SHA256 in items else [""] * len(files)
    )
    names = Names(files, shas)
    decided: dict[int, ImportedDecision | None] = {}  # None where a row decides nothing
    unmatched: list[str] = []
    ambiguous: list[str] = []
    problems = list(answers.problems)
    matched = silent = overruled = 0
    for answer in answers.rows:
        row = names.find(answer.names, answer.sha256)
        if row < 0:
            name = answer.names[0] if answer.names else answer.sha256 or answer.where
            (ambiguous if row == AMBIGUOUS else unmatched).append(name)
            continue
        matched += 1
        try:
            choice = _choice(answer, labels[row])
        except UsageError as error:
            problems.append(f"{answer.where}: {error}")
            continue
        if choice is None:
            silent += 1
            decided.setdefault(row, None)
            continue
        decision = ImportedDecision(
            file=files[row],
            label=labels[row],
            sha256=shas[row] or None,
            action=choice.action,
            to_label=choice.to_label,
            note=choice.note,
            reviewer=reviewer or answer.reviewer or UNNAMED,
        )
        before = decided.pop(row, None)  # so that the later row also stands later
        overruled += before is not None and _stand(before) != _stand(decision)
        decided[row] = decision
    decisions = _told_apart(decided, labels, shas)
    in_force = Current(current)
    changed = tuple(d for d in decisions if in_force.of(d.file, d.label, d.sha256) != _stand(d))
    report = ImportReport(
        format=answers.format,
        matched=matched,
        silent=silent,
        unmatched=tuple(unmatched),
        ambiguous=tuple(ambiguous),
        overruled=overruled,
        unchanged=len(decisions) - len(changed),
        changed=changed,
        problems=tuple(problems),
    )
    return Imported(decisions, report)


class Current:
    """The decisions in force by item: by content and label, by file where there is no content."""

    def __init__(self, frame: pd.DataFrame | None) -> None:
        self._by_content: dict[tuple[str, str], tuple[int, Stand]] = {}
        self._by_file: dict[tuple[str, str, str], tuple[int, Stand]] = {}
        if frame is None:
            return
        alone = frame[ONLY_THIS_FILE] if ONLY_THIS_FILE in frame else [False] * len(frame)
        columns = (frame[name] for name in (c.SHA256, c.FILE, c.LABEL, ACTION, TO_LABEL))
        for place, (sha, file, label, action, to_label, only) in enumerate(
            zip(*columns, alone, strict=True)
        ):
            target = None if pd.isna(to_label) or not to_label else str(to_label)
            said = (place, (str(action), target))
            content = "" if pd.isna(sha) else str(sha).lower()
            if content and not only:
                self._by_content[content, str(label)] = said
            else:
                self._by_file[content, str(label), str(file)] = said

    def of(self, file: str, label: str, sha256: str | None) -> Stand | None:
        """Return the later of what was said of this content under this label and of this file."""
        content = (sha256 or "").lower()
        found = (
            self._by_content.get((content, label)),
            self._by_file.get((content, label, file)),
        )
        return max((said for said in found if said is not None), default=(0, None))[1]


def _told_apart(
    decided: dict[int, ImportedDecision | None], labels: list[str], shas: list[str]
) -> tuple[ImportedDecision, ...]:
    """Mark the decisions on equal files of which something else is said."""
    said: dict[tuple[str, str], set[Stand | None]] = defaultdict(set)
    for row, decision in decided.items():
        said[shas[row], labels[row]].add(None if decision is None else _stand(decision))
    return tuple(
        replace(decision, only_this_file=bool(shas[row]) and len(said[shas[row], labels[row]]) > 1)
        for row, decision in decided.items()
        if decision is not None
    )


def _choice(answer: Answer, given: str) -> Choice | None:
    if answer.action is not None and answer.action != "relabel":
        return Choice(answer.action, note=answer.note)
    label = answer.label
    if label is None:
        if answer.action is None:
            return None
        raise UsageError("It relabels, and says not to what.", hint="Fill in the label.")
    if _spelt(label) != _spelt(given):
        return Choice("relabel", label, answer.note)
    # the label is as it was: somebody who looked says that it is right, others say nothing
    if answer.action == "relabel" or answer.reviewed:
        return Choice("keep", note=answer.note)
    return None


def _spelt(label: str) -> str:
    return " ".join(unicodedata.normalize("NFC", label).split())


def _stand(decision: ImportedDecision) -> Stand:
    return decision.action, decision.to_label
