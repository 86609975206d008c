from __future__ import annotations

import pytest

from embeddings.splits import wording


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((24, 24, 0, 80), "All 24 images in B sit closest to car; none of the others do."),
        ((23, 24, 0, 80), "23 of 24 images in B sit closest to car; none of the others do."),
        ((1, 3, 0, 80), "1 of 3 images in B sits closest to car; none of the others do."),
        ((23, 24, 1, 80), "23 of 24 images in B sit closest to car; so does 1 of the other 80."),
        ((23, 24, 7, 80), "23 of 24 images in B sit closest to car; so do 7 of the other 80."),
        ((12, 24, 70, 80), "B sits closest to car, and so does the rest."),
    ],
)
def test_counts_come_before_their_whole(counts: tuple[int, int, int, int], sentence: str) -> None:
    some, whole, others, of = counts
    assert wording.sits_closest("B", some, whole, "car", others, of) == sentence


@pytest.mark.parametrize(
    ("affinity", "sure", "end"),
    [
        (-0.2, True, "nothing in common."),
        (0.2, True, "little in common."),
        (0.4, True, "something in common."),
        (0.4, False, "a variation of one kind?"),
        (0.7, True, "a variation of one kind?"),
    ],
)
def test_doubt_is_said(affinity: float, sure: bool, end: str) -> None:
    assert wording.apart(affinity, "A", "B", sure=sure).endswith(end)


def test_further_clusters_are_listed() -> None:
    assert wording.more_parts([], []) == ""
    assert wording.more_parts(["C"], [12]) == "There is more: C (12) stands apart too."
    said = wording.more_parts(["C", "D", "E"], [12, 8, 1200])
    assert said == "There is more: C (12), D (8) and E (1,200) stand apart too."


def test_letters_go_on_after_z() -> None:
    assert [wording.letter(n) for n in (0, 1, 25, 26)] == ["A", "B", "Z", "A1"]


def test_empty_sentences_are_left_out() -> None:
    assert wording.paragraph("One.", "", "Two.") == "One. Two."
