"""Stage pool: images without a label are listed and embedded, to be collected from."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings import columns as c
from embeddings.engines import LocalEngine, WorkItem
from embeddings.errors import SourceError, UsageError
from embeddings.pipeline.shard_writer import ShardWriter, to_try_again
from embeddings.pipeline.stages.stage import stage
from embeddings.records import Extractor, ModelSpec, Progress, no_progress
from embeddings.retrieval import PATH, POOL, POOL_FILE, model_of, path_in_pool, pool_store
from embeddings.storage import is_remote, write_frame
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

UNPACKED = "pictures"  # folder of the pool: pictures that lay inside a table or an archive


def embed_pool(
    workspace: str | Path,
    folder: str | Path,
    *,
    model: ModelSpec | Extractor | None = None,
    batch_size: int | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """List and embed a pool of images without a label; the pool before it is replaced.

    Embeddings are kept by content, apart from those of the data set: a pool that grew, or a run
    that was stopped, embeds only what is new.

    Parameters
    ----------
    folder
        Images in any form that a data set may have; labels are left aside.
    model
        The model of the run, where it is not one of the table of models.

    Raises
    ------
    SourceError
        The folder holds no images that can be read.
    UsageError
        It is another model than that of the run, or the model's file is not known.
    """
    import pandas as pd

    from embeddings import manifest

    with stage(workspace, "pool"):
        ws = Workspace.open(workspace)
        result = manifest.scan(
            folder if is_remote(folder) else Path(folder),
            labels=False,
            unpack_to=ws.path.resolve() / POOL / UNPACKED,
            progress=progress,
        )
        if result.embeddings is not None or is_remote(folder):
            raise UsageError(
                f"{folder} is no pool of image files on this machine.",
                hint="Give a folder of images.",
            )
        root = str(Path(result.root).resolve())
        frame = pd.DataFrame(result.rows)
        if not len(frame) or not (frame[c.STATUS] == c.OK).any():
            raise SourceError(
                f"{folder} holds no images that can be read.", hint="Give a folder of images."
            )
        frame[PATH] = [path_in_pool(root, str(file)) for file in frame[c.FILE]]
        write_frame(ws.path / POOL / POOL_FILE, frame)
        _embed(ws, frame, model, batch_size, progress)
        return ws


def _embed(
    ws: Workspace,
    frame: pd.DataFrame,
    model: ModelSpec | Extractor | None,
    batch_size: int | None,
    progress: Progress,
) -> None:
    """Embed what the model of the run has not seen of a pool."""
    readable = frame[frame[c.STATUS] == c.OK].drop_duplicates(c.SHA256)
    work = [
        WorkItem(str(key), Path(path))
        for key, path in zip(readable[c.SHA256], readable[PATH], strict=True)
    ]
    info = ws.info.model
    if info is not None:
        store = pool_store(ws, info.fingerprint)
        done = store.done() - to_try_again(store).keys()
        work = [item for item in work if item.key not in done]
        if not work:
            return
    with LocalEngine().embedder(partial(_loaded, ws, model)) as embedder:
        writer = ShardWriter(
            ws, embedder.infos[0], store=pool_store(ws, embedder.infos[0].fingerprint)
        )
        progress(0, len(work), "embed")
        results = embedder.stream(work, batch_size=batch_size)
        for number, (extracted,) in enumerate(results, start=1):
            if extracted is not None:
                writer.add(extracted)
            progress(number, len(work), "embed")
        writer.close()


def _loaded(ws: Workspace, model: ModelSpec | Extractor | None) -> tuple[Extractor]:
    """Load the model that embedded the run, or take the one given if it is that."""
    if model is None or isinstance(model, ModelSpec):
        return (model_of(ws, model),)
    if ws.info.model is None or model.fingerprint != ws.info.model.fingerprint:
        raise UsageError(
            f"{model.name} is not the model that embedded this run.",
            hint="Give the model that was given to the run.",
        )
    return (model,)
