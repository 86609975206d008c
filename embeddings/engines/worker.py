"""What runs on a worker of the cluster: one model, loaded once. Knows nothing of Ray."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.engines.protocol import info_of
from embeddings.records import Batch, Extracted, Extractor, WorkItem
from embeddings.workers import Result, Task
from embeddings.workspace import ModelInfo


def apply(function: Callable[[Task], Result], task: Task) -> Result:
    """Do one task; what is sent by name, where ``function`` may be a ``functools.partial``."""
    return function(task)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says when its model is loaded: which model, where, and if it sees the data."""

    info: ModelInfo
    host: str
    sees: bool


class EmbeddingWorker:
    """Embeds one portion of images after the other.

    Parameters
    ----------
    load
        Loads the model; called by :meth:`greet`.
    threads
        That decode, and that the model may use.
    """

    def __init__(self, load: Callable[[], Extractor], threads: int) -> None:
        self._load = load
        self._threads = threads
        self._model: Extractor | None = None

    def greet(self, sample: WorkItem | None) -> Greeting:
        """Load the model and look for the data; not in the constructor, so that errors travel."""
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # TensorFlow would take every core of the machine, also those of other workers.
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(self._threads)
        extractor = self._load()
        self._model = _OneAtATime(extractor)
        sees = sample is None or not isinstance(sample.path, Path) or sample.path.exists()
        return Greeting(info_of(extractor), socket.gethostname(), sees)

    def embed(self, items: Sequence[WorkItem], batch_size: int) -> list[Extracted]:
        """Embed a portion. Two may run at once: images of one are decoded while the other ends."""
        from embeddings import extract, images

        if self._model is None:
            raise RuntimeError("greet() comes first")
        return list(
            extract.stream(
                items,
                self._model,
                decode=images.prepare,
                batch_size=batch_size,
                threads=self._threads,
            )
        )


class _OneAtATime:
    """A model that two threads share; not every one bears to be called twice at once."""

    def __init__(self, model: Extractor) -> None:
        self.name, self.fingerprint = model.name, model.fingerprint
        self.input_size, self.width = model.input_size, model.width
        self.classes, self.notes = model.classes, model.notes
        self._model = model
        self._lock = threading.Lock()

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        with self._lock:
            return self._model.extract(images)
