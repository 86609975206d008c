"""The likeliest classes of each content, as the model's head gave them, in two arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.storage.shards import KEY

if TYPE_CHECKING:
    from embeddings.storage.shards import EmbeddingStore


@dataclass(frozen=True, slots=True)
class ClassScores:
    """The k likeliest classes of n items, best first.

    ``index`` (n, k) int32 are numbers of classes, -1 where there are fewer; ``probability`` (n, k)
    float32, 0 there.
    """

    index: NDArray[np.int32]
    probability: NDArray[np.float32]


def class_scores(store: EmbeddingStore, keys: Any) -> ClassScores | None:
    """Read the likeliest classes of ``keys``, in their order; None where the model has no head.

    Of a content that was looked at twice, the second look counts. ``keys`` are a sequence of
    texts, or a column of Arrow.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = isinstance(keys, pa.ChunkedArray)
    wanted = (keys.combine_chunks() if column else pa.array(keys)).cast(pa.large_string())
    n = len(wanted)
    index = np.full((n, 0), -1, dtype=np.int32)
    probability = np.zeros((n, 0), dtype=np.float32)
    for table in store.tables():
        held = pc.index_in(wanted, value_set=table.column(KEY).cast(pa.large_string()))
        rows = np.flatnonzero(held.is_valid().to_numpy(zero_copy_only=False))
        if not len(rows):
            continue
        at = held.take(pa.array(rows))
        classes = table.column(c.PREDICTED_CLASSES).take(at).combine_chunks()
        scores = table.column(c.PREDICTED_PROBABILITIES).take(at).combine_chunks()
        counts = pc.list_value_length(classes).fill_null(0).to_numpy(zero_copy_only=False)
        if not counts.sum():
            continue
        more = int(counts.max()) - index.shape[1]
        if more > 0:
            index = np.pad(index, ((0, 0), (0, more)), constant_values=-1)
            probability = np.pad(probability, ((0, 0), (0, more)))
        index[rows], probability[rows] = -1, 0
        first = np.cumsum(counts) - counts
        place = np.arange(counts.sum()) - np.repeat(first, counts)
        spread = np.repeat(rows, counts)
        index[spread, place] = classes.flatten().to_numpy(zero_copy_only=False)
        probability[spread, place] = scores.flatten().to_numpy(zero_copy_only=False)
    return ClassScores(index, probability) if index.shape[1] else None
