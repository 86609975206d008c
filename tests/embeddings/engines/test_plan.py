"""How many workers a cluster gets."""

from __future__ import annotations

import pytest

from embeddings.engines.plan import Plan, plan_workers
from embeddings.errors import EngineError


@pytest.mark.parametrize(
    ("nodes", "plan"),
    [
        ([{"CPU": 1.0}, {"CPU": 1.0}], Plan(2, 1, 0)),
        ([{"CPU": 64.0}, {"CPU": 6.0}], Plan(17, 4, 0)),
        ([{"memory": 1e9}, {"CPU": 8.0}], Plan(2, 4, 0)),  # a head that only leads
        ([{"CPU": 48.0, "GPU": 8.0}, {"CPU": 64.0}], Plan(8, 6, 1)),
        ([{"CPU": 4.0, "GPU": 1.0}, {"CPU": 48.0, "GPU": 8.0}], Plan(9, 4, 1)),
        ([{"CPU": 2.0, "GPU": 4.0}], Plan(2, 1, 1)),  # too few cores to use them all
        ([{"CPU": 128.0, "GPU": 1.0}], Plan(1, 16, 1)),
    ],
)
def test_a_worker_for_each_gpu_or_for_few_cores(nodes: list[dict[str, float]], plan: Plan) -> None:
    assert plan_workers(nodes) == plan


@pytest.mark.parametrize("nodes", [[], [{"memory": 1e9}], [{"GPU": 1.0}]])
def test_a_cluster_without_cores_is_said(nodes: list[dict[str, float]]) -> None:
    with pytest.raises(EngineError, match="offers a core"):
        plan_workers(nodes)
