"""Work on labels in several processes, results in the order of the tasks.

The processes are started anew rather than copied (joblib's loky), so they hold none of
TensorFlow's threads, and import what the work needs and no more: NumPy, SciPy, Numba's compiled
loops from their cache. They stay for all stages of a run. Each computes with one thread, so results
do not depend on how many there are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from embeddings.machine import usable_cores
from embeddings.records import Mapper, Result, Task, in_turn

FEW_ITEMS = 20_000  # below this starting processes takes longer than the work


def beside(each: Mapper, function: Callable[[], Result]) -> Callable[[], Result]:
    """Run a function beside the tasks of ``each``; return a function that waits for its result.

    Where ``each`` runs in this process it is done at once: both would share the threads of the
    libraries, and results would depend on which came first.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            done.set_result(function())
        except Exception as error:  # raised again where the result is asked for
            done.set_exception(error)

    if each is in_turn:
        work()
    else:
        # a daemon, so that a run that is stopped does not wait for it
        threading.Thread(target=work, name="beside", daemon=True).start()
    return done.result


class Workers:
    """Does tasks in ``count`` processes, which are started when they are first asked for.

    Functions and tasks are pickled, so a function is one of a module, or a ``functools.partial``
    of one. Tasks are drawn as they are needed: never more than two a process are in memory.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[Result]:
        """Yield the results in the order of the tasks."""
        import joblib

        with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
            run = joblib.Parallel(
                n_jobs=self.count,
                return_as="generator",
                pre_dispatch="2*n_jobs",
                batch_size=1,
                max_nbytes=None,  # tasks are small; files would cost more than the copy
            )
            yield from run(joblib.delayed(function)(task) for task in tasks)


def mapper_for(items: int) -> Mapper:
    """Return what suits so many items on this machine: this process, or one for each core."""
    cores = usable_cores()
    return in_turn if items < FEW_ITEMS or cores < 2 else Workers(cores)
