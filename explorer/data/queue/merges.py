"""Pairs of labels that are one kind, as cases: the mirror image of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings import columns as c
from embeddings.records import MORE_LIKELY_THAN_NOT
from explorer.data.columns import texts_in
from explorer.data.queue.records import FAIRLY_SURE_FROM, Case, Part

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset


def merge_cases(dataset: Dataset) -> list[Case]:
    """Return a case for each pair of labels that are more likely than not one kind."""
    frame = dataset.workspace.merges()
    pairs = zip(frame[c.LABEL_A], frame[c.LABEL_B], frame[c.SCORE], strict=True)
    cases = []
    for (a, b, score), said in zip(pairs, texts_in(frame, c.EVIDENCE), strict=True):
        if score >= MORE_LIKELY_THAN_NOT and a in dataset.places and b in dataset.places:
            cases.append(_case(dataset, str(a), str(b), float(score), said))
    return cases


def _case(dataset: Dataset, a: str, b: str, score: float, said: str) -> Case:
    sizes = dataset.classes[c.SIZE]
    if sizes.iloc[dataset.places[a]] < sizes.iloc[dataset.places[b]]:
        a, b = b, a  # the smaller takes the name of the larger
    stays, goes = (tuple(int(row) for row in dataset.rows_of(label)) for label in (a, b))
    verb = "show" if score >= FAIRLY_SURE_FROM else "may show"
    return Case(
        id=f"merge:{a}\x1f{b}",
        kind="merge",
        title=("", a, " and ", b, f" {verb} one kind"),
        said="Can you tell them apart?",
        why=said or "If not, one name is enough. If so, say that they differ.",
        score=score,
        parts=(Part(a, stays, len(stays), stays=True), Part(b, goes, len(goes), to=a)),
        labels=(a, b),
    )
