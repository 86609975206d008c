"""Per-label work on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings.pipeline.label_cache import (
    LabelOutcome,
    LabelWork,
    MadeWith,
    gather,
    part_key,
    run_parts,
)
from embeddings.records import Candidates, LabelMap, no_progress


def work(label: str, n: int) -> LabelWork:
    return LabelWork(label, np.arange(n), tuple(f"{label}{i}" for i in range(n)))


def outcome(w: LabelWork) -> LabelOutcome:
    n = len(w.rows)
    xy = np.linspace(0, 1, 2 * n, dtype=np.float32).reshape(n, 2)
    parts = (np.arange(n, dtype=np.int32) % 2, np.full(n, -1, np.int32))
    return LabelOutcome(w.label, LabelMap(xy, "fake"), Candidates(parts, ("a", "b")))


class Worker:
    """Counts what it was asked to do, and can fail at a label."""

    def __init__(self, fail_at: str = "") -> None:
        self.asked: list[str] = []
        self.fail_at = fail_at

    def __call__(self, w: LabelWork) -> LabelOutcome:
        if w.label == self.fail_at:
            raise KeyboardInterrupt
        self.asked.append(w.label)
        return outcome(w)


def whole(w: LabelWork) -> LabelWork:
    return w


def run(folder: Path, works: list[LabelWork], worker: Worker, seed: int = 0) -> object:
    return run_parts(
        folder,
        works,
        made_with=MadeWith("f", seed),
        task=whole,
        work_out=worker,
        progress=no_progress,
    )


def test_parts_hold_whole_labels_in_order() -> None:
    works = [work("a", 5), work("b", 1), work("c", 9), work("d", 1)]
    assert [[w.label for w in p] for p in gather(works, 6)] == [["a", "b"], ["c"], ["d"]]
    assert list(gather([], 6)) == []


def test_another_layout_is_another_part() -> None:
    part = [work("a", 3)]
    keys = {part_key(part, MadeWith("f", 0, layout)) for layout in ("built-in", "umap-learn")}
    assert len(keys) == 2


def test_a_run_that_was_stopped_goes_on_after_the_last_whole_part(tmp_path: Path) -> None:
    works = [work("a", 2000), work("b", 2000), work("c", 10)]
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, works, Worker(fail_at="b"))
    second = Worker()
    outcomes = run(tmp_path, works, second)
    assert second.asked == ["b", "c"]
    undisturbed = tmp_path / "undisturbed"
    run(undisturbed, works, Worker())
    assert {f.name: f.read_bytes() for f in tmp_path.glob("*.arrow")} == {
        f.name: f.read_bytes() for f in undisturbed.glob("*.arrow")
    }
    for w in works:
        got, want = outcomes[w.label], outcome(w)  # type: ignore[index]
        np.testing.assert_array_equal(got.map.xy, want.map.xy)
        for a, b in zip(got.candidates.partitions, want.candidates.partitions, strict=True):
            np.testing.assert_array_equal(a, b)
        assert got.candidates.names == want.candidates.names


def test_what_went_in_decides_what_is_read_back(tmp_path: Path) -> None:
    run(tmp_path, [work("a", 3)], Worker())
    changed = Worker()
    run(tmp_path, [work("a", 4)], changed)
    assert changed.asked == ["a"]
    assert len(list(tmp_path.glob("*.arrow"))) == 1
    seeded = Worker()
    run(tmp_path, [work("a", 4)], seeded, seed=1)
    assert seeded.asked == ["a"]
