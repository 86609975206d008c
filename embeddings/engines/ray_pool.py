"""The pool of embedding actors: started as the cluster has room, replaced when they die.

Retries are done here, not by Ray (``max_restarts``, ``max_task_retries``): Ray counts a portion as
tried while its actor restarts, and binds it to that actor, though any other could do it.
"""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from embeddings.engines.plan import Plan
from embeddings.engines.protocol import Load, Seen, WorkItem
from embeddings.engines.worker import EmbeddingWorker, Greeting
from embeddings.errors import EngineError, ModelError, SourceError
from embeddings.workspace import ModelInfo

PORTION: Final = 4  # batches at most that are sent together
AT_ONCE: Final = 2  # portions at one worker: one being embedded, one being decoded
AHEAD: Final = 4  # portions for each worker that may be done or begun before their turn
TRIES: Final = 4  # of one portion, and of hiring
PATIENCE_S: Final = 60.0  # until the error that the cluster has no room

_log = logging.getLogger(__name__)


class WorkerPool:
    """An ``Embedder`` whose models are loaded in many processes.

    Parameters
    ----------
    ray
        The module, connected.
    load
        Loads the models on a worker.
    plan
        How many workers, and how large.
    sample
        An item that every worker must see.
    """

    def __init__(self, ray: Any, load: Load, plan: Plan, sample: WorkItem | None) -> None:
        self._ray = ray
        self._load = load
        self._plan = plan
        self._sample = sample
        self._hired: dict[Any, Any] = {}  # the greeting not yet received → actor
        self._actors: dict[Any, int] = {}  # actor → portions at it
        self._failed = 0
        self._first: Greeting | None = None

    @property
    def infos(self) -> tuple[ModelInfo, ...]:
        """What the workspace keeps of each model."""
        return self._told().infos

    def start(self) -> None:
        """Load the model on one worker, and wait for it.

        Raises
        ------
        EngineError
            Workers die as they load it, or don't see the data.
        """
        while not self._actors:
            if not self._hired:
                self._hire()
            for reference in self._finished(list(self._hired)):
                self._greeted(reference)

    def stream(self, items: Sequence[WorkItem], *, batch_size: int | None) -> Iterator[Seen]:
        """Yield what the models make of each item, in order.

        Batches are cut in the same places as on one machine. A portion whose worker died goes to
        another; at most some portions are done ahead of the one whose turn it is.

        Raises
        ------
        EngineError
            One portion ended several workers.
        """
        portions = self._portions(items, batch_size or self._told().batch_size)
        workers = min(self._plan.workers, len(portions))
        waiting = list(range(len(portions)))
        running: dict[Any, tuple[Any, int]] = {}
        tried: Counter[int] = Counter()
        done: dict[int, list[Seen]] = {}
        turn = 0
        while turn < len(portions):
            while len(self._actors) + len(self._hired) < workers:
                self._hire()
            self._send(portions, batch_size, waiting, running, turn + AHEAD * workers)
            for reference in self._finished([*running, *self._hired]):
                if reference in self._hired:
                    self._greeted(reference)
                    continue
                actor, number = running.pop(reference)
                result = self._result(reference, actor)
                if result is not None:
                    done[number] = result
                    continue
                tried[number] += 1
                if tried[number] == TRIES:
                    first, last = portions[number][0].path, portions[number][-1].path
                    raise EngineError(
                        f"The images from {first} to {last} ended {TRIES} workers.",
                        hint="Look at them and at the memory of the nodes, then run again.",
                    )
                heapq.heappush(waiting, number)
            while turn in done:
                yield from done.pop(turn)
                turn += 1

    def close(self) -> None:
        """End all workers."""
        for actor in [*self._actors, *self._hired.values()]:
            self._ray.kill(actor)
        self._actors.clear()
        self._hired.clear()

    def _told(self) -> Greeting:
        """Return the greeting of the first worker."""
        if self._first is None:
            raise RuntimeError("start() comes first")
        return self._first

    def _portions(self, items: Sequence[WorkItem], batch_size: int) -> list[Sequence[WorkItem]]:
        """Cut ``items`` into whole batches, small enough that every worker gets some."""
        for_each = len(items) // (self._plan.workers * AHEAD * batch_size)
        size = batch_size * min(max(for_each, 1), PORTION)
        return [items[start : start + size] for start in range(0, len(items), size)]

    def _hire(self) -> None:
        worker = self._ray.remote(EmbeddingWorker).options(
            num_cpus=self._plan.cores,
            num_gpus=self._plan.gpus,
            max_concurrency=AT_ONCE,
            max_restarts=0,
        )
        try:
            actor = worker.remote(self._load, self._plan.cores)
        except TypeError as error:  # from pickling
            raise ModelError(
                "This model can't be sent to other machines.",
                hint="Give it by its name or as a file that all nodes see.",
            ) from error
        self._hired[actor.greet.remote(self._sample)] = actor

    def _greeted(self, reference: Any) -> None:
        """Take a worker into service whose model is loaded."""
        actor = self._hired.pop(reference)
        try:
            greeting: Greeting = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._deaths() as error:
            self._failed += 1
            if self._failed >= TRIES and not self._actors:
                raise EngineError(
                    f"{self._failed} workers died as they loaded the model: {_line(error)}",
                    hint="Look at the memory of the nodes and at Ray's logs.",
                ) from error
            return
        self._failed = 0
        self._actors[actor] = 0
        self._refuse_blind(greeting)
        first = self._first = self._first or greeting
        for here, there in zip(greeting.infos, first.infos, strict=True):
            if here.fingerprint != there.fingerprint:
                raise ModelError(
                    f"{greeting.host} loaded another model ({here.fingerprint[:12]}) than "
                    f"{first.host} ({there.fingerprint[:12]}).",
                    hint="Put the same file and the same rosette-explorer on every node.",
                )

    def _refuse_blind(self, greeting: Greeting) -> None:
        """Refuse a worker that can't read the data; it would report every image as gone."""
        sample = self._sample
        if not greeting.sees and sample and isinstance(sample.path, Path) and sample.path.exists():
            raise EngineError(
                f"{greeting.host} does not see {sample.path}, which is here.",
                hint="Put the images where all nodes see them, or in storage such as s3://….",
            )

    def _send(
        self,
        portions: Sequence[Sequence[WorkItem]],
        batch_size: int | None,
        waiting: list[int],
        running: dict[Any, tuple[Any, int]],
        end: int,
    ) -> None:
        """Give waiting portions before ``end`` to the workers that have least to do."""
        while waiting and waiting[0] < end and self._actors:
            actor = min(self._actors, key=self._actors.__getitem__)
            if self._actors[actor] >= AT_ONCE:
                return
            number = heapq.heappop(waiting)
            self._actors[actor] += 1
            running[actor.embed.remote(portions[number], batch_size)] = actor, number

    def _result(self, reference: Any, actor: Any) -> list[Seen] | None:
        """Return what a worker made of a portion, or None where it must be made again."""
        if actor in self._actors:
            self._actors[actor] -= 1
        try:
            result: list[Seen] = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            if not isinstance(error.cause, SourceError):
                raise error.cause from error
            _log.warning("%s", error.cause)  # storage that did not answer may answer now
            return None
        except self._deaths() as error:
            _log.warning("A worker was lost, its images go to another: %s", _line(error))
            if self._actors.pop(actor, None) is not None:
                self._ray.kill(actor)
            return None
        return result

    def _finished(self, references: list[Any]) -> list[Any]:
        ready, _ = self._ray.wait(references, num_returns=1, timeout=PATIENCE_S)
        if not ready and not self._actors:
            _log.warning("Waiting for room on the cluster: %d cores asked for", self._plan.cores)
        return list(ready)

    def _deaths(self) -> tuple[type[Exception], ...]:
        """Return the errors that speak of a worker or node rather than of the work."""
        errors = self._ray.exceptions
        return (
            errors.RayActorError,
            errors.WorkerCrashedError,
            errors.OutOfMemoryError,
            errors.NodeDiedError,
            errors.ObjectLostError,
        )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
