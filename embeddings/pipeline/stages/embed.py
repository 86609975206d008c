"""Stage embed: one embedding and one thumbnail of every readable content."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.backbones import TextImagePair, text_image_pair
from embeddings.engines import Embedder, Engine, LocalEngine, Seen, WorkItem, info_of
from embeddings.errors import UsageError
from embeddings.pipeline.provisional import FIRST_PAUSE, Pause, in_rounds
from embeddings.pipeline.reading import THUMBNAILS
from embeddings.pipeline.shard_writer import ShardWriter, to_try_again, write_thumbnails_of
from embeddings.pipeline.stages.stage import stage
from embeddings.pipeline.unchanged import unchanged
from embeddings.records import Extractor, ModelSpec, Progress, no_progress
from embeddings.storage import (
    SHARD_SIZE,
    EmbeddingStore,
    RemoteFile,
    ThumbnailIndex,
    is_remote,
    write_text,
)
from embeddings.workspace import (
    GIVEN,
    ModelInfo,
    Workspace,
    model_from_json,
    model_to_json,
)

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_Model = ModelSpec | Extractor | TextImagePair
MODEL_FILE: Final = "model.json"  # beside a model's shards

AUTO: Final = "auto"  # the second look is taken where the model may have been trained on the labels
NO_SECOND: Final = "none"


def embed(
    workspace: str | Path,
    *,
    model: str | ModelSpec | Extractor = "embedded",
    second_look: str | ModelSpec | Extractor = AUTO,
    text_model: str | Path | TextImagePair | None = None,
    batch_size: int | None = None,
    engine: Engine | None = None,
    pause: Pause | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Embed every readable image that this model has not seen yet, and make its thumbnail.

    ``second_look`` is a further model by which labels are judged too, ``none``, or ``auto``: the
    embedded model where ``model`` is a file, which may have been trained on these very labels.
    ``text_model`` is the folder of a text-image pair (``backbones.text_image_pair``), whose
    embeddings are kept beside. Each file is decoded once for all models. What one of them has seen
    before is not shown to it again. Where there is something to do at a ``pause``, images are taken
    in rounds of some of each label, and whenever those seen have doubled, what was gathered is
    written and ``pause`` called.
    """
    engine = engine or LocalEngine()
    pairs = _pairs_in(text_model)
    with stage(workspace, "embed"):
        ws = Workspace.open(workspace)
        frame = ws.manifest()
        if ws.info.model is not None and ws.info.model.name == GIVEN:
            _only_thumbnails(ws, frame, batch_size, engine, progress)
            _by_pairs(ws, frame, pairs, batch_size, engine, progress)
            return ws
        first = ModelSpec(model) if isinstance(model, str) else model
        other = _second_of(first, second_look)
        asked = ((first,) if other is None else (first, other)) + pairs
        work = _work(ws, frame if pause is None else in_rounds(frame))
        infos = _seen_by(ws, work, asked, batch_size, engine, pause, progress)
        _make_current(ws, asked, infos)
        return ws


