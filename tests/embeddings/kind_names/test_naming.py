"""Which words tell a part from the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.backbones.embedded import class_names
from embeddings.kind_names import KindName, name_parts
from embeddings.storage import ClassScores

CLASSES = class_names()
PLACE = {name.split(",")[0]: k for k, name in enumerate(CLASSES)}
CAT, TABBY, JAGUAR = PLACE["Egyptian cat"], PLACE["tabby"], PLACE["jaguar"]
SPORTS, CONVERTIBLE, JEEP = PLACE["sports car"], PLACE["convertible"], PLACE["jeep"]
PIZZA = PLACE["pizza"]


def named(
    *parts: tuple[str, int, list[tuple[int, float]]], copies: bool = False
) -> dict[tuple[str, int], KindName]:
    """Name parts given as label, cluster, and for each image its class and probability."""
    labels = np.array([label for label, _, images in parts for _ in images], dtype=object)
    clusters = np.array([cluster for _, cluster, images in parts for _ in images])
    images = [image for _, _, images in parts for image in images]
    scores = ClassScores(
        np.array([[k] for k, _ in images], dtype=np.int32),
        np.array([[p] for _, p in images], dtype=np.float32),
    )
    contents = [str(k) if copies else str(n) for n, (k, _) in enumerate(images)]
    found = name_parts(scores, labels, clusters, CLASSES, contents=contents)
    return {(one.label, one.cluster): one for one in found}


def test_one_class_is_called_by_its_name() -> None:
    found = named(
        ("jaguar", 0, [(TABBY, 0.8)] * 40),
        ("jaguar", 1, [(SPORTS, 0.7)] * 20),
        ("food", 0, [(PIZZA, 0.9)] * 40),
    )
    cars = found["jaguar", 1]
    assert (cars.name, cars.general, cars.count, cars.of) == ("sports car", "", 20, 20)
    assert found["jaguar", 0].name == "tabby"
    assert found["food", 0].name == "pizza"


def test_several_classes_are_called_by_what_holds_them() -> None:
    cars = [(SPORTS, 0.7)] * 10 + [(CONVERTIBLE, 0.7)] * 9 + [(JEEP, 0.7)] * 8
    found = named(
        ("jaguar", 0, [(JAGUAR, 0.8)] * 40), ("jaguar", 1, cars), ("food", 0, [(PIZZA, 0.9)] * 40)
    )
    assert found["jaguar", 1].words == ("sports car", "convertible")
    assert found["jaguar", 1].general == "car"
    assert (found["jaguar", 1].count, found["jaguar", 1].of) == (27, 27)


def test_what_the_others_show_too_names_nothing() -> None:
    same = [(TABBY, 0.8), (CAT, 0.8)] * 20
    found = named(("cat", 0, same), ("cat", 1, same[:20]), ("pet", 0, same))
    assert found == {}


def test_a_style_of_one_kind_has_no_name() -> None:
    found = named(
        ("cat", 0, [(TABBY, 0.8)] * 30),
        ("cat", 1, [(TABBY, 0.6)] * 30),
        ("food", 0, [(PIZZA, 0.9)] * 30),
    )
    assert ("cat", 0) not in found
    assert ("cat", 1) not in found


def test_a_head_that_knows_nothing_is_silent() -> None:
    rng = np.random.default_rng(0)
    parts = [
        (f"steel {n}", k, [(int(rng.integers(1000)), 0.06) for _ in range(30)])
        for n in range(5)
        for k in range(2)
    ]
    assert named(*parts) == {}


def test_chance_names_hardly_any_part() -> None:
    rng = np.random.default_rng(1)
    parts = [
        (f"l{n}", k, [(int(rng.choice([SPORTS, TABBY, PIZZA, JEEP])), 0.9) for _ in range(12)])
        for n in range(60)
        for k in range(2)
    ]
    assert len(named(*parts)) <= 2


def test_copies_count_once() -> None:
    found = named(
        ("jaguar", 0, [(TABBY, 0.8)] * 40), ("jaguar", 1, [(SPORTS, 0.7)] * 20), copies=True
    )
    assert found == {}


def test_noise_has_no_name_and_a_label_is_not_told_its_own() -> None:
    found = named(
        ("pizza", 0, [(PIZZA, 0.9)] * 20),
        ("pizza", -1, [(JEEP, 0.9)] * 20),
        ("cat", 0, [(TABBY, 0.9)] * 20),
    )
    assert set(found) == {("cat", 0)}


def test_one_part_alone_has_nothing_to_be_told_from() -> None:
    assert named(("cat", 0, [(TABBY, 0.9)] * 20)) == {}


@given(
    images=st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(-1, 2),
            st.integers(-1, 999),
            st.floats(0, 1, width=32),
        ),
        max_size=60,
    )
)
def test_whatever_the_scores_the_counts_fit(images: list[tuple[str, int, int, float]]) -> None:
    scores = ClassScores(
        np.array([[k, -1] for *_, k, _ in images], dtype=np.int32).reshape(-1, 2),
        np.array([[p, 0] for *_, p in images], dtype=np.float32).reshape(-1, 2),
    )
    found = name_parts(
        scores,
        np.array([one[0] for one in images], dtype=object),
        np.array([one[1] for one in images], dtype=np.int64),
        CLASSES,
    )
    for one in found:
        assert one.cluster >= 0
        assert one.name
        assert 0 < one.count <= one.of
        assert one.bits >= pytest.approx(1, abs=1e-3)
