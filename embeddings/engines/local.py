"""The engine of one machine: its threads and processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from embeddings.engines.protocol import Embedder, Load, Seen, WorkItem, info_of
from embeddings.engines.workers import mapper_for
from embeddings.records import Extractor, Mapper
from embeddings.workspace import ModelInfo


class LocalEngine:
    """Does all work on this machine."""

    @contextmanager
    def embedder(self, load: Load, *, sample: WorkItem | None = None) -> Iterator[Embedder]:
        """Load the models in this process."""
        yield _LocalEmbedder(load())

    def mapper(self, items: int) -> Mapper:
        """Return a mapper that does tasks in turn, or in processes where there are many items."""
        return mapper_for(items)


class _LocalEmbedder:
    def __init__(self, extractors: tuple[Extractor, ...]) -> None:
        self._extractors = extractors

    @property
    def infos(self) -> tuple[ModelInfo, ...]:
        return tuple(map(info_of, self._extractors))

    def stream(self, items: Sequence[WorkItem], *, batch_size: int | None) -> Iterator[Seen]:
        from embeddings import images
        from embeddings.engines.stream import stream_through

        return stream_through(
            items, self._extractors, decode=images.prepare_all, batch_size=batch_size
        )
