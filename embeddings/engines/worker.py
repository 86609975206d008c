"""The worker of a cluster: one model, loaded once. It does not use Ray."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.engines.protocol import WorkItem, info_of
from embeddings.records import Batch, Extracted, Extractor, Pace, Result, Task
from embeddings.workspace import ModelInfo


def apply(function: Callable[[Task], Result], task: Task) -> Result:
    """Do one task. It is sent by name; ``function`` may be a ``functools.partial``."""
    return function(task)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says when its model is loaded.

    ``info`` is the model, ``batch_size`` the images that it takes at once, ``host`` where it is;
    ``sees`` says whether the data can be seen from there.
    """

    info: ModelInfo
    batch_size: int
    host: str
    sees: bool


class EmbeddingWorker:
    """Embeds one portion of images after the other.

    Parameters
    ----------
    load
        Loads the model; called by :meth:`greet`.
    threads
        That decode, and batches that the model works on at once at most.
    """

    def __init__(self, load: Callable[[], Extractor], threads: int) -> None:
        self._load = load
        self._threads = threads
        self._model: Extractor | None = None

    def greet(self, sample: WorkItem | None) -> Greeting:
        """Load the model and look for the data; not in the constructor, so that errors travel."""
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        extractor = self._load()
        pace: Pace = getattr(extractor, "pace", Pace())
        self._model = _Shared(extractor, replace(pace, lanes=min(pace.lanes, self._threads)))
        sees = sample is None or not isinstance(sample.path, Path) or sample.path.exists()
        return Greeting(info_of(extractor), pace.batch_size, socket.gethostname(), sees)

    def embed(self, items: Sequence[WorkItem], batch_size: int) -> list[Extracted]:
        """Embed a portion. Two may run at once: images of one are decoded while the other ends."""
        from embeddings import images
        from embeddings.engines.stream import stream

        if self._model is None:
            raise RuntimeError("greet() comes first")
        return list(
            stream(
                items,
                self._model,
                decode=images.prepare,
                batch_size=batch_size,
                threads=self._threads,
            )
        )


class _Shared:
    """A model that two portions share: never called more often at once than it allows."""

    def __init__(self, model: Extractor, pace: Pace) -> None:
        self.name, self.fingerprint = model.name, model.fingerprint
        self.input_size, self.width = model.input_size, model.width
        self.classes, self.notes = model.classes, model.notes
        self.pace = pace
        self._model = model
        self._lanes = threading.BoundedSemaphore(pace.lanes)

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        with self._lanes:
            return self._model.extract(images)
