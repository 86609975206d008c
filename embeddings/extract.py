"""The streaming run: images are decoded on threads while the model computes.

Results come in the order asked for. What is in memory is bounded by the batches in flight, however
long the list. A batch is always full: the last one is padded, so that the model is never compiled
for a second shape.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import ImageError
from embeddings.records import Batch, Extracted, Extractor, Prepared, WorkItem

TOP_CLASSES = 5
IN_FLIGHT = 3  # batches: one in the model, one ready, one being decoded

# decode(path, size) -> what a model and a person need of it; raises ImageError
Decode = Callable[[Path, int], Prepared]


def stream(
    items: Sequence[WorkItem],
    extractor: Extractor,
    *,
    decode: Decode,
    batch_size: int = 32,
    threads: int | None = None,
) -> Iterator[Extracted]:
    """Embed ``items`` one after the other.

    Closing the iterator, or an interrupt while it waits, drops what is not yet begun and returns
    when the images being read are read. An image's result does not depend on its neighbours.

    Parameters
    ----------
    items
        What to embed; read only a few batches ahead.
    extractor
        The model.
    decode
        Reads one image; an ``ImageError`` makes a result with its reason.
    batch_size
        Images that the model takes at once.
    threads
        That decode; by default as many as there are cores to run on. Decoding and the model share
        them: while one waits the other works, which is faster than a fixed division.

    Yields
    ------
    One ``Extracted`` per item, in order.
    """
    pool = ThreadPoolExecutor(threads or _cores(), thread_name_prefix="decode")
    waiting: deque[list[tuple[WorkItem, Future[Prepared | str]]]] = deque()
    starts = iter(range(0, len(items), batch_size))

    def send() -> None:
        start = next(starts, None)
        if start is not None:
            part = items[start : start + batch_size]
            waiting.append(
                [(i, pool.submit(_read, decode, i.path, extractor.input_size)) for i in part]
            )

    try:
        for _ in range(IN_FLIGHT):
            send()
        while waiting:
            read = [(item, future.result()) for item, future in waiting.popleft()]
            send()
            yield from _embed(read, extractor, batch_size)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read(decode: Decode, path: Path, size: int) -> Prepared | str:
    try:
        return decode(path, size)
    except ImageError as error:
        return error.message


def _embed(
    read: list[tuple[WorkItem, Prepared | str]], extractor: Extractor, batch_size: int
) -> Iterator[Extracted]:
    good = [p for _, p in read if isinstance(p, Prepared)]
    size = extractor.input_size
    batch: Batch | None = None
    if good:
        pixels = np.zeros((batch_size, size, size, 3), dtype=np.uint8)
        for place, readable in enumerate(good):
            pixels[place] = readable.pixels
        batch = extractor.extract(pixels)
    place = 0
    for item, prepared in read:
        if batch is None or isinstance(prepared, str):
            yield Extracted(item.key, None, reason=str(prepared))
            continue
        classes, probabilities = _likeliest(batch, place)
        yield Extracted(
            key=item.key,
            embedding=np.asarray(batch.embeddings[place], dtype=np.float32),
            thumbnail=prepared.thumbnail,
            width=prepared.width,
            height=prepared.height,
            format=prepared.format,
            grey=prepared.grey,
            classes=classes,
            probabilities=probabilities,
        )
        place += 1


def _likeliest(batch: Batch, row: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    if batch.probabilities is None:
        return (), ()
    probabilities: NDArray[np.float32] = batch.probabilities[row]
    best = np.argsort(-probabilities, kind="stable")[:TOP_CLASSES]
    return tuple(int(i) for i in best), tuple(float(probabilities[i]) for i in best)
