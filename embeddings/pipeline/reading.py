"""Read the embeddings of a workspace: in memory, or in a file where they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import Rows, blocks
from embeddings.engines import FEW_ITEMS
from embeddings.errors import MissingStageError
from embeddings.workspace import ModelInfo, Workspace

THUMBNAILS = "thumbnails"  # folder of packed thumbnails
LOOKS = "looks"  # folder of the measures of thumbnails
ROWS_FILE = "rows.bin"  # in the workspace while a stage reads it; large, and quickly made anew

SECOND_ROWS_FILE = "second-rows.bin"


@contextmanager
def embeddings_of(
    ws: Workspace, keys: Sequence[str], model: ModelInfo | None = None
) -> Iterator[tuple[Rows, NDArray[np.intp]]]:
    """Give the embeddings of ``keys`` (n, d), and the places of those that have one.

    ``model`` is that of the second look, or None for the model whose embeddings are current.

    Many are gathered in a file, which goes when the block ends.

    Raises
    ------
    MissingStageError
        Nothing was embedded yet.
    """
    file = ws.path / (ROWS_FILE if model is None else SECOND_ROWS_FILE)
    model = model or ws.info.model
    if model is None:
        raise MissingStageError(ws.path, "embed")
    store = ws.store(model.fingerprint)
    try:
        every: Rows = (
            store.matrix(keys, model.width)
            if len(keys) < FEW_ITEMS
            else store.stored(keys, model.width, file)
        )
        finite = [np.isfinite(block).all(axis=1) for _, block in blocks(every)]
        yield every, np.flatnonzero(np.concatenate([*finite, np.zeros(0, dtype=bool)]))
    finally:
        file.unlink(missing_ok=True)
