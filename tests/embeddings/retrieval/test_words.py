"""Search by words of the head."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.backbones.embedded import class_names
from embeddings.retrieval import Words
from embeddings.storage import ClassScores

PLACE = {name.split(",")[0]: k for k, name in enumerate(class_names())}


def words() -> Words:
    seen = [
        {"tabby": 0.5, "Egyptian cat": 0.4},
        {"tabby": 0.2, "sports car": 0.6},
        {"sports car": 0.9, "convertible": 0.05},
        {"pizza": 0.05},
    ]
    index = np.full((len(seen), 2), -1, dtype=np.int32)
    probability = np.zeros((len(seen), 2), dtype=np.float32)
    for row, one in enumerate(seen):
        for place, (name, value) in enumerate(one.items()):
            index[row, place], probability[row, place] = PLACE[name], value
    return Words(ClassScores(index, probability), class_names())


def test_a_noun_finds_all_classes_below_it_surest_first() -> None:
    cats = words().seen("domestic cats")
    assert cats is not None
    assert cats.rows.tolist() == [0, 1]
    assert cats.probability.tolist() == pytest.approx([0.9, 0.2])
    assert {"tabby", "Egyptian cat", "Siamese cat"} <= set(cats.classes)
    vehicles = words().seen("Vehicle")
    assert vehicles is not None
    assert vehicles.rows.tolist() == [2, 1]


def test_what_is_hardly_seen_is_not_found() -> None:
    pizza = words().seen("pizza")
    assert pizza is not None
    assert len(pizza.rows) == 0


def test_an_unknown_word_is_told_from_one_that_nothing_shows() -> None:
    assert words().seen("xyzzy") is None
    assert words().seen("") is None
