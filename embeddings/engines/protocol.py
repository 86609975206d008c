"""The protocol of an engine: embed images, and apply a function to many tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from embeddings.records import Extracted, Extractor, Mapper
from embeddings.storage import RemoteFile
from embeddings.workspace import ModelInfo


@dataclass(frozen=True, slots=True)
class WorkItem:
    """An image to embed: ``key`` names its content, ``path`` says where it lies.

    ``models`` are the places of the models that are to see it, of those that are loaded.
    """

    key: str
    path: Path | RemoteFile
    models: tuple[int, ...] = (0,)


# what each model makes of one image, None for a model that is not to see it
Seen = tuple[Extracted | None, ...]
Load = Callable[[], tuple[Extractor, ...]]


class Embedder(Protocol):
    """Loaded models that embed images, in this process or elsewhere."""

    @property
    def infos(self) -> tuple[ModelInfo, ...]:
        """What the workspace keeps of each model."""
        ...

    def stream(self, items: Sequence[WorkItem], *, batch_size: int | None) -> Iterator[Seen]:
        """Yield what the models make of each item, in order; each file is decoded once.

        Closing the iterator stops the work.
        """
        ...


class Engine(Protocol):
    """Where the work is done. Results and their order are the same on every engine."""

    def embedder(
        self, load: Load, *, sample: WorkItem | None = None
    ) -> AbstractContextManager[Embedder]:
        """Load one model or more wherever images are to be embedded.

        Parameters
        ----------
        load
            Loads the models; called once in each process that embeds, so it must pickle unless
            the engine is this process.
        sample
            An item that every worker must be able to read; otherwise the work is not started.
        """
        ...

    def mapper(self, items: int) -> Mapper:
        """Return a mapper, which applies a function to many tasks, for so many items.

        Functions and tasks are pickled unless the engine is this process; a task brings all that
        it needs, since another machine sees neither memory nor files of this one. Tasks are
        drawn as they are needed, so there may be more of them than memory holds.
        """
        ...


def info_of(extractor: Extractor) -> ModelInfo:
    """Return what the workspace keeps of a model."""
    return ModelInfo(
        name=extractor.name,
        fingerprint=extractor.fingerprint,
        width=extractor.width,
        classes=extractor.classes,
        notes=tuple(extractor.notes),
    )
