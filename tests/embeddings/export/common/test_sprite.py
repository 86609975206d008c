"""Sprites: square, within the reader's limit, every thumbnail in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from embeddings.export.common.sprite import LARGEST, TILE, grid, write_sprite
from tests.embeddings.export.making import colour, picture


@given(st.integers(1, 100_000))
def test_a_grid_holds_all_and_fits(count: int) -> None:
    across, side = grid(count)
    assert (across - 1) ** 2 < count <= across**2
    assert across * side <= LARGEST
    assert 25 <= side <= TILE


def test_what_the_reader_holds_at_full_size() -> None:
    assert grid(16_384) == (128, 64)
    assert grid(16_385) == (129, 63)
    assert grid(100_000) == (317, 25)


def test_missing_and_broken_thumbnails_are_grey_and_counted(tmp_path: Path) -> None:
    pictures = {"a": picture(0), "b": b"no picture", "c": None, "tall": picture(1, (10, 80))}
    ticks: list[int] = []
    path, side, missing = write_sprite(
        tmp_path / "sprite", ["a", "b", "c", "", "tall"], pictures.get, ticks.append
    )
    assert (path.name, side, missing) == ("sprite.png", TILE, 3)
    assert ticks == [5]
    with Image.open(path) as sheet:
        assert sheet.size == (3 * TILE, 3 * TILE)
        assert sheet.getpixel((TILE + 5, 5)) == (200, 200, 200)
        middle = (TILE + TILE // 2, TILE + TILE // 2)
        assert max(abs(a - b) for a, b in zip(sheet.getpixel(middle), colour(1), strict=True)) < 12
        assert sheet.getpixel((TILE + 2, TILE + TILE // 2)) == (255, 255, 255)  # beside the tall


@pytest.mark.parametrize("count", [1100])
def test_a_large_sheet_is_a_jpeg(tmp_path: Path, count: int) -> None:
    one = picture(3)
    path, side, _ = write_sprite(tmp_path / "s", ["k"] * count, lambda _: one, lambda _: None)
    assert path.suffix == ".jpg"
    with Image.open(path) as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width == sheet.height == 34 * side
