"""The worker of a cluster: its models, loaded once. It does not use Ray."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.engines.protocol import Load, Seen, WorkItem, info_of
from embeddings.records import Batch, Extractor, Pace, Result, Task
from embeddings.workspace import ModelInfo


def apply(function: Callable[[Task], Result], task: Task) -> Result:
    """Do one task. It is sent by name; ``function`` may be a ``functools.partial``."""
    return function(task)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says when its models are loaded.

    ``infos`` are the models, ``batch_size`` the images that are taken at once, ``host`` where the
    worker is; ``sees`` says whether the data can be seen from there.
    """

    infos: tuple[ModelInfo, ...]
    batch_size: int
    host: str
    sees: bool


class EmbeddingWorker:
    """Embeds one portion of images after the other.

    Parameters
    ----------
    load
        Loads the models; called by :meth:`greet`.
    threads
        That decode, and batches that a model works on at once at most.
    """

    def __init__(self, load: Load, threads: int) -> None:
        self._load = load
        self._threads = threads
        self._models: tuple[_Shared, ...] = ()

    def greet(self, sample: WorkItem | None) -> Greeting:
        """Load the models and look for the data; not in the constructor, so that errors travel."""
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        extractors = self._load()
        paces: list[Pace] = [getattr(extractor, "pace", Pace()) for extractor in extractors]
        self._models = tuple(
            _Shared(extractor, replace(pace, lanes=min(pace.lanes, self._threads)))
            for extractor, pace in zip(extractors, paces, strict=True)
        )
        sees = sample is None or not isinstance(sample.path, Path) or sample.path.exists()
        most = max(pace.batch_size for pace in paces)
        return Greeting(tuple(map(info_of, extractors)), most, socket.gethostname(), sees)

    def embed(self, items: Sequence[WorkItem], batch_size: int | None) -> list[Seen]:
        """Embed a portion. Two may run at once: images of one are decoded while the other ends."""
        from embeddings import images
        from embeddings.engines.stream import stream_through

        if not self._models:
            raise RuntimeError("greet() comes first")
        return list(
            stream_through(
                items,
                self._models,
                decode=images.prepare_all,
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
