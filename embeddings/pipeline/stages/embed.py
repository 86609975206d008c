"""Stage embed: one embedding and one thumbnail of every readable content."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.engines import Embedder, Engine, LocalEngine, WorkItem, info_of
from embeddings.errors import UsageError
from embeddings.pipeline.reading import THUMBNAILS
from embeddings.pipeline.stages.stage import stage
from embeddings.pipeline.unchanged import unchanged
from embeddings.records import Extracted, Extractor, ModelSpec, Progress, no_progress
from embeddings.storage import (
    SHARD_SIZE,
    EmbeddingStore,
    RemoteFile,
    ShardRow,
    ThumbnailIndex,
    is_remote,
    write_text,
    write_thumbnails,
)
from embeddings.workspace import (
    GIVEN,
    ModelInfo,
    Workspace,
    folder_of_model,
    model_from_json,
    model_to_json,
)

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

MODEL_FILE: Final = "model.json"  # beside a model's shards

AUTO: Final = "auto"  # the second look is taken where the model may have been trained on the labels
NO_SECOND: Final = "none"


def embed(
    workspace: str | Path,
    *,
    model: str | ModelSpec | Extractor = "embedded",
    second_look: str | ModelSpec | Extractor = AUTO,
    batch_size: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Embed every readable image that this model has not seen yet, and make its thumbnail.

    ``second_look`` is a further model by which labels are judged too, ``none``, or ``auto``: the
    embedded model where ``model`` is a file, which may have been trained on these very labels.
    """
    engine = engine or LocalEngine()
    with stage(workspace, "embed"):
        ws = Workspace.open(workspace)
        frame = ws.manifest()
        if ws.info.model is not None and ws.info.model.name == GIVEN:
            _only_thumbnails(ws, frame, batch_size, engine, progress)
            return ws
        work = _work(ws, frame)
        seen = partial(_seen_by, ws, work, batch_size=batch_size, engine=engine, progress=progress)
        first = ModelSpec(model) if isinstance(model, str) else model
        other = _second_of(first, second_look)
        info = seen(first)
        second = None if other is None else seen(other, thumbnails=False)
        if second is not None and second.fingerprint == info.fingerprint:
            second = None
        if (ws.info.model, ws.info.second) != (info, second):
            ws.update(model=info, second=second)
        return ws


def _to_try_again(store: EmbeddingStore) -> dict[str, str]:
    """Return the contents that were not read for a reason that may pass, and the reason."""
    from embeddings.images import is_passing

    return {key: why for key, why in store.reasons().items() if is_passing(why)}


def _todo(store: EmbeddingStore, work: list[WorkItem]) -> list[WorkItem]:
    """Return what one model has not seen, or has to look at again."""
    done = store.done() - _to_try_again(store).keys()
    return [item for item in work if item.key not in done]


def _known_model(ws: Workspace, asked: ModelSpec | Extractor) -> ModelInfo | None:
    """Return what the workspace keeps of a model that it has seen, without loading it."""
    if not isinstance(asked, ModelSpec):
        return info_of(asked) if hasattr(asked, "extract") else None
    from embeddings.backbones import identity

    own = identity(asked)
    for file in sorted((ws.path / "embeddings").glob(f"*/{MODEL_FILE}")) if own else ():
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            if kept["identity"] == own:
                return model_from_json(kept["model"])
        except (ValueError, KeyError, TypeError):
            log.warning("%s is damaged; the model is loaded, and it is written anew.", file)
    return None


def _remember(store: EmbeddingStore, asked: ModelSpec | Extractor, info: ModelInfo) -> None:
    """Write beside the shards which model they are of, so that it is known without loading."""
    from embeddings.backbones import identity

    own = identity(asked) if isinstance(asked, ModelSpec) else ""
    if own:
        kept = {"identity": own, "model": model_to_json(info)}
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        write_text(store.folder / MODEL_FILE, text + "\n")


