"""The order of the stages; the only module that knows them all.

scan → embed → cluster (which ranks too). Each takes a workspace folder, adds to it, and can be
stopped at any moment: what is done is not done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import MissingStageError, SourceError
from embeddings.files import lock_folder, write_frame
from embeddings.label_parts import METHOD_VERSION, LabelOutcome, LabelWork, run_parts
from embeddings.records import Extracted, Extractor, Progress, WorkItem, no_progress
from embeddings.shards import SHARD_SIZE, EmbeddingStore, ShardRow
from embeddings.thumbnails import ThumbnailIndex, write_thumbnails
from embeddings.workspace import GIVEN, MANIFEST_FILE, Info, ModelInfo, Workspace

if TYPE_CHECKING:
    import pandas as pd

HASHES_FILE = "hashes.parquet"  # of the last scan, so that a rescan reads only what changed


def run(
    source: str | Path,
    workspace: str | Path,
    *,
    model: str | Extractor = "embedded",
    layer: str | None = None,
    preprocess: str | None = None,
    embeddings: str | Path | None = None,
    labelled: bool = True,
    seed: int = 0,
    batch_size: int = 32,
    progress: Progress = no_progress,
) -> Workspace:
    """Scan, embed, cluster and rank: from images to the labels that are two things.

    Parameters
    ----------
    source
        An image folder (``label/…/file``), a table with ``file`` and ``label`` columns, a Hugging
        Face imagefolder, or a table with embeddings in it.
    workspace
        The folder for everything computed; one that exists is brought up to date.
    model
        A name of the table of models, the path of a classifier, or any ``Extractor``.
    layer, preprocess
        The layer to read and the scaling of the pixels, where they are not found by themselves.
    embeddings
        Ready-made embeddings (``.npy``, ``.npz``, ``.parquet``); no model runs.
    labelled
        False: ignore the labels, the data set is one class.
    seed
        Of everything random.
    batch_size
        Images that the model takes at once.
    progress
        Told (done, total, stage).

    Raises
    ------
    SourceError, ModelError, WorkspaceError
        With a hint that says what to do.
    """
    scan(source, workspace, embeddings=embeddings, labelled=labelled, progress=progress)
    embed(
        workspace,
        model=model,
        layer=layer,
        preprocess=preprocess,
        batch_size=batch_size,
        progress=progress,
    )
    return cluster(workspace, seed=seed, progress=progress)


def scan(
    source: str | Path,
    workspace: str | Path,
    *,
    embeddings: str | Path | None = None,
    labelled: bool = True,
    progress: Progress = no_progress,
) -> Workspace:
    """List the items of ``source``, hash them, and write the manifest."""
    import pandas as pd

    from embeddings import manifest

    with lock_folder(Path(workspace)):
        known = Workspace.open(workspace) if Workspace.exists(workspace) else None
        hashes = Path(workspace) / HASHES_FILE
        result = manifest.scan(
            Path(source),
            embeddings=Path(embeddings) if embeddings is not None else None,
            labels=labelled,
            known=_known_hashes(hashes),
            progress=progress,
        )
        frame = pd.DataFrame(result.rows)
        if frame.empty:
            raise SourceError(
                f"{source} holds no images.",
                hint="Give a folder with one folder of images per label, or a table of files.",
            )
        info = Info(
            source=str(source),
            root=str(Path(result.root).resolve()),
            labelled=result.labelled,
            name=_name(Path(source)),
            scan_notes=tuple(result.notes),
            model=known.info.model if known else None,
        )
        ws = Workspace.create(workspace, info)
        write_frame(ws.path / MANIFEST_FILE, frame)
        write_frame(hashes, frame[list(_HASHED)].assign(mtime_ns=result.mtime_ns))
        if result.embeddings is not None:
            _store_given(ws, frame, result.embeddings)
        elif info.model is not None and info.model.name == GIVEN:
            ws.update(model=None)
        return ws


_HASHED = (c.FILE, c.BYTES, c.SHA256)


def _known_hashes(file: Path) -> dict[tuple[str, int, int], str]:
    """Return the hashes of the last scan; a file of the same size and time is not read again."""
    import pandas as pd

    if not file.is_file():
        return {}
    frame = pd.read_parquet(file)
    columns = (frame[c.FILE], frame[c.BYTES], frame["mtime_ns"], frame[c.SHA256])
    return {
        (str(name), int(size), int(time)): str(digest)
        for name, size, time, digest in zip(*columns, strict=True)
        if time and digest
    }


def _name(source: Path) -> str:
    """Name a data set after its folder or file; `images` alone would say nothing."""
    path = source.resolve()
    return path.parent.name if path.stem in ("images", "data", "photos", "train") else path.stem


def _store_given(ws: Workspace, frame: pd.DataFrame, matrix: NDArray[np.float32]) -> None:
    """Keep ready-made embeddings as if a model had made them, by file rather than by content."""
    digest = hashlib.sha256(np.ascontiguousarray(matrix).tobytes())
    digest.update("\0".join(frame[c.FILE]).encode(errors="surrogatepass"))
    fingerprint = digest.hexdigest()
    store = ws.store(fingerprint)
    rows = [
        ShardRow(key=str(file), embedding=vector if np.isfinite(vector).all() else None)
        for file, vector in zip(frame[c.FILE], matrix, strict=True)
    ]
    for number, start in enumerate(range(0, len(rows), SHARD_SIZE)):
        store.write(number, rows[start : start + SHARD_SIZE], matrix.shape[1])
    ws.update(model=ModelInfo(name=GIVEN, fingerprint=fingerprint, width=matrix.shape[1]))


def embed(
    workspace: str | Path,
    *,
    model: str | Extractor = "embedded",
    layer: str | None = None,
    preprocess: str | None = None,
    batch_size: int = 32,
    progress: Progress = no_progress,
) -> Workspace:
    """Embed every readable image that this model has not seen yet, and make its thumbnail."""
    with lock_folder(Path(workspace)):
        ws = Workspace.open(workspace)
        frame = ws.manifest()
        if ws.info.model is not None and ws.info.model.name == GIVEN:
            _only_thumbnails(ws, frame, batch_size, progress)
            return ws
        extractor = _load(model, layer, preprocess)
        info = ModelInfo(
            name=extractor.name,
            fingerprint=extractor.fingerprint,
            width=extractor.width,
            classes=extractor.classes,
            notes=tuple(extractor.notes),
        )
        store = ws.store(extractor.fingerprint)
        done = store.done()
        todo = [item for item in _work(ws, frame) if item.key not in done]
        number = store.next_number()
        for shard in _shards(_stream(todo, extractor, batch_size, progress)):
            _write_thumbnails(ws, f"{extractor.fingerprint[:8]}-{number:06d}", shard)
            store.write(number, [_shard_row(e) for e in shard], extractor.width)
            number += 1
        if ws.info.model != info:
            ws.update(model=info)
        return ws


def _load(model: str | Extractor, layer: str | None, preprocess: str | None) -> Extractor:
    if not isinstance(model, str):
        return model
    from embeddings import backbones
    from embeddings.quiet import quiet_native_logs

    with quiet_native_logs():
        return backbones.load(model, layer=layer, preprocess=preprocess)


def _work(ws: Workspace, frame: pd.DataFrame) -> list[WorkItem]:
    """Return each readable content once, by the first file that has it."""
    readable = frame[frame[c.STATUS] == c.OK].drop_duplicates(c.SHA256)
    root = Path(ws.info.root)
    return [
        WorkItem(key=str(key), path=root / str(file))
        for key, file in zip(readable[c.SHA256], readable[c.FILE], strict=True)
    ]


def _stream(
    todo: list[WorkItem], extractor: Extractor, batch_size: int, progress: Progress
) -> Iterator[Extracted]:
    from embeddings import extract, images

    progress(0, len(todo), "embed")
    results = extract.stream(todo, extractor, decode=images.prepare, batch_size=batch_size)
    for place, extracted in enumerate(results, start=1):
        yield extracted
        progress(place, len(todo), "embed")


def _shards(results: Iterator[Extracted]) -> Iterator[list[Extracted]]:
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
        write_thumbnails(ws.path / "thumbnails" / f"{name}.arrow", keys, thumbnails)


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
    ws: Workspace, frame: pd.DataFrame, batch_size: int, progress: Progress
) -> None:
    index = ThumbnailIndex(ws.path / "thumbnails")
    todo = [item for item in _work(ws, frame) if index.get(item.key) is None]
    first = len(list((ws.path / "thumbnails").glob("*.arrow")))
    stream = _stream(todo, _NoModel(), batch_size, progress)
    for number, shard in enumerate(_shards(stream), start=first):
        _write_thumbnails(ws, f"{GIVEN}-{number:06d}", shard)


def cluster(workspace: str | Path, *, seed: int = 0, progress: Progress = no_progress) -> Workspace:
    """Draw the maps, cut each label into candidate clusters, find the splits, and rank."""
    from embeddings import clustering, findings, projection, splits, suspicion

    with lock_folder(Path(workspace)):
        ws = Workspace.open(workspace)
        if ws.info.model is None:
            raise MissingStageError(ws.path, "embed")
        model = ws.info.model
        store = ws.store(model.fingerprint)
        frame, keys = _joined(ws, store)
        X = store.matrix(keys, model.width)
        rows = np.flatnonzero(np.isfinite(X).all(axis=1))
        if not len(rows):
            raise SourceError(
                f"No image of {ws.info.source} could be embedded.",
                hint=f"See the reasons: `rosette report {ws.path}` or manifest.parquet in it.",
            )
        X = X[rows]
        labels = frame[c.LABEL].to_numpy(dtype=object)[rows]
        works = _works(labels, [keys[r] for r in rows])

        def work_out(work: LabelWork) -> LabelOutcome:
            own = X[work.rows]
            drawn = projection.label_map(own, seed=seed)
            return LabelOutcome(
                work.label, drawn, clustering.candidates(own, seed=seed, low=drawn.xy)
            )

        outcomes = run_parts(
            ws.path / "labels",
            works,
            fingerprint=model.fingerprint,
            seed=seed,
            work_out=work_out,
            progress=progress,
        )
        label_xy = np.zeros((len(rows), 2), dtype=np.float32)
        for work in works:
            label_xy[work.rows] = outcomes[work.label].map.xy
        whole = projection.whole_map(X, seed=seed)
        report = splits.find_splits(
            X,
            labels,
            candidates={o.label: o.candidates for o in outcomes.values()},
            seed=seed,
            facts=frame.iloc[rows].reset_index(drop=True),
            progress=progress,
        )
        errors = suspicion.find_label_errors(
            X, labels, splits=report, groups=[keys[r] for r in rows], seed=seed, progress=progress
        )
        names, probabilities = findings.predictions(store.facts(), keys, model.classes)
        frames = {
            "items": findings.items_frame(
                frame, rows, report, label_xy, whole.xy, names, probabilities, errors
            ),
            "classes": findings.classes_frame(report.labels),
            "clusters": findings.clusters_frame(report.labels),
        }
        ws.write_run(
            _run_id(frame, keys, model.fingerprint, seed),
            frames,
            parameters={"seed": seed, "whole_map": whole.method},
            run_notes=(*report.notes, *errors.notes),
        )
        return ws


def _joined(ws: Workspace, store: EmbeddingStore) -> tuple[pd.DataFrame, list[str]]:
    """Return the manifest with what decoding found out, and each item's key in the store."""
    frame = ws.manifest()
    keys = ws.keys(frame)
    frame = frame.assign(**{c.GREY: False})
    if ws.info.model is not None and ws.info.model.name == GIVEN:
        return frame, keys
    facts = store.facts().reindex(keys)
    seen = facts[c.STATUS].notna().to_numpy() & (frame[c.STATUS] == c.OK).to_numpy()
    for name in (c.STATUS, c.REASON, c.WIDTH, c.HEIGHT, c.FORMAT, c.GREY):
        values = frame[name].to_numpy(dtype=object, copy=True)
        values[seen] = facts[name].to_numpy(dtype=object)[seen]
        frame[name] = values
    for name in (c.WIDTH, c.HEIGHT):
        frame[name] = frame[name].fillna(0).astype(np.int32)
    return frame.assign(**{c.GREY: frame[c.GREY].astype(bool)}), keys


def _works(labels: NDArray[np.object_], keys: list[str]) -> list[LabelWork]:
    """Group the items by label, labels in the order of their names, rows in theirs."""
    names, inverse = np.unique(labels.astype(str), return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    bounds = np.cumsum(np.bincount(inverse, minlength=len(names)))[:-1]
    return [
        LabelWork(str(name), rows, tuple(keys[r] for r in rows))
        for name, rows in zip(names, np.split(order, bounds), strict=True)
    ]


def _run_id(frame: pd.DataFrame, keys: list[str], fingerprint: str, seed: int) -> str:
    digest = hashlib.sha256(f"{METHOD_VERSION}/{fingerprint}/{seed}".encode())
    for file, label, key in zip(frame[c.FILE], frame[c.LABEL], keys, strict=True):
        digest.update(f"\0{file}\0{label}\0{key}".encode(errors="surrogatepass"))
    return digest.hexdigest()[:12]
