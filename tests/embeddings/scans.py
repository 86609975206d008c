"""What a test hands on from one scan to the next, as the scan stage does."""

from __future__ import annotations

from embeddings import columns as c
from embeddings.records import ScanResult


def hashes_of(result: ScanResult) -> dict[tuple[str, int, int], str]:
    """Return the hashes by file, size and modification time: ``scan(known=…)``."""
    rows = result.rows
    keys = zip(rows[c.FILE], rows[c.BYTES], result.mtime_ns, strict=True)
    return dict(zip(keys, rows[c.SHA256], strict=True))