def _seen_by(
    ws: Workspace,
    work: list[WorkItem],
    model: ModelSpec | Extractor,
    *,
    thumbnails: bool = True,
    batch_size: int | None,
    engine: Engine,
    progress: Progress,
) -> ModelInfo:
    """Embed by one model what it has not seen yet; return which model it is."""
    known = _known_model(ws, model)
    if known is not None and not _todo(ws.store(known.fingerprint), work):
        return known  # nothing to do: the model need not be loaded
    with engine.embedder(partial(_load, model), sample=next(iter(work), None)) as embedder:
        info = embedder.info
        store = ws.store(info.fingerprint)
        again = _to_try_again(store)
        number = store.next_number()
        results = _stream(ws, _todo(store, work), embedder, batch_size, progress)
        # what fails as it did before is on the disk already
        fresh = (e for e in results if not e.reason or e.reason != again.get(e.key))
        for shard in _shards(fresh):
            if thumbnails:
                name = f"{folder_of_model(info.fingerprint)[:8]}-{number:06d}"
                _write_thumbnails(ws, name, shard)
            store.write(number, [_shard_row(e) for e in shard], info.width)
            number += 1
        _remember(store, model, info)
    return info


def _second_of(
    model: ModelSpec | Extractor, asked: str | ModelSpec | Extractor
) -> ModelSpec | Extractor | None:
    """Return the model of the second look; None for none."""
    if not isinstance(asked, str):
        return asked
    if asked == NO_SECOND:
        return None
    if asked != AUTO:
        return ModelSpec(asked)
    from embeddings.backbones import is_in_table

    own = isinstance(model, ModelSpec) and not is_in_table(model.model)
    return ModelSpec() if own else None


def _load(model: ModelSpec | Extractor) -> Extractor:
    if not isinstance(model, ModelSpec):
        if not hasattr(model, "extract"):
            raise UsageError(
                f"{model!r} is no model that can embed.",
                hint="Of a function make one: `backbones.from_function(f, size=224)`.",
            )
        return model
    from embeddings import backbones
    from embeddings.backbones import quiet_native_logs

    with quiet_native_logs():
        if backbones.uses_tensorflow(model.model):
            backbones.one_core_a_batch()
        return backbones.load_spec(model)


def _work(ws: Workspace, frame: pd.DataFrame) -> list[WorkItem]:
    """Return each readable content once, by the first file that has it."""
    readable = frame[frame[c.STATUS] == c.OK].drop_duplicates(c.SHA256)
    root = RemoteFile(ws.info.root) if is_remote(ws.info.root) else Path(ws.info.root)
    return [
        WorkItem(key=str(key), path=root / str(file))
        for key, file in zip(readable[c.SHA256], readable[c.FILE], strict=True)
    ]


def _stream(
    ws: Workspace,
    todo: list[WorkItem],
    embedder: Embedder,
    batch_size: int | None,
    progress: Progress,
) -> Iterator[Extracted]:
    progress(0, len(todo), "embed")
    results = unchanged(embedder.stream(todo, batch_size=batch_size), ws, todo)
    for place, extracted in enumerate(results, start=1):
        yield extracted
        progress(place, len(todo), "embed")


def _shards(results: Iterable[Extracted]) -> Iterator[list[Extracted]]:
    shard: list[Extracted] = []
    for extracted in results:
        shard.append(extracted)
        if len(shard) == SHARD_SIZE:
            yield shard
            shard = []
    if shard:
        yield shard


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


def _write_thumbnails(ws: Workspace, name: str, shard: list[Extracted]) -> None:
    made = [(e.key, e.thumbnail) for e in shard if e.thumbnail is not None]
    if made:
        keys, thumbnails = zip(*made, strict=True)
        write_thumbnails(ws.path / THUMBNAILS / f"{name}.arrow", keys, thumbnails)


class _NoModel:
    """Stands in where embeddings came ready-made: images are decoded for their thumbnails."""

    name = GIVEN
    fingerprint = GIVEN
    input_size = 32
    width = 1
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def extract(self, images: NDArray[np.uint8]) -> Any:
        from embeddings.records import Batch

        return Batch(np.zeros((len(images), 1), np.float32), None)


def _only_thumbnails(
    ws: Workspace,
    frame: pd.DataFrame,
    batch_size: int | None,
    engine: Engine,
    progress: Progress,
) -> None:
    index = ThumbnailIndex(ws.path / THUMBNAILS)
    todo = [item for item in _work(ws, frame) if index.get(item.key) is None]
    first = len(list((ws.path / THUMBNAILS).glob("*.arrow")))
    with engine.embedder(_NoModel, sample=next(iter(todo), None)) as embedder:
        stream = _stream(ws, todo, embedder, batch_size, progress)
        for number, shard in enumerate(_shards(stream), start=first):
            _write_thumbnails(ws, f"{GIVEN}-{number:06d}", shard)
