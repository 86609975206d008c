"""Labels that hide two or more kinds, as cases: one each, with all of its odd clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings import columns as c
from explorer.data.columns import texts_in
from explorer.data.label_items import letter, new_label_of, shown_by, suggestion_of
from explorer.data.queue.records import FAIRLY_SURE_FROM, Case, Part

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

COMPARED = 12  # images of the part that stays
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(n: int) -> str:
    """Return a small number in words."""
    return NUMBERS[n] if n < len(NUMBERS) else f"{n:,}"


def split_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each label that is not one kind."""
    cases = []
    classes = dataset.classes
    columns = (c.LABEL, c.VERDICT, c.SPLIT_SCORE, c.EVIDENCE)
    for label, verdict, score, evidence in zip(*(classes[name] for name in columns), strict=True):
        if verdict == "one kind" or style_of(dataset, str(label)):
            continue
        parts = _parts(dataset, str(label))
        if any(not part.stays and part.rows for part in parts):
            said = "" if evidence is None or evidence != evidence else str(evidence)
            cases.append(_case(str(label), str(verdict), float(score), said, parts))
    return cases


def style_of(dataset: Dataset, label: str) -> str:
    """Return the style that a run found in a label, "" where it found none or does not say."""
    place = dataset.places[label]
    return texts_in(dataset.classes.iloc[place : place + 1], c.STYLE)[0]


def _parts(dataset: Dataset, label: str) -> tuple[Part, ...]:
    odd = dataset.odd_clusters(label)
    stay, asked = [], []
    for number in (int(n) for n in dataset.clusters_of(label)[c.CLUSTER] if n >= 0):
        members = tuple(int(row) for row in dataset.members(label, number))
        if number in odd:
            to = suggestion_of(dataset, label, number)
            name = shown_by(dataset, label, number) or "another kind"
            new = new_label_of(dataset, label, number)
            asked.append(Part(name, members, len(members), letter(number), to, new=new))
        else:
            stays = Part(label, members[:COMPARED], len(members), letter(number), stays=True)
            stay.append(stays)
    return (*stay, *asked)


def _case(label: str, verdict: str, score: float, said: str, parts: tuple[Part, ...]) -> Case:
    kinds = in_words(len(parts))
    verb = "is" if verdict == "two kinds" else "may be"
    return Case(
        id=f"split:{label}",
        kind="split",
        title=("", label, f" {verb} {kinds} kinds of thing"),
        said=f"{kinds.capitalize()} kinds in one label",
        why=said,
        # what the verdict doubts is never called sure
        score=score if verdict == "two kinds" else min(score, FAIRLY_SURE_FROM - 0.01),
        parts=parts,
        labels=(label,),
    )
