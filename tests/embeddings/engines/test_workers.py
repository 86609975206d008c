"""Labels in several processes: the same results in the same order."""

from __future__ import annotations

import sys
import threading
from functools import partial

import numpy as np
import pytest

from embeddings.engines import FEW_ITEMS, beside, mapper_for
from embeddings.engines.workers import Workers
from embeddings.records import in_turn
from embeddings.splits import find_splits


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


def test_what_is_done_beside_workers_has_a_thread_and_else_is_done_at_once() -> None:
    here = threading.current_thread()
    assert beside(in_turn, threading.current_thread)() is here
    assert beside(Workers(2), threading.current_thread)() is not here


@pytest.mark.parametrize("each", [in_turn, Workers(2)])
def test_an_error_beside_is_raised_where_the_result_is_asked_for(each: object) -> None:
    def fail() -> None:
        raise ValueError("broken")

    result = beside(each, fail)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="broken"):
        result()
