"""An embedding belongs to a content: what is decoded must be what the scan hashed.

Between the scan and the decoding of a file minutes or days may go by. A file that was written to
meanwhile would put another picture's embedding under the hash of the first, for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from embeddings import columns as c
from embeddings.errors import ImageError, ImagePassingError
from embeddings.extract import Decode
from embeddings.imagefile import digest_of, one_line
from embeddings.records import Prepared, WorkItem
from embeddings.workspace import HASHES_FILE, Workspace

_Seen = tuple[int, int]  # bytes, mtime in ns


def unchanged(decode: Decode, ws: Workspace, items: Sequence[WorkItem]) -> Decode:
    """Return ``decode`` that also raises ``ImagePassingError`` where the file is another by now.

    Size and time of change are compared with those of the scan, after decoding; where they
    differ, or are not known, the content is hashed again: a copied or touched file is the same.
    """
    key_of = {item.path: item.key for item in items}
    scanned = _scanned(ws)

    def decoded(path: Path, size: int) -> Prepared:
        try:
            prepared = decode(path, size)
        except ImagePassingError:
            raise
        except ImageError:
            _refuse_changed(path, key_of[path], scanned)  # else its reason is that of the content
            raise
        _refuse_changed(path, key_of[path], scanned)
        return prepared

    return decoded


def _refuse_changed(path: Path, key: str, scanned: dict[Path, _Seen]) -> None:
    try:
        now = path.stat()
        if scanned.get(path) == (now.st_size, now.st_mtime_ns) or digest_of(path) == key:
            return
    except OSError as error:
        raise ImagePassingError(one_line(error), hint="Look at the file and the disk.") from error
    raise ImagePassingError("the file changed after the scan", hint="Run again.")


def _scanned(ws: Workspace) -> dict[Path, _Seen]:
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
