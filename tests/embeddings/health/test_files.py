"""Facts of files: sizes, shapes, names, balance."""

from __future__ import annotations

import pandas as pd
import pytest

from embeddings.health import assess
from embeddings.health import records as r
from embeddings.health.class_balance import balance, small_labels
from embeddings.health.files import from_files


def frame(
    sizes: list[tuple[int, int]], *, files: list[str] | None = None, grey: list[bool] | None = None
) -> pd.DataFrame:
    n = len(sizes)
    return pd.DataFrame(
        {
            "file": files or [f"a/{i}.jpg" for i in range(n)],
            "label": "a",
            "sha256": [str(i) for i in range(n)],
            "status": "ok",
            "reason": "",
            "format": "JPEG",
            "width": [w for w, _ in sizes],
            "height": [h for _, h in sizes],
            "grey": grey or [False] * n,
        }
    )


def found(items: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    return {f.kind: f.items for f in from_files(items)}


def test_small_pictures_among_small_ones_are_not_tiny() -> None:
    assert found(frame([(32, 32)] * 20)) == {}
    assert found(frame([(28, 28)] * 20)) == {}


def test_tiny_oversized_and_long_are_seen_against_what_is_usual() -> None:
    items = frame([(400, 300)] * 20 + [(60, 45), (8000, 6000), (2000, 300), (300, 400)])
    assert found(items) == {r.TINY: (20,), r.OVERSIZED: (21,), r.ODD_SHAPE: (22,)}


def test_a_data_set_of_strips_has_no_odd_shapes() -> None:
    assert found(frame([(1000, 100)] * 10 + [(900, 110)])) == {}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("a.JPG", False), ("a.jpeg", False), ("a.png", True), ("a", True), ("a.b.jpg", False)],
)
def test_endings_are_held_against_the_content(name: str, wrong: bool) -> None:
    assert (r.WRONG_NAME in found(frame([(9, 9)], files=[name]))) == wrong


def test_grey_is_only_odd_among_colour() -> None:
    assert r.GREY not in found(frame([(99, 99)] * 4, grey=[True, True, True, False]))
    assert found(frame([(99, 99)] * 4, grey=[True, False, False, False])) == {r.GREY: (0,)}


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["puma"] * 140 + ["skate"] * 7, "puma, has 20 times the images of the smallest, skate"),
        (["a"] * 10 + ["b"] * 9, "about the same size, 9 to 10 images"),
        (["a"], "one label, a, with 1 image."),
        (["a"] * 5 + ["b"] * 2, "2.5 times"),
        ([], "no images"),
    ],
)
def test_balance_is_said_in_words(labels: list[str], said: str) -> None:
    assert said in balance(labels).sentence


def test_labels_with_few_images_are_told() -> None:
    (finding,) = small_labels(["a"] * 30 + ["b"] * 9 + ["c"])
    assert finding.items == (39, *range(30, 39))
    assert finding.title == "2 labels have fewer than 10 images"
    assert small_labels(["a"] * 3) == [], "one label alone has nothing to be small beside"


def test_a_sound_data_set_is_healthy() -> None:
    health = assess(frame([(40, 30)] * 20))
    assert health.findings == ()
    assert health.summary == "Healthy."
    assert health.formats == (("JPEG", 20),)
    assert "not looked at" in health.notes[0]
