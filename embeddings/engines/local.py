"""The engine of one machine: its threads and processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from embeddings.engines.protocol import Embedder, WorkItem, info_of
from embeddings.engines.workers import mapper_for
from embeddings.records import Extracted, Extractor, Mapper
from embeddings.workspace import ModelInfo


class LocalEngine:
    """Does all work on this machine."""

    @contextmanager
    def embedder(
        self, load: Callable[[], Extractor], *, sample: WorkItem | None = None
    ) -> Iterator[Embedder]:
        """Load the model in this process."""
        yield _LocalEmbedder(load())

    def mapper(self, items: int) -> Mapper:
        """Return a mapper that does tasks in turn, or in processes where there are many items."""
        return mapper_for(items)


class _LocalEmbedder:
    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    @property
    def info(self) -> ModelInfo:
        return info_of(self._extractor)

    def stream(self, items: Sequence[WorkItem], *, batch_size: int | None) -> Iterator[Extracted]:
        from embeddings import images
        from embeddings.engines.stream import stream

        return stream(items, self._extractor, decode=images.prepare, batch_size=batch_size)
