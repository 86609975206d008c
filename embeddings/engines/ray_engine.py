"""The engine of a cluster: embedding on Ray actors, everything else as Ray tasks.

Workers only compute. Their results come back to this process in the same order as on one machine,
and only this process writes. So a worker that dies neither ends the run nor writes a row twice.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from embeddings.engines.plan import plan_workers
from embeddings.engines.protocol import Embedder, Load, WorkItem
from embeddings.engines.ray_pool import WorkerPool
from embeddings.engines.worker import apply
from embeddings.errors import EngineError, MissingExtraError
from embeddings.records import Mapper, Result, Task

RETRIES: Final = 3  # of a task whose worker died
KNOCK_S: Final = 5.0  # until an address is given up
AHEAD: Final = 2  # tasks in flight for each core


class RayEngine:
    """A Ray cluster, connected to when it is first used.

    Parameters
    ----------
    address
        Of a running cluster; None: what ``RAY_ADDRESS`` says, else one of this machine alone.
        Where this process is connected to a cluster already, that one is used.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address

    @contextmanager
    def embedder(self, load: Load, *, sample: WorkItem | None = None) -> Iterator[Embedder]:
        """Load the models on one worker; the others follow when there is something to embed."""
        ray = self._connected()
        pool = WorkerPool(ray, load, plan_workers(_nodes(ray)), sample)
        try:
            pool.start()
            yield pool
        finally:
            pool.close()

    def mapper(self, items: int) -> Mapper:
        """Return a mapper that spreads tasks over the cores of the cluster."""
        return self._each

    def _each(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do every task on a core of the cluster, some ahead of what is asked for.

        Raises
        ------
        EngineError
            The worker of one task died again and again.
        """
        ray = self._connected()
        cores = int(sum(node.get("CPU", 0) for node in _nodes(ray)))
        remote = ray.remote(num_cpus=1, max_retries=RETRIES)(apply)
        sent = ray.put(function)  # sent once to each node, with everything that it holds
        pending: deque[Any] = deque()
        try:
            for task in tasks:
                pending.append(remote.remote(sent, task))
                if len(pending) >= max(AHEAD * cores, AHEAD):
                    yield self._result(ray, pending)
            while pending:
                yield self._result(ray, pending)
        finally:
            for reference in pending:
                ray.cancel(reference, force=True)

    def _result(self, ray: Any, pending: deque[Any]) -> Any:
        try:
            result = ray.get(pending[0])
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as error:
            raise EngineError(
                f"A task ended its worker {RETRIES + 1} times; perhaps memory is short.",
                hint="Give the nodes more memory per core, then run the same command again.",
            ) from error
        pending.popleft()
        return result

    def _connected(self) -> Any:
        """Return the module ``ray``, connected."""
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # no telemetry, whatever Ray's default
        try:
            import ray
            import ray.exceptions
        except ImportError as error:
            raise MissingExtraError("Ray", "ray") from error
        if ray.is_initialized():
            return ray
        address = self._address or os.environ.get("RAY_ADDRESS") or "local"
        _knock(address)
        alone: dict[str, Any] = {"include_dashboard": False} if address == "local" else {}
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING, **alone)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            said = " ".join(str(error).split())
            raise EngineError(
                f"The Ray cluster at {address} can't be used: {said[:300]}",
                hint="Check the address, and that the same Ray runs there (`ray status`).",
            ) from error
        return ray


def _knock(address: str) -> None:
    """Refuse an address where nobody listens at once; Ray would try it for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit()):
        return  # "auto" and "local"; Ray checks other forms
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S).close()
    except OSError as error:
        raise EngineError(
            f"Nobody answers at {address} ({error.strerror or error}).",
            hint="Check the address, and that the cluster runs (`ray status` on its head).",
        ) from error


def _nodes(ray: Any) -> list[dict[str, float]]:
    """Return the resources of each node that is alive."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]
