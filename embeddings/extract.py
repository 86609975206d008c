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
        That decode; by default as many as there are cores.

    Yields
    ------
    One ``Extracted`` per item, in order.
    """
    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="decode")
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
        for place, prepared in enumerate(good):
            pixels[place] = prepared.pixels
        batch = extractor.extract(pixels)
    place = 0
    for item, prepared in read:
        if batch is None or not isinstance(prepared, Prepared):
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
