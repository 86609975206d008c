"""The manifest with what decoding found out about each item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from embeddings import columns as c
from embeddings.errors import MissingStageError, SourceError
from embeddings.workspace import GIVEN, Workspace

if TYPE_CHECKING:
    import pandas as pd

_FOUND_OUT: Final = [c.STATUS, c.REASON, c.WIDTH, c.HEIGHT, c.FORMAT, c.GREY]


def with_what_was_seen(ws: Workspace, *, only: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """Return the manifest with what decoding found out, and each item's key in the store.

    ``only``: without the items that the models have not seen yet.

    Raises
    ------
    MissingStageError
        Nothing was embedded yet.
    """
    model = ws.info.model
    if model is None:
        raise MissingStageError(ws.path, "embed")
    store = ws.store(model.fingerprint)
    frame = ws.manifest()
    if only:
        done = store.done()
        if ws.info.second is not None:
            done &= ws.store(ws.info.second.fingerprint).done()
        frame = frame[[key in done for key in ws.keys(frame)]].reset_index(drop=True)
    keys = ws.keys(frame)
    frame = frame.assign(**{c.GREY: False})
    if model.name == GIVEN:
        return frame, keys
    facts = store.facts().reindex(index=keys, columns=_FOUND_OUT)
    seen = facts[c.STATUS].notna().to_numpy() & (frame[c.STATUS] == c.OK).to_numpy()
    for name in _FOUND_OUT:
        values = frame[name].to_numpy(dtype=object, copy=True)
        values[seen] = facts[name].to_numpy(dtype=object)[seen]
        frame[name] = values
    for name in (c.WIDTH, c.HEIGHT):
        frame[name] = frame[name].fillna(0).astype(np.int32)
    return frame.assign(**{c.GREY: frame[c.GREY].astype(bool)}), keys


def nothing_embedded(ws: Workspace, frame: pd.DataFrame) -> SourceError:
    """Return the error for a data set without one usable image, with the first reason."""
    bad = frame[frame[c.REASON] != ""]
    first = f"; the first, {bad[c.FILE].iloc[0]!r}: {bad[c.REASON].iloc[0]}" if len(bad) else ""
    return SourceError(
        f"None of the {len(frame):,} images of {ws.info.source} could be embedded{first}.",
        hint="Copy or convert them, and run the same command again.",
    )
