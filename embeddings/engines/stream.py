"""Stream images through a model: threads decode while the model computes.

Results come in the order asked for. What is in memory is bounded by the batches in flight, however
long the list. A batch is always full: the last one is padded, so that the model is never compiled
for a second shape. A model that can works on several batches at once, each on a thread of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.engines.protocol import WorkItem
from embeddings.errors import ImageError, ModelError
from embeddings.machine import usable_cores
from embeddings.records import Batch, Extracted, Extractor, Pace, Prepared
from embeddings.storage import RemoteFile

TOP_CLASSES = 5

# decode(path, size) -> pixels for the model and a thumbnail; raises ImageError
Decode = Callable[[Path | RemoteFile, int], Prepared]
_Row = tuple[NDArray[np.float32], tuple[int, ...], tuple[float, ...]]


def stream(
    items: Sequence[WorkItem],
    extractor: Extractor,
    *,
    decode: Decode,
    batch_size: int | None = None,
    lanes: int | None = None,
    threads: int | None = None,
) -> Iterator[Extracted]:
    """Embed ``items`` one after the other.

    Closing the iterator, or an interrupt while it waits, drops the images not yet begun and returns
    when those being read are read. An image's result does not depend on its neighbours.

    Parameters
    ----------
    items
        What to embed; read only a few batches ahead.
    extractor
        The model.
    decode
        Reads one image; an ``ImageError`` makes a result with its reason.
    batch_size
        Images that the model takes at once; by default the extractor's ``pace``.
    lanes
        Batches that the model works on at once, by default the extractor's ``pace`` too. For each
        of them one is ready or being decoded, and one more.
    threads
        That decode; by default as many as there are cores to run on. Decoding and the model share
        them: while one waits the other works, which is faster than a fixed division.

    Yields
    ------
    One ``Extracted`` per item, in order.
    """
    pace: Pace = getattr(extractor, "pace", Pace())
    batch_size, lanes = batch_size or pace.batch_size, lanes or pace.lanes
    decoding = ThreadPoolExecutor(threads or usable_cores(), thread_name_prefix="decode")
    computing = ThreadPoolExecutor(lanes, thread_name_prefix="model")
    waiting: deque[Future[list[Extracted]]] = deque()
    starts = iter(range(0, len(items), batch_size))

    def send() -> None:
        start = next(starts, None)
        if start is not None:
            part = items[start : start + batch_size]
            read = [decoding.submit(_read, decode, i.path, extractor.input_size) for i in part]
            waiting.append(computing.submit(_embed, part, read, extractor, batch_size))

    try:
        for _ in range(2 * lanes + 1):
            send()
        while waiting:
            done = waiting.popleft().result()
            send()
            yield from done
    finally:
        decoding.shutdown(wait=True, cancel_futures=True)
        computing.shutdown(wait=True, cancel_futures=True)


def _read(decode: Decode, path: Path | RemoteFile, size: int) -> Prepared | str:
    try:
        return decode(path, size)
    except ImageError as error:
        return error.message


def _embed(
    items: Sequence[WorkItem],
    reading: Sequence[Future[Prepared | str]],
    extractor: Extractor,
    batch_size: int,
) -> list[Extracted]:
    """Wait until a batch is decoded, and embed it."""
    read = [future.result() for future in reading]
    good = [prepared for prepared in read if isinstance(prepared, Prepared)]
    rows: Iterator[_Row] = iter(())
    if good:
        size = extractor.input_size
        pixels = np.zeros((batch_size, size, size, 3), dtype=np.uint8)
        for place, prepared in enumerate(good):
            pixels[place] = prepared.pixels
        rows = _rows(as_batch(extractor.extract(pixels), extractor, batch_size), len(good))
    return [
        Extracted(item.key, None, reason=prepared)
        if isinstance(prepared, str)
        else _extracted(item, prepared, *next(rows))
        for item, prepared in zip(items, read, strict=True)
    ]


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
