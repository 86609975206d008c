"""Mapped files: what is read is right, also after it was let go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from embeddings.storage import MappedVectors, beginnings, mapped, write_arrow
from embeddings.storage.mapped import MappedBytes


def test_bytes_are_the_same_after_they_were_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = np.random.default_rng(0).bytes(300_000)
    (tmp_path / "a").write_bytes(content)
    monkeypatch.setattr(mapped, "MOST_TOUCHED", 1)  # after every read
    files = MappedBytes([tmp_path / "a"])
    for start in (0, 299_000, 5, 150_000, 0):
        assert files.read(0, start, 1000) == content[start : start + 1000]


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_vectors_come_in_the_order_asked_for(tmp_path: Path, kind: type) -> None:
    rows = np.random.default_rng(0).normal(size=(3, 10, 4)).astype(kind)
    for number, some in enumerate(rows):
        lists = pa.FixedSizeListArray.from_arrays(pa.array(some.ravel()), 4)
        write_arrow(tmp_path / f"{number}.arrow", pa.table({"v": lists}))
    vectors = MappedVectors(sorted(tmp_path.glob("*.arrow")), "v")
    lies = np.array([[2, 9], [0, 0], [2, 1], [1, 5], [0, 0]], np.int32)
    found = vectors.rows(lies)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, rows[lies[:, 0], lies[:, 1]].astype(np.float32))


def test_beginnings_of_hashes_are_numbers() -> None:
    keys = ["00000000000000ff" + "a" * 48, "FEDCBA9876543210" + "b" * 48]
    wanted = [0xFF, 0xFEDCBA9876543210]
    assert beginnings(pa.array(keys)).tolist() == wanted
    assert beginnings(pa.array(["x", *keys])[1:]).tolist() == wanted
    assert beginnings(pa.chunked_array([keys[:1], keys[1:]])).tolist() == wanted
    assert beginnings(pa.chunked_array([], pa.string())).tolist() == []


@pytest.mark.parametrize("key", ["abc", "g" * 64, ""])
def test_what_is_no_hash_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="hex"):
        beginnings(pa.array([key]))
