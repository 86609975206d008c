"""Likeliest classes, read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embeddings.storage import EmbeddingStore, ShardRow, class_scores

ONE = np.ones(4, dtype=np.float32)


def test_scores_come_in_the_order_of_the_keys_and_the_second_look_counts(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    store.write(
        0,
        [
            ShardRow("a", ONE, classes=(3, 1), probabilities=(0.75, 0.25)),
            ShardRow("b", None, reason="broken"),
            ShardRow("c", ONE, classes=(7,), probabilities=(0.5,)),
        ],
        4,
    )
    store.write(1, [ShardRow("b", ONE, classes=(2, 0, 5), probabilities=(0.5, 0.25, 0.125))], 4)
    scores = class_scores(store, ["c", "b", "absent", "a", "c"])
    assert scores is not None
    assert scores.index.tolist() == [[7, -1, -1], [2, 0, 5], [-1] * 3, [3, 1, -1], [7, -1, -1]]
    assert scores.probability[:, 0].tolist() == [0.5, 0.5, 0.0, 0.75, 0.5]


def test_a_model_without_a_head_has_none(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path)
    assert class_scores(store, ["a"]) is None
    store.write(0, [ShardRow("a", ONE)], 4)
    assert class_scores(store, ["a"]) is None
