"""Names as people read them."""

from __future__ import annotations

import pytest

from embeddings import columns as c
from embeddings.kind_names import kind_label, kind_name, kind_words

CARS = {
    c.KIND_NAME: "sports car, convertible",
    c.KIND_GENERAL: "car",
    c.KIND_COUNT: 1031,
    c.KIND_OF: 1039,
}


def test_a_name_says_how_often_and_offers_a_label() -> None:
    assert kind_words(CARS) == "sports car, convertible (1,031 of 1,039)"
    assert kind_label(CARS) == "car"
    # one class that names it is closer than what is above it
    panda = {**CARS, c.KIND_NAME: "giant panda", c.KIND_GENERAL: "procyonid"}
    assert kind_label(panda) == "giant panda"
    assert kind_label({**CARS, c.KIND_GENERAL: ""}) == "sports car"


@pytest.mark.parametrize("nothing", [None, float("nan"), ""])
def test_no_name_is_no_words(nothing: object) -> None:
    cluster = {c.KIND_NAME: nothing, c.KIND_GENERAL: "", c.KIND_COUNT: 0, c.KIND_OF: 0}
    assert (kind_name(cluster), kind_words(cluster), kind_label(cluster)) == ("", "", "")
    assert kind_name({}) == ""
