"""Frames and embeddings as Parquet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings.export.formats.parquet import write
from tests.embeddings.export.making import NASTY_NAMES, WIDTH, make_source


def test_everything_comes_back(tmp_path: Path) -> None:
    labels = ["a" if n % 2 else "b" for n in range(len(NASTY_NAMES))]
    source = make_source(tmp_path, NASTY_NAMES, labels)
    inner = source.embeddings

    def with_a_gap(rows: np.ndarray) -> np.ndarray:
        matrix = inner(rows)
        matrix[rows == 1] = np.nan
        return matrix

    done = write(replace(source, embeddings=with_a_gap), tmp_path / "out")
    items, classes, clusters, merges = (pd.read_parquet(path) for path in done.files[:4])
    assert list(items[c.FILE]) == list(NASTY_NAMES)
    assert items[c.EMBEDDING][1] is None
    rows = np.array([0, *range(2, len(items))])
    np.testing.assert_array_equal(np.stack(items[c.EMBEDDING][rows]), inner(rows))
    assert np.stack(items[c.EMBEDDING][rows]).shape == (len(rows), WIDTH)
    rest = items.drop(columns=c.EMBEDDING).fillna("")
    pd.testing.assert_frame_equal(rest, source.items.fillna(""), check_dtype=False)
    assert list(classes[c.LABEL]) == list(source.classes[c.LABEL])
    assert len(clusters) == len(source.clusters)
    assert list(merges) == list(c.MERGE_COLUMNS)


def test_more_rows_than_are_written_at_once(tmp_path: Path) -> None:
    n = 9000
    source = make_source(tmp_path, [f"{k}.jpg" for k in range(n)], ["x"] * n)
    back = pd.read_parquet(write(source, tmp_path / "out").files[0])
    assert list(back[c.FILE]) == list(source.items[c.FILE])
    rows = np.arange(n)
    np.testing.assert_array_equal(np.stack(back[c.EMBEDDING]), source.embeddings(rows))


def test_a_column_of_nothing_has_a_type(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    source = make_source(tmp_path, ["a.jpg", "b.jpg"], ["x", "y"])
    items = source.items.assign(**{c.SUGGESTED_LABEL: None})
    for path in write(replace(source, items=items), tmp_path / "out").files[:4]:
        assert "null" not in [str(field.type) for field in pq.read_schema(path)], path.name
    merges = {f.name: str(f.type) for f in pq.read_schema(tmp_path / "out" / "merges.parquet")}
    assert (merges[c.SCORE], merges[c.SIZE_A], merges[c.LABEL_A]) == ("double", "int64", "string")
