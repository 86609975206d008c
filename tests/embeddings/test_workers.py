"""Labels in several processes: the same results in the same order."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np

from embeddings.splits import find_splits
from embeddings.workers import FEW_ITEMS, Workers, in_turn, mapper_for


def power(base: int, *, exponent: int) -> tuple[int, bool]:
    return base**exponent, "tensorflow" in sys.modules


def test_results_come_in_the_order_of_the_tasks_from_processes_without_tensorflow() -> None:
    found = list(Workers(2)(partial(power, exponent=2), range(9)))
    assert found == [(n * n, False) for n in range(9)]


def test_few_items_start_no_process() -> None:
    assert mapper_for(FEW_ITEMS - 1) is in_turn


def test_a_report_does_not_depend_on_who_made_it() -> None:
    rng = np.random.default_rng(0)
    kind = np.arange(200) % 4
    X = rng.normal(size=(4, 16))[kind] * 2 + rng.normal(size=(200, 16))
    labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    one, other = find_splits(X, labels), find_splits(X, labels, each=Workers(2))
    assert one.labels == other.labels
    assert (one.cluster == other.cluster).all()
