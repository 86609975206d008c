"""Archives as a source: ``.zip`` and ``.tar`` of folders, and WebDataset's tars.

They are unpacked below the workspace, pictures and what says their labels only, each member once.
Members go nowhere but there: links and names that lead out of it are left out, and said.
WebDataset: https://github.com/webdataset/webdataset#the-webdataset-format.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.images import IMAGE_SUFFIXES, is_video, one_line, videos_are_read
from embeddings.manifest.entries import Entry, clean_label, is_text, some
from embeddings.manifest.folder import folder_items, is_litter
from embeddings.manifest.layout import subset_of
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.tables import table_suffix
from embeddings.storage import atomic_path, decoded

ARCHIVE_SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_KEPT: Final = frozenset((
    *IMAGE_SUFFIXES, ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".txt", ".names",
    ".cls", ".parquet",
))  # fmt: skip
_LARGEST: Final = 1 << 30  # bytes of one member
_SPARE: Final = 1 << 30  # bytes that stay free on the disk
_LABEL_SUFFIXES: Final = (".cls", ".label", ".class")
_JSON_KEYS: Final = ("label", "class", "class_name", "category", "cls")
_ERRORS = (
    OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, RuntimeError,
    NotImplementedError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int


def archive_items(path: Path, wanted: Wanted) -> Listed:
    """Unpack an archive, and list what lies in it as a folder or as a WebDataset.

    Raises
    ------
    SourceError
        It is broken or has a password, there is no room for it, or no folder to write to.
    """
    if wanted.unpack_to is None:
        raise SourceError(
            f"{path} is an archive, and there is no folder to unpack it to.",
            hint="Unpack it, and give the folder.",
        )
    name = path.name
    for suffix in sorted(ARCHIVE_SUFFIXES, key=len, reverse=True):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    folder = wanted.unpack_to / (name or "archive")
    refused = _unpacked(path, folder, wanted)
    notes = [f"{path.name} was unpacked to {folder}."]
    if refused:
        notes.append(
            f"{len(refused)} members of {path.name} are links, too large or lead out of it, and "
            f"were left out: {some(refused)}."
        )
    told = _webdataset(path, folder, wanted) or folder_items(folder, wanted)
    tables = sorted(file.name for file in folder.rglob("*") if table_suffix(file))
    if not told.entries and tables:
        raise SourceError(
            f"{path} holds no pictures, only {some(tables)}.",
            hint="Unpack it beside the pictures that it names, and give the table.",
        )
    return replace(told, notes=[*notes, *told.notes])


def _unpacked(path: Path, folder: Path, wanted: Wanted) -> list[str]:
    """Write the members that count below ``folder`` unless they are there; return those refused."""
    refused: list[str] = []
    try:
        with _opened(path) as (members, read):
            room = shutil.disk_usage(_existing(folder)).free - _SPARE
            if sum(member.size for member in members) > max(0, room):
                raise SourceError(
                    f"{path} takes {sum(m.size for m in members) / 2**30:,.1f} GB unpacked, and "
                    f"{room / 2**30:,.1f} GB are free below {folder}.",
                    hint="Give a workspace on a larger disk.",
                )
            for done, member in enumerate(members, start=1):
                target = _place(member.name, folder)
                if target is None or member.size > _LARGEST:
                    refused.append(member.name)
                elif not (target.is_file() and target.stat().st_size == member.size):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with atomic_path(target) as temporary, temporary.open("wb") as out:
                        _copy(read(member), out, member.size)
                if done % 256 == 0 or done == len(members):
                    wanted.progress(done, len(members), "unpack")
    except _ERRORS as error:
        raise SourceError(
            f"{path} can't be unpacked: {one_line(error)}.",
            hint="Copy it again, or unpack it yourself and give the folder.",
        ) from error
    return refused


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[_Member], Callable[[_Member], IO[bytes]]]]:
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            infos = {i.filename: i for i in archive.infolist() if not i.is_dir()}
            members = [_Member(n, i.file_size) for n, i in infos.items() if _counts(n)]
            yield members, lambda member: archive.open(infos[member.name])
        return
    with tarfile.open(path) as tar:
        found = {m.name: m for m in tar.getmembers() if m.isfile()}
        members = [_Member(n, m.size) for n, m in found.items() if _counts(n)]
        yield members, lambda member: _of_tar(tar, found[member.name])


def _of_tar(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(member)
    if found is None:
        raise ValueError(f"{member.name} can't be taken out")
    return found


def _counts(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    kept = parts.suffix.lower() in _KEPT or (is_video(name) and videos_are_read())
    return kept and not any(is_litter(part) for part in parts.parts if part not in (".", ".."))


def _place(name: str, folder: Path) -> Path | None:
    """Return where a member goes, None where that would not be below the folder."""
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or not is_text(name) or "\0" in name:
        return None
    return None if ":" in parts.parts[0] else folder / parts


def _copy(source: IO[bytes], out: IO[bytes], size: int) -> None:
    """Copy as many bytes as the archive says, and not one more."""
    left = size
    while left > 0 and (block := source.read(min(left, 1 << 20))):
        out.write(block)
        left -= len(block)
    if left or source.read(1):
        raise ValueError("a member is not of the size that the archive says")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _webdataset(path: Path, folder: Path, wanted: Wanted) -> Listed | None:
    """Return the items of a tar whose pictures have a label file of the same stem beside them."""
    if path.name.lower().endswith(".zip"):
        return None
    labels: dict[str, str] = {}
    pictures: list[str] = []
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix()
        stem, suffix = _stem(name)
        if file.suffix.lower() in IMAGE_SUFFIXES:
            pictures.append(name)
        elif suffix in _LABEL_SUFFIXES:
            labels[stem] = decoded(file.read_bytes()).text.strip()
        elif suffix == ".json" and stem not in labels and (said := _json_label(file)):
            labels[stem] = said
    known = sum(_stem(name)[0] in labels for name in pictures)
    if not pictures or 2 * known < len(pictures):
        return None
    subset = next((s for part in path.stem.split("-") if (s := subset_of(part))), "")
    entries = [
        Entry(
            name,
            clean_label(labels.get(_stem(name)[0], "")) if wanted.labels else columns.NO_LABEL,
            folder / name,
            subset,
        )
        for name in pictures
    ]
    return Listed(entries, [], folder, lines_of_entries(entries, f"from {path.name} (WebDataset)"))


def _stem(name: str) -> tuple[str, str]:
    """Split a name at its first dot, as WebDataset does: ``000.seg.png`` is of the sample 000."""
    folder, slash, last = name.rpartition("/")
    stem, dot, suffix = last.partition(".")
    return f"{folder}{slash}{stem}", f"{dot}{suffix}".lower()


def _json_label(file: Path) -> str:
    try:
        said = json.loads(decoded(file.read_bytes()).text)
    except (ValueError, RecursionError):
        return ""
    found = next((said[k] for k in _JSON_KEYS if k in said), "") if isinstance(said, dict) else said
    return str(found) if isinstance(found, str | int) else ""
