"""Copies: exact and near, under one label or several, in train and test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from embeddings.health import records as r
from embeddings.health.duplicates import exact, near, near_copies, subsets
from embeddings.health.looking import measures_frame
from embeddings.health.measures import PATCH, measure
from embeddings.health.same_picture import likeness
from tests.embeddings.health.pictures import cut, picture
from tests.embeddings.health.test_looking import jpeg


def items(*rows: tuple[str, str, str], **columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["file", "label", "sha256"])
    return frame.assign(status="ok", **columns)


def groups(found: list[r.Finding]) -> dict[str, tuple[tuple[int, ...], ...]]:
    return {f.kind: f.groups for f in found}


def test_copies_are_told_once_where_they_matter_most() -> None:
    frame = items(
        ("train/cat/1.jpg", "cat", "a"),
        ("test/dog/2.jpg", "dog", "a"),
        ("train/cat/3.jpg", "cat", "b"),
        ("test/cat/4.jpg", "cat", "b"),
        ("train/cat/5.jpg", "cat", "c"),
        ("train/cat/6.jpg", "cat", "c"),
        ("train/cat/7.jpg", "cat", "c"),
        ("train/cat/8.jpg", "cat", "d"),
        ("train/cat/9.jpg", "cat", ""),
        ("train/dog/0.jpg", "dog", ""),
    )
    assert groups(exact(frame)) == {
        r.SAME_ACROSS_LABELS: ((0, 1),),
        r.SAME_ACROSS_SETS: ((2, 3),),
        r.SAME: ((4, 5, 6),),
    }


def test_files_that_cannot_be_read_are_no_copies() -> None:
    frame = items(("a/1.jpg", "a", "x"), ("b/2.jpg", "b", "x")).assign(status="unreadable")
    assert exact(frame) == []


def test_a_column_says_what_is_train_and_test() -> None:
    frame = items(("1.jpg", "a", "x"), ("2.jpg", "a", "x"), split=["Training", "test"])
    assert subsets(frame).tolist() == ["train", "test"]
    assert exact(frame)[0].kind == r.SAME_ACROSS_SETS


def test_a_label_called_test_in_the_name_of_a_file_is_no_subset() -> None:
    assert subsets(items(("cat/test.jpg", "cat", "x"))).tolist() == [""]


def measured(images: list[Image.Image]) -> pd.DataFrame:
    return measures_frame([f"{n}" for n in range(len(images))], [measure(jpeg(i)) for i in images])


def test_a_near_copy_brings_its_exact_copies_along() -> None:
    rng = np.random.default_rng(1)
    first = picture(rng, (160, 120))
    images = [first, ImageEnhance.Brightness(first).enhance(0.8), first, picture(rng, (160, 120))]
    frame = items(("1", "a", "p"), ("2", "b", "q"), ("3", "a", "p"), ("4", "b", "r"))
    assert groups(near(frame, near_copies(frame, measured(images)))) == {
        r.NEAR_ACROSS_LABELS: ((0, 1, 2),)
    }


def test_blank_pictures_are_not_each_others_copies() -> None:
    images = [Image.new("RGB", (40, 30), (n, 10, 10)) for n in range(6)]
    frame = items(*[(str(n), "a", str(n)) for n in range(6)])
    assert near(frame, near_copies(frame, measured(images))) == []


def test_many_equal_pictures_are_one_group_and_no_square_of_pairs() -> None:
    rng = np.random.default_rng(2)
    one = picture(rng, (160, 120))
    images = [one.resize((160 - n % 7, 120 - n % 5)) for n in range(300)]
    frame = items(*[(str(n), "a", str(n)) for n in range(300)])
    found = near(frame, near_copies(frame, measured(images)))
    assert [len(g) for g in found[0].groups] == [300]


def test_items_without_thumbnail_or_embedding_are_passed_over() -> None:
    rng = np.random.default_rng(3)
    one = picture(rng, (160, 120))
    images = [one, one.resize((100, 75)), picture(rng)]
    measures = measured(images).reindex([0, 1, 2, 3])
    frame = items(*[(str(n), "a", str(n)) for n in range(4)])
    embeddings = np.full((4, 8), np.nan, dtype=np.float32)
    assert groups(near(frame, near_copies(frame, measures, embeddings))) == {r.NEAR: ((0, 1),)}


def patch(image: Image.Image) -> np.ndarray:
    return np.frombuffer(measure(jpeg(image)).patch, np.uint8).reshape(1, PATCH, PATCH)


@pytest.mark.parametrize("share", [1.0, 0.95, 0.9, 0.8])
def test_a_cut_is_found_in_its_whole_and_the_whole_in_its_cut(share: float) -> None:
    rng = np.random.default_rng(4)
    one = picture(rng, (160, 120))
    part = patch(cut(one, share, rng))
    assert likeness(patch(one), part)[0] > 0.9
    assert likeness(part, patch(one))[0] > 0.9


def test_other_pictures_are_not_the_same() -> None:
    rng = np.random.default_rng(5)
    many = np.concatenate([patch(picture(rng, (160, 120))) for _ in range(41)])
    assert likeness(many[:-1], many[1:]).max() < 0.7


def test_pictures_without_contrast_are_like_nothing() -> None:
    flat = np.full((2, PATCH, PATCH), 90, dtype=np.uint8)
    assert (likeness(flat, flat) <= 0).all()
