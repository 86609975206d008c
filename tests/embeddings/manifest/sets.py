"""Small data sets for tests of reading them: pictures drawn, files written, labels compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from embeddings import columns as c
from embeddings.records import ScanResult


def draw(root: Path, files: Sequence[str]) -> Path:
    """Draw a small picture under each name, no two alike, and return the folder."""
    for number, file in enumerate(files):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (9 * number % 256, number % 5, 7)).save(root / file, "PNG")
    return root


def put(path: Path, content: str | bytes) -> Path:
    """Write a file, with the folders above it, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def labels(result: ScanResult) -> dict[str, str]:
    """Return the label of each file, all of which can be read."""
    assert set(result.rows[c.STATUS]) == {c.OK}
    return dict(zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True))
