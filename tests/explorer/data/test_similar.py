"""Images that look like others."""

from __future__ import annotations

import numpy as np

from explorer.data import Dataset, similar
from explorer.pages.images.searched import rows_named
from explorer.pages.images.view import images_view


def test_the_likest_come_first_and_what_was_asked_with_leads(dataset: Dataset) -> None:
    found = similar(dataset, [9], most=12)
    assert (found.rows[0], found.alike[0]) == (9, 1)
    assert (np.diff(found.alike) <= 0).all()
    kinds = [dataset.label_of(int(row)) for row in found.rows[:9]]
    assert set(kinds) == {"jaguar", "car"}  # the odd jaguars lie where the cars do


def test_several_are_asked_with_some_of_them(dataset: Dataset) -> None:
    found = similar(dataset, list(range(28)))
    assert len(found.asked) == 14
    assert found.alike[: len(found.asked)].tolist() == [1] * 14


def test_an_image_that_was_not_read_is_like_nothing(dataset: Dataset) -> None:
    assert len(similar(dataset, [len(dataset) - 1]).rows) == 0
    assert len(similar(dataset, []).rows) == 0


def test_the_page_of_what_is_similar(dataset: Dataset) -> None:
    view = images_view(dataset, "?like=9.10.999.x")
    assert view.heading == "Similar to 2 images"
    assert view.rows[:2] == (9, 10)
    assert view.alike[0] == 1
    assert images_view(dataset, "?like=9").heading == "Similar to jaguar/1-0.jpg"
    assert rows_named(dataset, "9.-1.1e3.00000000000000009.²") == [9]
