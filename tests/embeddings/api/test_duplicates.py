"""Copies among image files, without a workspace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings.api import find_duplicates


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return five pictures: one, its copy, itself made smaller, another, and one cut short."""
    rng = np.random.default_rng(0)

    def picture() -> Image.Image:
        coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        return coarse.resize((160, 160), Image.Resampling.BICUBIC)

    one, other = picture(), picture()
    one.save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    one.resize((96, 96)).save(tmp_path / "c.jpg", quality=85)
    other.save(tmp_path / "d.png")
    (tmp_path / "e.jpg").write_bytes((tmp_path / "c.jpg").read_bytes()[:300])
    return sorted(tmp_path.iterdir())


def test_copies_are_found_and_the_unreadable_named(files: list[Path]) -> None:
    found = find_duplicates(files, ["cat", "dog", "cat", "cat", "cat"])
    assert (0, 1) in found.groups
    assert found.kinds[0] == "same picture under different labels"
    assert any(2 in group for group in found.groups)
    assert not any(3 in group for group in found.groups)
    assert found.unreadable == (4,)
    assert "could not be read" in repr(found)
    assert found == find_duplicates(files, ["cat", "dog", "cat", "cat", "cat"])


def test_the_index_of_a_series_is_kept(files: list[Path]) -> None:
    given = pd.Series([str(f) for f in files], index=list("vwxyz"))
    frame = find_duplicates(given).frame()
    assert {"v", "w"} <= set(frame.index)
    assert list(frame.columns) == ["group", "kind", "file"]


def test_no_files_and_other_counts_are_refused(files: list[Path]) -> None:
    with pytest.raises(ValueError, match="no files"):
        find_duplicates([])
    with pytest.raises(ValueError, match="5 files and 2 embeddings"):
        find_duplicates(files, X=np.ones((2, 3)))
