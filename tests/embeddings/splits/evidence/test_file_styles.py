from __future__ import annotations

import numpy as np
import pytest

from embeddings.splits.evidence.file_styles import columns_of, nearly_the_same, style_apart

INSIDE = np.arange(30) < 10


def facts(**columns: object) -> dict[str, np.ndarray]:
    return columns_of(columns, len(INSIDE))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"grey": INSIDE}, "are grey"),
        ({"grey": ~INSIDE}, "are in colour"),
        ({"width": 100 + 60 * INSIDE, "height": np.full(30, 100)}, "are wider in shape"),
        ({"width": 100 + 60 * ~INSIDE, "height": np.full(30, 100)}, "are narrower in shape"),
        ({"width": 100 + 60 * INSIDE, "height": 100 + 60 * INSIDE}, "are larger"),
        ({"width": [None] * 30, "height": np.full(30, 100)}, ""),
        ({"grey": np.arange(30) % 2 == 0}, ""),
    ],
)
def test_a_fact_that_tells_parts_apart_is_named(columns: dict[str, object], words: str) -> None:
    assert style_apart(facts(**columns), INSIDE, 0.5) == words


def test_shape_and_size_say_nothing_of_parts_that_have_nothing_in_common() -> None:
    columns = facts(width=100 + 60 * INSIDE, height=np.full(30, 100))
    assert style_apart(columns, INSIDE, 0.1) == ""
    assert style_apart(facts(grey=INSIDE), INSIDE, 0.1) == "are grey"


def test_three_items_are_too_few_for_a_style() -> None:
    inside = np.arange(30) < 3
    assert style_apart(facts(grey=inside), inside, 0.5) == ""


def test_nothing_known_of_the_files_is_no_style() -> None:
    assert columns_of(None, 3) == {}
    assert columns_of({"grey": [True]}, 3) == {}


def test_near_copies_are_told_from_an_even_kind_and_from_exact_copies() -> None:
    rng = np.random.default_rng(0)
    centre = rng.normal(size=64)

    def cloud(spread: float) -> np.ndarray:
        rows = centre + rng.normal(size=(12, 64)) * spread
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    assert nearly_the_same(cloud(0.2))
    assert not nearly_the_same(cloud(0.9))
    assert not nearly_the_same(np.repeat(cloud(0.9)[:3], 8, axis=0))
