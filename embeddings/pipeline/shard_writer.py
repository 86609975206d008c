"""Write what one model says of images to its shards, and the thumbnails to theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embeddings import columns as c
from embeddings.pipeline.reading import THUMBNAILS
from embeddings.records import Extracted
from embeddings.storage import SHARD_SIZE, EmbeddingStore, ShardRow, write_thumbnails
from embeddings.workspace import ModelInfo, Workspace, folder_of_model


class ShardWriter:
    """Gathers results of one model and writes them whenever a shard is full.

    Parameters
    ----------
    ws
        The workspace.
    info
        The model.
    thumbnails
        Write those of the results too, each file of them before its shard.
    store
        Where the shards lie, by default among the embeddings of the data set.
    """

    def __init__(
        self,
        ws: Workspace,
        info: ModelInfo,
        *,
        thumbnails: bool = False,
        store: EmbeddingStore | None = None,
    ) -> None:
        self._ws, self._info, self._thumbnails = ws, info, thumbnails
        self._store = store or ws.store(info.fingerprint)
        self._number = self._store.next_number()
        self._again = to_try_again(self._store)
        self._shard: list[Extracted] = []

    def add(self, extracted: Extracted) -> None:
        """Take a result; what fails as it did before is on the disk already."""
        if extracted.reason and extracted.reason == self._again.get(extracted.key):
            return
        self._shard.append(extracted)
        if len(self._shard) == SHARD_SIZE:
            self.close()

    def close(self) -> None:
        """Write what was gathered and is not on the disk yet."""
        if not self._shard:
            return
        if self._thumbnails:
            name = f"{folder_of_model(self._info.fingerprint)[:8]}-{self._number:06d}"
            write_thumbnails_of(self._ws, name, self._shard)
        self._store.write(self._number, [_shard_row(e) for e in self._shard], self._info.width)
        self._number += 1
        self._shard = []


def to_try_again(store: EmbeddingStore) -> dict[str, str]:
    """Return the contents that were not read for a reason that may pass, and the reason."""
    from embeddings.images import is_passing

    return {key: why for key, why in store.reasons().items() if is_passing(why)}


def write_thumbnails_of(ws: Workspace, name: str, shard: Sequence[Extracted]) -> None:
    """Write the thumbnails of some results as the file ``name``."""
    made = [(e.key, e.thumbnail) for e in shard if e.thumbnail is not None]
    if made:
        keys, thumbnails = zip(*made, strict=True)
        write_thumbnails(ws.path / THUMBNAILS / f"{name}.arrow", keys, thumbnails)


def _shard_row(e: Extracted) -> ShardRow:
    finite = e.embedding is not None and bool(np.isfinite(e.embedding).all())
    reason = e.reason or ("" if finite else "the model gives no finite embedding of it")
    return ShardRow(
        key=e.key,
        embedding=e.embedding if finite else None,
        status=c.OK if finite else c.UNREADABLE,
        reason=reason,
        width=e.width,
        height=e.height,
        format=e.format,
        grey=e.grey,
        classes=e.classes,
        probabilities=e.probabilities,
    )