def embed_by_text_model(
    workspace: str | Path,
    text_model: str | Path,
    *,
    batch_size: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Embed every readable image by a text-image pair alone; the model of the run stays.

    Raises
    ------
    UsageError, ModelError
        The folder holds no pair, or one that can't be loaded.
    """
    pairs = _pairs_in(text_model)
    with stage(workspace, "embed"):
        ws = Workspace.open(workspace)
        _by_pairs(ws, ws.manifest(), pairs, batch_size, engine or LocalEngine(), progress)
        return ws


def _pairs_in(given: str | Path | TextImagePair | None) -> tuple[TextImagePair, ...]:
    """Return the pair that was asked for, alone; nothing where none was."""
    if given is None:
        return ()
    return (text_image_pair(given) if isinstance(given, str | Path) else given,)


def _by_pairs(
    ws: Workspace,
    frame: pd.DataFrame,
    pairs: tuple[TextImagePair, ...],
    batch_size: int | None,
    engine: Engine,
    progress: Progress,
) -> None:
    if pairs:
        work = _work(ws, frame)
        infos = _seen_by(ws, work, pairs, batch_size, engine, None, progress, thumbnails=False)
        _make_current(ws, pairs, infos)


def _make_current(ws: Workspace, asked: Sequence[_Model], infos: Sequence[ModelInfo]) -> None:
    """Write which models' embeddings count from now on; what was not asked for stays."""
    changes: dict[str, Any] = {}
    looks = []
    for model, info in zip(asked, infos, strict=True):
        if isinstance(model, TextImagePair):
            changes |= {"text": info, "text_folder": str(model.folder)}
        else:
            looks.append(info)
    if looks:
        second = next((i for i in looks[1:] if i.fingerprint != looks[0].fingerprint), None)
        changes |= {"model": looks[0], "second": second}
    if any(getattr(ws.info, name) != value for name, value in changes.items()):
        ws.update(**changes)


def _todo(store: EmbeddingStore, work: list[WorkItem]) -> set[str]:
    """Return what one model has not seen, or has to look at again."""
    done = store.done() - to_try_again(store).keys()
    return {item.key for item in work} - done


def _known_model(ws: Workspace, asked: _Model) -> ModelInfo | None:
    """Return what the workspace keeps of a model that it has seen, without loading it."""
    if not isinstance(asked, ModelSpec | TextImagePair):
        return info_of(asked) if hasattr(asked, "extract") else None
    own = _identity(asked)
    for file in sorted((ws.path / "embeddings").glob(f"*/{MODEL_FILE}")) if own else ():
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            if kept["identity"] == own:
                return model_from_json(kept["model"])
        except (ValueError, KeyError, TypeError):
            log.warning("%s is damaged; the model is loaded, and it is written anew.", file)
    return None


def _identity(asked: _Model) -> str:
    """Return what tells a model from others without loading it; "" where it has to be loaded."""
    if isinstance(asked, TextImagePair):
        return asked.fingerprint
    from embeddings.backbones import identity

    return identity(asked) if isinstance(asked, ModelSpec) else ""


def _remember(store: EmbeddingStore, asked: _Model, info: ModelInfo) -> None:
    """Write beside the shards which model they are of, so that it is known without loading."""
    own = _identity(asked)
    if own:
        kept = {"identity": own, "model": model_to_json(info)}
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        write_text(store.folder / MODEL_FILE, text + "\n")


def _seen_by(
    ws: Workspace,
    work: list[WorkItem],
    asked: Sequence[_Model],
    batch_size: int | None,
    engine: Engine,
    pause: Pause | None,
    progress: Progress,
    *,
    thumbnails: bool = True,
) -> tuple[ModelInfo, ...]:
    """Embed by each model what it has not seen yet, in one pass; return which models they are.

    Thumbnails are made of what the first of the models has not seen.
    """
    infos = [_known_model(ws, model) for model in asked]
    # what has nothing to do need not be loaded
    busy = [
        place
        for place, info in enumerate(infos)
        if info is None or _todo(ws.store(info.fingerprint), work)
    ]
    if busy:
        load = partial(_load_all, [asked[place] for place in busy])
        with engine.embedder(load, sample=next(iter(work), None)) as embedder:
            for place, info in zip(busy, embedder.infos, strict=True):
                infos[place] = info
            if pause is not None:
                _make_current(ws, asked, _there(infos))  # so that findings can be made at a pause
            making = thumbnails and 0 in busy
            _embed_all(ws, work, embedder, batch_size, pause, progress, thumbnails=making)
            for place, info in zip(busy, embedder.infos, strict=True):
                _remember(ws.store(info.fingerprint), asked[place], info)
    return _there(infos)


def _there(infos: Sequence[ModelInfo | None]) -> tuple[ModelInfo, ...]:
    return tuple(info for info in infos if info is not None)


def _embed_all(
    ws: Workspace,
    work: list[WorkItem],
    embedder: Embedder,
    batch_size: int | None,
    pause: Pause | None,
    progress: Progress,
    *,
    thumbnails: bool,
) -> None:
    """Show each content to the models that have not seen it; what they say goes to their shards.

    ``thumbnails``: they are made by the first of the models.
    """
    writers: dict[int, ShardWriter] = {}
    wanted: dict[str, list[int]] = {}
    fingerprints: set[str] = set()
    for place, info in enumerate(embedder.infos):
        if info.fingerprint in fingerprints:
            continue  # one model by two names
        fingerprints.add(info.fingerprint)
        writers[place] = ShardWriter(ws, info, thumbnails=thumbnails and place == 0)
        for key in _todo(ws.store(info.fingerprint), work):
            wanted.setdefault(key, []).append(place)
    todo = [replace(item, models=tuple(wanted[item.key])) for item in work if item.key in wanted]
    before, next_pause = len(work) - len(todo), FIRST_PAUSE
    for done, seen in enumerate(_stream(ws, todo, embedder, batch_size, progress), start=1):
        for place, writer in writers.items():
            if (extracted := seen[place]) is not None:
                writer.add(extracted)
        if pause is not None and done == next_pause:
            for writer in writers.values():
                writer.close()
            pause(before + done, len(work))
            next_pause *= 2
    for writer in writers.values():
        writer.close()


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


def _load_all(models: Sequence[_Model]) -> tuple[Extractor, ...]:
    """Load models; a pair first, since PyTorch can't be imported after TensorFlow."""
    pairs = {at: _load(one) for at, one in enumerate(models) if isinstance(one, TextImagePair)}
    return tuple(pairs[at] if at in pairs else _load(one) for at, one in enumerate(models))


def _load(model: _Model) -> Extractor:
    if isinstance(model, TextImagePair):
        return model.image_encoder()
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
) -> Iterator[Seen]:
    progress(0, len(todo), "embed")
    results = unchanged(embedder.stream(todo, batch_size=batch_size), ws, todo)
    for place, seen in enumerate(results, start=1):
        yield seen
        progress(place, len(todo), "embed")


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
    with engine.embedder(_no_model, sample=next(iter(todo), None)) as embedder:
        stream = _stream(ws, todo, embedder, batch_size, progress)
        extracted = (one for seen in stream for one in seen if one is not None)
        for number in count(first):
            part = list(islice(extracted, SHARD_SIZE))
            if not part:
                break
            write_thumbnails_of(ws, f"{GIVEN}-{number:06d}", part)


def _no_model() -> tuple[Extractor, ...]:
    return (_NoModel(),)
