"""How TensorFlow shares the cores: a batch on each core, or each batch on all of them.

An operation that is cut over several cores waits for the slowest part of it, thousands of times a
batch, and cores idle meanwhile. Whole batches side by side, one thread each, never wait for one
another, and small ones stay in the caches: MobileNetV3Large is a third faster so on two cores.
"""

from __future__ import annotations

import logging
from typing import Final

from embeddings.machine import usable_cores
from embeddings.records import Pace

_ON_A_CORE: Final = 8  # images a batch: larger ones leave the caches, smaller ones gain nothing
_ON_A_GPU: Final = 64
_SAID = logging.getLogger(__name__)


def one_core_a_batch() -> None:
    """Give each call of a model one thread, so that as many calls run at once as there are cores.

    A setting of the process, which TensorFlow takes only before its first operation; later it
    stays as it is, and that is logged. On a machine with a GPU nothing is changed.
    """
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
    except RuntimeError:
        _SAID.info("TensorFlow runs already: its threads stay as they are, one batch at a time.")


def pace() -> Pace:
    """Return how TensorFlow is best fed, as its threads are set and by what it computes on."""
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return Pace(batch_size=_ON_A_GPU, lanes=2)  # one computes while the next is handed over
    if tf.config.threading.get_intra_op_parallelism_threads() == 1:
        return Pace(batch_size=_ON_A_CORE, lanes=usable_cores())
    return Pace()
