"""Stage scan: list the items, hash their files and read their headers."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.engines import Engine, LocalEngine
from embeddings.errors import SourceError
from embeddings.pipeline.stages.stage import stage
from embeddings.records import Progress, ScanResult, Tell, no_progress, tell_nobody
from embeddings.storage import SHARD_SIZE, ShardRow, is_remote, write_frame
from embeddings.workspace import GIVEN, HASHES_FILE, MANIFEST_FILE, Info, ModelInfo, Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings import manifest as manifest_room

# folder of the workspace: pictures that lay inside a table or an archive, boxes cut out of others
PICTURES = "pictures"


def scan(
    source: str | Path,
    workspace: str | Path,
    *,
    embeddings: str | Path | None = None,
    labelled: bool = True,
    label_from: str | None = None,
    subset_from: str | None = None,
    box_context: float = 0.0,
    label_names: str | Path | None = None,
    root: str | Path | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
    tell: Tell = tell_nobody,
) -> Workspace:
    """List the items of ``source``, hash them, and write the manifest.

    Pictures inside a table or an archive are written to the workspace. ``tell`` hears what was
    understood of the source before its files are read.
    """
    import pandas as pd

    from embeddings import manifest

    with stage(workspace, "scan"):
        known = Workspace.open(workspace) if Workspace.exists(workspace) else None
        hashes = Path(workspace) / HASHES_FILE
        result = manifest.scan(
            source if is_remote(source) else Path(source),
            embeddings=Path(embeddings) if embeddings is not None else None,
            labels=labelled,
            label_from=_rule(label_from, "--label-from"),
            subset_from=_rule(subset_from, "--subset-from"),
            unpack_to=Path(workspace).resolve() / PICTURES,
            box_context=box_context,
            label_names=Path(label_names) if label_names is not None else None,
            root=None if root is None else Path(root).expanduser().resolve(),
            known=_known_hashes(hashes),
            each=(engine or LocalEngine()).mapper(0),  # how many there are is not known yet
            progress=progress,
            tell=tell,
        )
        frame = pd.DataFrame(result.rows)
        if frame.empty:
            raise SourceError(
                f"{source} holds no images.",
                hint="Give a folder with one folder of images per label, or a table of files.",
            )
        info = Info(
            source=str(source),
            root=result.root if is_remote(source) else str(Path(result.root).resolve()),
            labelled=result.labelled,
            name=_name(source),
            scan_notes=tuple(result.notes),
            text=known.info.text if known else None,  # by content, so that it stays true
            text_folder=known.info.text_folder if known else "",
        )
        ws = Workspace(Path(workspace), info)
        if known is not None and known.info.root != info.root:
            # if this is interrupted, files of one folder are still never looked for in another
            (ws.path / MANIFEST_FILE).unlink(missing_ok=True)
            ws.update(model=_kept_model(known))
        write_frame(ws.path / MANIFEST_FILE, frame)
        write_frame(hashes, frame[list(_HASHED)].assign(mtime_ns=result.mtime_ns))
        model = _kept_model(known)
        if result.embeddings is not None:
            model = _store_given(ws, frame, result.embeddings)
        ws.update(model=model, **_kept_run(known, ws, model))
        _refuse_nothing_readable(frame, result, source)
        return ws


def _rule(text: str | None, option: str) -> manifest_room.Rule | None:
    from embeddings import manifest

    return manifest.rule_named(text, option) if text else None


def _refuse_nothing_readable(frame: pd.DataFrame, result: ScanResult, source: str | Path) -> None:
    """End where no item is of any use, rather than embed nothing for an hour."""
    if frame[c.STATUS].isin([c.OK, c.NO_IMAGE]).any():
        return
    raise SourceError(
        f"None of the {len(frame):,} files of {source} can be read; the first, "
        f"{frame[c.FILE].iloc[0]!r}: {frame[c.REASON].iloc[0]}.",
        hint=result.remedy or "Look at the file.",
    )


def _kept_model(known: Workspace | None) -> ModelInfo | None:
    """Return the model before this scan; None for ready-made embeddings."""
    model = known.info.model if known else None
    return None if model is not None and model.name == GIVEN else model


def _kept_run(known: Workspace | None, ws: Workspace, model: ModelInfo | None) -> dict[str, Any]:
    """Return the run before this scan, which stays current until there is a new one."""
    if known is None or model is None or known.info.root != ws.info.root:
        return {}
    return {name: getattr(known.info, name) for name in ("run_id", "run_notes", "parameters")}


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


def _name(source: str | Path) -> str:
    """Name a data set after its folder or file; `images` alone would say nothing."""
    path = PurePosixPath(str(source)) if is_remote(source) else Path(source).resolve()
    return path.parent.name if path.stem in ("images", "data", "photos", "train") else path.stem


def _store_given(ws: Workspace, frame: pd.DataFrame, matrix: NDArray[np.float32]) -> ModelInfo:
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
    return ModelInfo(name=GIVEN, fingerprint=fingerprint, width=matrix.shape[1])
