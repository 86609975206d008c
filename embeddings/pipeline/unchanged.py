"""Check that each decoded file still has the content that the scan hashed.

Between the scan and the decoding of a file minutes or days may go by. If a file was changed in that
time, the embedding of another picture would be stored under the old hash, permanently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from embeddings import columns as c
from embeddings.engines import Seen, WorkItem
from embeddings.errors import ImageError
from embeddings.images import CHANGED, digest_of, is_passing
from embeddings.records import Extracted
from embeddings.workspace import HASHES_FILE, Workspace

_Stamp = tuple[int, int]  # bytes, mtime in ns


def unchanged(results: Iterable[Seen], ws: Workspace, items: Sequence[WorkItem]) -> Iterator[Seen]:
    """Pass on ``results``, without those whose file is not what it was when it was scanned.

    Size and time of change are compared with those of the scan, after decoding; where they
    differ, or are not known, the content is hashed again: a copied or touched file is the same.
    A file in remote storage is read with its stamp, and not looked at here.
    """
    path_of = {item.key: item.path for item in items}
    scanned = _scanned(ws)
    for seen in results:
        one = next(extracted for extracted in seen if extracted is not None)
        path = path_of[one.key]
        if not isinstance(path, Path) or _is_same(path, one, scanned):
            yield seen
        else:
            changed = Extracted(one.key, None, reason=CHANGED)
            yield tuple(None if extracted is None else changed for extracted in seen)


def _is_same(path: Path, extracted: Extracted, scanned: dict[Path, _Stamp]) -> bool:
    if is_passing(extracted.reason):  # the reason says already that the image was not read
        return True
    try:
        now = path.stat()
        return (
            scanned.get(path) == (now.st_size, now.st_mtime_ns) or digest_of(path) == extracted.key
        )
    except (OSError, ImageError):
        return False  # gone since it was decoded; the next run sees the new state


def _scanned(ws: Workspace) -> dict[Path, _Stamp]:
    import pandas as pd

    file, root = ws.path / HASHES_FILE, Path(ws.info.root)
    if not file.is_file():
        return {}
    frame = pd.read_parquet(file, columns=[c.FILE, c.BYTES, "mtime_ns"])
    columns = (frame[c.FILE], frame[c.BYTES], frame["mtime_ns"])
    return {
        root / str(name): (int(size), int(mtime))
        for name, size, mtime in zip(*columns, strict=True)
    }
