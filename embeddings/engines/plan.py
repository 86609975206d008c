"""Plan the embedding workers of a cluster: how many, with how many cores and GPUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from embeddings.errors import EngineError

CORES_OF_ONE: Final = 4  # without a GPU: a small model hardly uses more cores
CORES_OF_A_GPU: Final = 16  # at most, to decode for it


@dataclass(frozen=True, slots=True)
class Plan:
    """``workers`` processes, each with so many cores and GPUs."""

    workers: int
    cores: int
    gpus: int


def plan_workers(nodes: Sequence[Mapping[str, float]]) -> Plan:
    """Plan from the resources of each node: a worker per GPU, or one per few cores.

    Raises
    ------
    EngineError
        No node offers a core.
    """
    with_gpu = [(int(n["GPU"]), int(n.get("CPU", 0))) for n in nodes if n.get("GPU", 0) >= 1]
    with_gpu = [(gpus, cores) for gpus, cores in with_gpu if cores >= 1]
    if with_gpu:
        cores = min(CORES_OF_A_GPU, *(max(1, cores // gpus) for gpus, cores in with_gpu))
        return Plan(sum(min(g, c // cores) for g, c in with_gpu), cores, 1)
    free = [int(n.get("CPU", 0)) for n in nodes if n.get("CPU", 0) >= 1]
    if not free:
        raise EngineError(
            "No node of the Ray cluster offers a core.", hint="Start workers: `ray start`."
        )
    cores = min(CORES_OF_ONE, *free)
    return Plan(sum(n // cores for n in free), cores, 0)
