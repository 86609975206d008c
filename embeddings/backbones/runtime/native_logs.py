"""TensorFlow's native code writes to standard error before it can be told not to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH = "TF_CPP_MIN_LOG_LEVEL"  # TensorFlow's own; 3 asks for silence


@contextmanager
def quiet_native_logs() -> Iterator[None]:
    """Silence standard error at the level of the system while a model is loaded.

    Only where the environment asks for silence (``TF_CPP_MIN_LOG_LEVEL=3``), which the messages
    about missing accelerators do not heed. Errors are exceptions, and not concerned.
    """
    if os.environ.get(_SWITCH) != "3":
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
