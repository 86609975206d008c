"""Stream images through one model or more: threads decode while the models compute.

Results come in the order asked for. What is in memory is bounded by the batches in flight, however
long the list. Each file is decoded once for all models. A batch is always full: the last one is
padded, so that a model is never compiled for a second shape. A model that can works on several
batches at once, each on a thread of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.engines.protocol import Seen, WorkItem
from embeddings.errors import ImageError, ModelError
from embeddings.machine import usable_cores
from embeddings.records import Batch, Extracted, Extractor, Pace, Prepared
from embeddings.storage import RemoteFile

TOP_CLASSES = 5

# decode(path, sizes) -> for each size the pixels for a model, and a thumbnail; raises ImageError
Decode = Callable[[Path | RemoteFile, tuple[int, ...]], tuple[Prepared, ...]]
_Row = tuple[NDArray[np.float32], tuple[int, ...], tuple[float, ...]]
_Read = tuple[Prepared, ...] | str  # by model, or the reason why an image can't be read


def stream(
    items: Sequence[WorkItem],
    extractor: Extractor,
    *,
    decode: Callable[[Path | RemoteFile, int], Prepared],
    batch_size: int | None = None,
    lanes: int | None = None,
    threads: int | None = None,
) -> Iterator[Extracted]:
    """Embed ``items`` by one model, which sees them all; see ``stream_through``."""

    def decode_for_one(path: Path | RemoteFile, sizes: tuple[int, ...]) -> tuple[Prepared, ...]:
        return (decode(path, sizes[0]),)

    seen = stream_through(
        items,
        (extractor,),
        decode=decode_for_one,
        batch_size=batch_size,
        lanes=lanes,
        threads=threads,
    )
    with closing(seen):
        for (extracted,) in seen:
            if extracted is not None:
                yield extracted


def stream_through(
    items: Sequence[WorkItem],
    extractors: Sequence[Extractor],
    *,
    decode: Decode,
    batch_size: int | None = None,
    lanes: int | None = None,
    threads: int | None = None,
) -> Generator[Seen]:
    """Embed ``items`` one after the other by every model that is to see them.

    Closing the iterator, or an interrupt while it waits, drops the images not yet begun and returns
    when those being read are read. An image's result depends neither on its neighbours nor on the
    other models.

    Parameters
    ----------
    items
        What to embed; read only a few batches ahead.
    extractors
        The models; ``WorkItem.models`` are places in this sequence.
    decode
        Reads one image for all models at once; an ``ImageError`` makes results with its reason.
    batch_size
        Images that a model takes at once; by default the extractor's ``pace``. As many as the
        model that takes most are decoded together, and taken by the others in parts.
    lanes
        Batches that a model works on at once, by default the extractor's ``pace`` too. For each
        of them one is ready or being decoded, and one more.
    threads
        That decode; by default as many as there are cores to run on. Decoding and the models share
        them: while one waits the other works, which is faster than a fixed division.

    Yields
    ------
    One ``Seen`` per item, in order.
    """
    models = [_Fed.of(extractor, batch_size, lanes) for extractor in extractors]
    together = max(model.batch_size for model in models)
    at_once = max(model.lanes for model in models)
    decoding = ThreadPoolExecutor(threads or usable_cores(), thread_name_prefix="decode")
    computing = ThreadPoolExecutor(at_once, thread_name_prefix="model")
    waiting: deque[Future[list[Seen]]] = deque()
    starts = iter(range(0, len(items), together))

    def send() -> None:
        start = next(starts, None)
        if start is not None:
            part = items[start : start + together]
            read = [decoding.submit(_read, decode, item, models) for item in part]
            waiting.append(computing.submit(_embed, part, read, models))

    try:
        for _ in range(2 * at_once + 1):
            send()
        while waiting:
            done = waiting.popleft().result()
            send()
            yield from done
    finally:
        decoding.shutdown(wait=True, cancel_futures=True)
        computing.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Fed:
    """A model, and how it is fed: never more than ``lanes`` batches at once."""

    extractor: Extractor
    batch_size: int
    lanes: int
    room: BoundedSemaphore

    @staticmethod
    def of(extractor: Extractor, batch_size: int | None, lanes: int | None) -> _Fed:
        pace: Pace = getattr(extractor, "pace", Pace())
        lanes = lanes or pace.lanes
        return _Fed(extractor, batch_size or pace.batch_size, lanes, BoundedSemaphore(lanes))

    def rows(self, pixels: Sequence[NDArray[np.uint8]]) -> Iterator[_Row]:
        """Yield what the model says of each image; a batch is always full."""
        size = self.extractor.input_size
        for start in range(0, len(pixels), self.batch_size):
            part = pixels[start : start + self.batch_size]
            batch = np.zeros((self.batch_size, size, size, 3), dtype=np.uint8)
            for place, one in enumerate(part):
                batch[place] = one
            with self.room:
                said = as_batch(self.extractor.extract(batch), self.extractor, self.batch_size)
            yield from _rows(said, len(part))


def _read(decode: Decode, item: WorkItem, models: Sequence[_Fed]) -> _Read:
    try:
        sizes = tuple(models[place].extractor.input_size for place in item.models)
        return decode(item.path, sizes)
    except ImageError as error:
        return error.message


def _embed(
    items: Sequence[WorkItem], reading: Sequence[Future[_Read]], models: Sequence[_Fed]
) -> list[Seen]:
    """Wait until a batch is decoded, and embed it by each model that is to see it."""
    read = [future.result() for future in reading]
    done: list[list[Extracted | None]] = [[None] * len(models) for _ in items]
    for place, model in enumerate(models):
        good: list[tuple[int, Prepared]] = []
        for number, (item, views) in enumerate(zip(items, read, strict=True)):
            if place not in item.models:
                continue
            if isinstance(views, str):
                done[number][place] = Extracted(item.key, None, reason=views)
            else:
                good.append((number, views[item.models.index(place)]))
        rows = model.rows([prepared.pixels for _, prepared in good])
        for (number, prepared), row in zip(good, rows, strict=True):
            done[number][place] = _extracted(items[number], prepared, *row)
    return [tuple(each) for each in done]


def _extracted(
    item: WorkItem,
    prepared: Prepared,
    embedding: NDArray[np.float32],
    classes: tuple[int, ...],
    probabilities: tuple[float, ...],
) -> Extracted:
    return Extracted(
        key=item.key,
        embedding=embedding,
        thumbnail=prepared.thumbnail,
        width=prepared.width,
        height=prepared.height,
        format=prepared.format,
        grey=prepared.grey,
        classes=classes,
        probabilities=probabilities,
    )


def as_batch(said: Any, extractor: Extractor, n: int) -> Batch:
    """Return the result of a user's own extractor for ``n`` images as a batch.

    Raises
    ------
    ModelError
        It is no row of the extractor's ``width`` for each image.
    """
    batch = said if isinstance(said, Batch) else Batch(np.asarray(said), None)
    shape = np.shape(batch.embeddings)
    if shape != (n, extractor.width):
        raise ModelError(
            f"{extractor.name} gives embeddings of shape {shape}, and says of itself that they are "
            f"{extractor.width} wide.",
            hint=f"For {n} images it has to return ({n}, {extractor.width}).",
        )
    return batch


def _rows(batch: Batch, n: int) -> Iterator[_Row]:
    """Yield embedding, likeliest classes and their probabilities of the first ``n`` images."""
    embeddings = np.asarray(batch.embeddings[:n], dtype=np.float32)
    if batch.probabilities is None:
        yield from ((row, (), ()) for row in embeddings)
        return
    best = np.argsort(-batch.probabilities[:n], axis=1, kind="stable")[:, :TOP_CLASSES]
    values = np.take_along_axis(batch.probabilities[:n], best, axis=1)
    yield from (
        (row, tuple(classes), tuple(probabilities))
        for row, classes, probabilities in zip(
            embeddings, best.tolist(), values.tolist(), strict=True
        )
    )
