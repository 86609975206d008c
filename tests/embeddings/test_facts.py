"""What the facts of the files say, on planted faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from embeddings import columns as c
from embeddings.facts import balance_words, find_odd_files

N = 400


def clean() -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.FILE: [f"{'ab'[i % 2]}/{i}.jpg" for i in range(N)],
            c.LABEL: ["ab"[i % 2] for i in range(N)],
            c.SHA256: [f"{i:064x}" for i in range(N)],
            c.STATUS: c.OK,
            c.FORMAT: "JPEG",
            c.WIDTH: 300,
            c.HEIGHT: 200,
            c.GREY: False,
        }
    )


def found(items: pd.DataFrame) -> dict[str, list[int]]:
    return {one.name: [int(row) for row in one.rows] for one in find_odd_files(items)}


def test_a_clean_data_set_has_no_findings() -> None:
    assert found(clean()) == {}


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("unreadable", c.STATUS, c.UNREADABLE),
        ("suffix", c.FORMAT, "PNG"),
        ("tiny", c.HEIGHT, 8),
        ("long", c.WIDTH, 900),
        ("grey", c.GREY, True),
    ],
)
def test_thirty_planted_faults_are_all_found(name: str, column: str, value: object) -> None:
    items = clean()
    rows = np.random.default_rng(0).choice(N, 30, replace=False)
    items.loc[rows, column] = value
    if name == "tiny":
        items.loc[rows, c.WIDTH] = 12
    assert found(items) == {name: sorted(int(row) for row in rows)}


def test_copies_are_told_apart_by_label() -> None:
    items = clean()
    items.loc[[1, 3], c.SHA256] = "same label"
    items.loc[[10, 11], c.SHA256] = "across"
    assert found(items) == {"copies-across": [10, 11], "copies": [1, 3]}


def test_small_and_grey_are_normal_where_all_are() -> None:
    items = clean().assign(**{c.WIDTH: 28, c.HEIGHT: 28, c.GREY: True})
    assert found(items) == {}


def test_items_without_an_image_are_no_fault() -> None:
    items = clean().assign(
        **{c.STATUS: c.NO_IMAGE, c.SHA256: "", c.FORMAT: "", c.WIDTH: 0, c.HEIGHT: 0}
    )
    assert found(items) == {}


@pytest.mark.parametrize(
    ("sizes", "said"),
    [([5], "one label"), ([10, 12], "evenly"), ([10, 50], "5.0 times"), ([3, 90], "badly")],
)
def test_balance(sizes: list[int], said: str) -> None:
    assert said in balance_words(np.array(sizes))
