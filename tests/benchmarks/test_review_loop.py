"""The simulated reviewer, and the picture of the curves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import review_loop  # noqa: E402
from parts.curves import picture  # noqa: E402

TRUTH = np.repeat([0, 1], 20)
GIVEN = np.where(np.arange(40) >= 30, 0, TRUTH)  # half of the second kind is under the first
CLUSTER = np.arange(30, 40)


@pytest.fixture
def task() -> review_loop.Task:
    X = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    X[:, 0] += TRUTH * 5
    names = np.array(["cat", "dog"])
    return review_loop.Task(X, GIVEN, TRUTH, names, X, TRUTH)


def test_one_action_on_a_cluster_mends_all_of_it(task: review_loop.Task) -> None:
    first, then = review_loop.review(task, [CLUSTER, np.array([0])], (0, 1))
    assert (first["fixed"], first["wrong"]) == (0, 10)
    assert (then["actions"], then["fixed"], then["decided"]) == (1, 10, 10)
    assert then["accuracy"] >= first["accuracy"]


def test_a_mixed_cluster_costs_an_action_and_is_left_for_its_items(task: review_loop.Task) -> None:
    mixed = np.concatenate((CLUSTER[:5], np.arange(5)))
    order = [mixed, CLUSTER[:1], CLUSTER[:1], np.arange(1)]
    rows = review_loop.review(task, order, (0, 1, 2, 3))
    assert [row["fixed"] for row in rows] == [0, 0, 1, 1]  # nobody decides twice
    assert rows[-1]["clusters"] == 1
    assert rows[-1]["clusters_relabelled"] == 0


def test_what_is_right_in_a_relabelled_cluster_becomes_wrong_and_counts(
    task: review_loop.Task,
) -> None:
    (row,) = review_loop.review(task, [np.concatenate((CLUSTER, [0]))], (1,))
    assert row["fixed"] == 9


def test_a_curve_ends_where_everything_is_decided(task: review_loop.Task) -> None:
    assert len(review_loop.review(task, [np.array([0])], (0, 1, 2))) == 2


def test_without_the_data_one_line_says_so(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "benchmarks" / "review_loop.py", "--data", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Needs cifar10n_mobilenetv2.npz")
    assert done.stdout.count("\n") == 1


def test_the_picture_is_svg_with_every_curve() -> None:
    curves = {"a <b>": [(0, 0.0), (10, 5.0)], "c": [(0, 0.0), (10, 0.0)]}
    root = ElementTree.fromstring(picture({"one": curves, "two": curves}, (0, 10), "actions"))
    lines = [node for node in root.iter() if node.tag.endswith("polyline")]
    assert len(lines) == 4
    assert "a <b>" in [node.text for node in root.iter()]
