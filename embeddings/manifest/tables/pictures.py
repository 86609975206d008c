"""Pictures that lie inside a table, as Hugging Face writes them: bytes in a column.

They are written to a folder, each as the file it was, since everything after the scan reads files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import suffix_of
from embeddings.manifest.entries import printable
from embeddings.manifest.tables.read import Table

_ROWS_AT_ONCE: Final = 64
_LONGEST_NAME: Final = 200  # bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What one row says of its picture: ``file`` where its bytes were written, and its path."""

    file: str
    path: str


def picture_column(table: Table) -> str | None:
    """Return the column whose cells are pictures as bytes; None where there is none.

    Either bytes themselves, or the structure {bytes, path} of Hugging Face with bytes in it.
    """
    if table.schema is None:
        return None
    import pyarrow as pa

    for name, kind in zip(table.schema.names, table.schema.types, strict=True):
        struct = pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0
        if not (struct or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
            continue
        first = [_content(cell)[0] for cell in table.head(name, 100)]
        if any(content and (struct or suffix_of(content[:512])) for content in first):
            return str(name)
    return None


def class_names(table: Table, column: str) -> tuple[str, ...] | None:
    """Return the names of a ``ClassLabel`` column of Hugging Face, None where there are none."""
    metadata = getattr(table.schema, "metadata", None) or {}
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        names = features[column].get("names")
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    return None


def write_pictures(table: Table, column: str, folder: Path) -> Iterator[Held]:
    """Write each row's picture below ``folder`` unless it is there; yield one record a row.

    A row without bytes has no ``file``.

    Raises
    ------
    SourceError
        The folder can't be written.
    """
    taken: set[str] = set()
    cells = (cell for batch in table.batches(column, _ROWS_AT_ONCE) for cell in batch)
    for row, cell in enumerate(cells):
        content, path = _content(cell)
        if not content:
            yield Held("", path)
            continue
        name = _file_name(path, content, row, taken)
        _write(folder / name, content)
        yield Held(name, path)


def _content(cell: Any) -> tuple[bytes, str]:
    if isinstance(cell, dict):
        content, path = cell.get("bytes"), cell.get("path")
        return content or b"", path if isinstance(path, str) else ""
    return (cell, "") if isinstance(cell, bytes) else (b"", "")


def _file_name(path: str, content: bytes, row: int, taken: set[str]) -> str:
    """Return a name inside the folder: that of the path, or the number of the row.

    It ends as the picture's format does where the path has no suffix, and is no other row's, upper
    and lower case alike, since some disks do not tell them apart.
    """
    suffix = suffix_of(content[:512])
    name = printable(PurePosixPath(path.replace("\\", "/")).name).replace("\0", "")
    if name and not PurePosixPath(name).suffix:
        name += suffix
    usable = name.strip(".") and not name.startswith(".") and len(name.encode()) <= _LONGEST_NAME
    if not usable or name.casefold() in taken:
        name, again = f"{row:07d}{suffix or '.bin'}", 0
        while name.casefold() in taken:
            again += 1
            name = f"{row:07d}_{again}{suffix or '.bin'}"
    taken.add(name.casefold())
    return name


def _write(file: Path, content: bytes) -> None:
    try:
        if file.is_file() and file.stat().st_size == len(content) and file.read_bytes() == content:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        raise SourceError(
            f"The pictures can't be written to {file.parent}: {error.strerror}.",
            hint="Give a workspace on a disk with room for them.",
        ) from error
