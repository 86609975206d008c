"""The pool of a workspace: images without a label, from a folder of their own and the data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import MissingStageError, UsageError
from embeddings.retrieval.collecting import worth_collecting
from embeddings.storage import KEY, EmbeddingStore
from embeddings.workspace import Workspace, folder_of_model

if TYPE_CHECKING:
    import pandas as pd

POOL: Final = "pool"  # folder of the workspace
POOL_FILE: Final = "pool.parquet"  # in it: one row per image, as ``manifest.parquet``
PATH: Final = "path"  # column of it: where the image lies
OF_POOL, OF_DATA_SET = "pool", "data set"
COLLECT_COLUMNS: Final = ("rank", "file", "source", "score", "nearness", "like")
HOW: Final = "Give a folder of images without labels: `rosette collect WS --slice 1 --pool FOLDER`."
_ROWS_AT_ONCE: Final = 4096


def pool_store(ws: Workspace, fingerprint: str) -> EmbeddingStore:
    """Return the embeddings that one model made of the pool."""
    return EmbeddingStore(ws.path / POOL / "embeddings" / folder_of_model(fingerprint))


def has_pool(ws: Workspace, some_unlabelled: bool) -> bool:
    """Whether there is anything to collect from: a pool, or items without a label among others."""
    return some_unlabelled or (ws.path / POOL / POOL_FILE).is_file()


def collect(ws: Workspace, items: pd.DataFrame, rows: Sequence[int], *, most: int) -> pd.DataFrame:
    """Return the images without a label that would help most beside some items.

    Parameters
    ----------
    items
        The items of the run, in their order.
    rows
        Places of the items asked about.
    most
        Images wanted.

    Returns
    -------
    One row per image, the most helpful first: ``rank``, ``file`` (its path; in the data set as the
    column ``file`` of the items has it), ``source`` (``pool`` or ``data set``), ``score``,
    ``nearness`` (mean cosine with the nearest items asked about) and ``like``, the file of the item
    that it is most like.

    Raises
    ------
    MissingStageError
        Nothing was embedded yet.
    UsageError
        There is no pool, or none of the items has an embedding.
    """
    import pandas as pd

    model = ws.info.model
    if model is None:
        raise MissingStageError(ws.path, "embed")
    free = _unlabelled(items)
    if not has_pool(ws, bool(free.any())):
        raise UsageError("There is nothing to collect from.", hint=HOW)
    asked, store = np.asarray(rows, dtype=np.intp), ws.store(model.fingerprint)
    vectors = store.matrix(ws.keys(items.iloc[asked]), model.width)
    told = np.isfinite(vectors).all(axis=1)
    if not told.any():
        raise UsageError(
            "None of these images has an embedding.", hint="Choose images that can be read."
        )
    asked, vectors = asked[told], vectors[told]
    sources = _files_by_key(ws, items, free)
    inner, outer = (
        _Found(store, sources[OF_DATA_SET]),
        _Found(pool_store(ws, model.fingerprint), sources[OF_POOL]),
    )
    own = set(ws.keys(items.iloc[asked]))
    labelled = set(ws.keys(items[~free])) - own
    worth = worth_collecting(
        vectors,
        _chained(inner.blocks(), outer.blocks()),
        (block for block, _ in _blocks(store, labelled)),
        most=most,
    )
    found = [*inner.files, *outer.files]
    source = [OF_DATA_SET] * len(inner.files) + [OF_POOL] * len(outer.files)
    files = items[c.FILE].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(worth.places) + 1),
            "file": [found[place] for place in worth.places],
            "source": [source[place] for place in worth.places],
            "score": worth.score.round(4),
            "nearness": worth.nearness.round(4),
            "like": [files[asked[place]] for place in worth.like],
        },
        columns=list(COLLECT_COLUMNS),
    )


class _Found:
    """The images of one store that are wanted; ``files`` in the order in which they were read."""

    def __init__(self, store: EmbeddingStore, file_of: dict[str, str]) -> None:
        self._store, self._file_of = store, file_of
        self.files: list[str] = []

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield their embeddings; each content once."""
        for block, keys in _blocks(self._store, set(self._file_of)):
            self.files += [self._file_of[key] for key in keys]
            yield block


def _chained(*parts: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    for part in parts:
        yield from part


def _blocks(
    store: EmbeddingStore, wanted: set[str]
) -> Iterator[tuple[NDArray[np.float32], list[str]]]:
    """Yield the finite embeddings of the wanted keys in blocks, with the keys; each key once."""
    left = set(wanted)
    for table in store.tables():
        column = table.column(c.EMBEDDING)
        present = np.flatnonzero(np.asarray(column.is_valid()))
        keys = table.column(KEY).take(present).to_pylist()
        at = [n for n, key in enumerate(keys) if key in left]
        left.difference_update(keys)
        if not at:
            continue
        values = column.combine_chunks().flatten().to_numpy().reshape(len(present), -1)
        for start in range(0, len(at), _ROWS_AT_ONCE):
            part = at[start : start + _ROWS_AT_ONCE]
            yield values[part].astype(np.float32), [keys[n] for n in part]


def _unlabelled(items: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which items have no label, where others have one."""
    free = np.asarray(items[c.LABEL] == c.NO_LABEL, dtype=bool)
    return free if not free.all() else np.zeros(len(items), dtype=bool)


def _files_by_key(
    ws: Workspace, items: pd.DataFrame, free: NDArray[np.bool_]
) -> dict[str, dict[str, str]]:
    """Return the file of each content of the pool and of the data set's items without a label.

    What the data set holds with a label is no candidate, and what is in both is named once.
    """
    import pandas as pd

    unlabelled = items[free]
    inner = dict(zip(ws.keys(unlabelled), unlabelled[c.FILE].astype(str), strict=True))
    file = ws.path / POOL / POOL_FILE
    outer: dict[str, str] = {}
    if file.is_file():
        frame = pd.read_parquet(file, columns=[PATH, c.SHA256, c.STATUS])
        frame = frame[frame[c.STATUS] == c.OK]
        known = set(items[c.SHA256].fillna("").astype(str)) if c.SHA256 in items else set()
        pairs = zip(frame[c.SHA256].astype(str), frame[PATH].astype(str), strict=True)
        for key, path in pairs:
            if key not in known:
                outer.setdefault(key, path)
    return {OF_DATA_SET: inner, OF_POOL: outer}


def collected_csv(found: pd.DataFrame) -> str:
    """Return what ``collect`` found as CSV, safe for spreadsheets."""
    from embeddings.storage import neutralised

    safe = found.assign(**{name: found[name].map(neutralised) for name in ("file", "like")})
    return str(safe.to_csv(index=False, lineterminator="\n"))


def path_in_pool(root: str, file: str) -> str:
    """Return where an image of a pool lies."""
    return str(Path(root) / file)
