"""From a list of files to rows: what each source of items has in common.

A source says which items there are (``Entry``); here each file is hashed and its header read, on
threads, and the rows are put in an order that does not depend on the file system.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from embeddings import columns
from embeddings.errors import ImageError
from embeddings.images import ImageFacts, digest_of, one_line, probe
from embeddings.machine import usable_cores
from embeddings.records import Mapper, Progress, ScanResult
from embeddings.storage import LARGEST, Fetched, RemoteFile

SPLIT_OF: Final = "split"  # column: train, validation or test, where the source says so

Known = Mapping[tuple[str, int, int], str]
"""Hashes of an earlier scan: (file, bytes, mtime in ns) to SHA-256."""

CHECK_THE_PATH: Final = "Check the path."
_HEAD: Final = 65_536  # bytes of a remote file that its header is looked for in
_CHUNK: Final = 64  # files per task: less overhead, progress still smooth
_WORKERS: Final = min(8, 2 * usable_cores())
_WITHOUT_WIDTH: Final = dict.fromkeys(map(ord, "\0\u200b\u2060\ufeff\u00ad"))
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item that a source names, before its file is looked at.

    ``path`` is None where there is nothing to look at; ``status`` and ``reason`` then say why.
    """

    file: str
    label: str
    path: Path | RemoteFile | None
    subset: str = ""
    status: str = columns.OK
    reason: str = ""
    sha256: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    sha256: str = ""
    status: str = columns.OK
    reason: str = ""
    size: int = 0
    mtime_ns: int = 0
    format: str = ""
    width: int = 0
    height: int = 0
    remedy: str = ""
    more_pages: bool = False


def assemble(
    root: Path | str,
    entries: Iterable[Entry],
    notes: Sequence[str],
    *,
    known: Known,
    progress: Progress,
    each: Mapper | None = None,
) -> ScanResult:
    """Look at every file and make the rows, sorted by ``file`` in natural order.

    ``file`` is unique: of entries that name the same file the first counts, and that is said.
    ``each`` spreads the looking over other machines, for files that they see, too.
    """
    unique, said = _unique(entries)
    unique.sort(key=lambda entry: natural_key(entry.file))
    look = _examined if each is None else partial(_examined_by, each)
    facts = look(unique, known, progress)
    rows: dict[str, list[Any]] = {
        columns.FILE: [entry.file for entry in unique],
        columns.LABEL: [entry.label for entry in unique],
        columns.SHA256: [fact.sha256 for fact in facts],
        columns.STATUS: [fact.status for fact in facts],
        columns.REASON: [fact.reason for fact in facts],
        columns.BYTES: [fact.size for fact in facts],
        columns.FORMAT: [fact.format for fact in facts],
        columns.WIDTH: [fact.width for fact in facts],
        columns.HEIGHT: [fact.height for fact in facts],
    }
    if any(entry.subset for entry in unique):
        rows[SPLIT_OF] = [printable(entry.subset) for entry in unique]
    return ScanResult(
        root=str(root),
        rows=dict(rows),
        labelled=any(label != columns.NO_LABEL for label in rows[columns.LABEL]),
        notes=(
            *notes,
            *said,
            *_remarks(rows[columns.FILE], rows[columns.LABEL]),
            *_page_notes(unique, facts),
        ),
        mtime_ns=tuple(fact.mtime_ns for fact in facts),
        remedy=next((fact.remedy for fact in facts if fact.status != columns.OK), ""),
    )


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key by which ``2.jpg`` comes before ``10.jpg``; the same on every machine."""
    parts = _DIGITS.split(name)
    return tuple(_number_key(p) if i % 2 else (1, 0, p) for i, p in enumerate(parts)), name


def _number_key(digits: str) -> tuple[int, int, str]:
    """Order numbers by length, then by digit: Python makes no integers of thousands of digits."""
    digits = digits.lstrip("0")
    return 0, len(digits), digits


def clean_label(text: str) -> str:
    """One spelling per label: Unicode form NFC, no space at the ends, single spaces inside.

    What looks the same to a reader is the same label, so marks without width go, but for the
    joiners, which have a meaning in some scripts. Case is kept: `Polish` is not `polish`.
    """
    seen = unicodedata.normalize("NFC", printable(text).translate(_WITHOUT_WIDTH))
    return " ".join(seen.split()) or columns.NO_LABEL


def printable(name: str) -> str:
    r"""Text for a name that may hold invalid UTF-8: its bytes written as ``\xNN``."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a surrogate pair, as JSON may hold
        # NumPy makes strings of numbers that are no characters at all: their bytes, too
        return name.encode("utf-8", "backslashreplace").decode("utf-8", "backslashreplace")


def is_text(name: str) -> bool:
    """Whether a name can be stored as UTF-8 (one from the file system may hold stray bytes)."""
    return printable(name) == name


def some(names: Iterable[str], most: int = 3) -> str:
    """Quote the first few names, for a note."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(repr(name) for name in listed[:most]) + more


def respelt_notes(given: set[str]) -> list[str]:
    """Say which labels were read as one because they look the same."""
    spellings: dict[str, list[str]] = {}
    for label in sorted(given):
        spellings.setdefault(clean_label(label), []).append(label)
    return [
        f"Labels that differ only by space or Unicode form were read as one: {some(same, 5)}."
        for same in spellings.values()
        if len(same) > 1
    ]


def _unique(entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    first: dict[str, Entry] = {}
    repeated: list[str] = []
    contradicting: list[str] = []
    for entry in entries:
        kept = first.setdefault(entry.file, entry)
        if kept is not entry:
            (repeated if kept.label == entry.label else contradicting).append(entry.file)
    notes = []
    if repeated:
        notes.append(f"{len(repeated)} repeated rows were left out: {some(repeated)}.")
    if contradicting:
        notes.append(
            f"{len(contradicting)} rows give a file another label than an earlier row; the first "
            f"label counts: {some(contradicting)}."
        )
    return list(first.values()), notes


def _examined(entries: Sequence[Entry], known: Known, progress: Progress) -> list[_Facts]:
    total = len(entries)
    chunks = [entries[at : at + _CHUNK] for at in range(0, total, _CHUNK)]
    facts: list[_Facts] = []
    progress(0, total, "scan")
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="scan")
    try:
        for done in pool.map(lambda chunk: [_examine(entry, known) for entry in chunk], chunks):
            facts.extend(done)
            progress(len(facts), total, "scan")
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for the rest
    return facts


def _examined_by(
    each: Mapper, entries: Sequence[Entry], known: Known, progress: Progress
) -> list[_Facts]:
    total = len(entries)
    facts: list[_Facts] = []
    progress(0, total, "scan")
    for done in each(_examine_together, _chunks(entries, known)):
        facts.extend(done)
        progress(len(facts), total, "scan")
    return facts


def _chunks(entries: Sequence[Entry], known: Known) -> Iterator[tuple[Sequence[Entry], Known]]:
    """Yield some remote entries at a time, each chunk with what is known of its own files."""
    for at in range(0, len(entries), _CHUNK):
        chunk = entries[at : at + _CHUNK]
        keys = (
            (e.file, e.path.size, e.path.stamp) for e in chunk if isinstance(e.path, RemoteFile)
        )
        yield chunk, {key: known[key] for key in keys if key in known}


def _examine_together(task: tuple[Sequence[Entry], Known]) -> list[_Facts]:
    """Look at a chunk on threads, since most of the time is spent waiting for storage."""
    chunk, known = task
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="scan") as pool:
        return list(pool.map(lambda entry: _examine(entry, known), chunk))


def _examine(entry: Entry, known: Known) -> _Facts:
    if entry.path is None:
        return _Facts(entry.sha256, entry.status, entry.reason, remedy=entry.remedy)
    if isinstance(entry.path, RemoteFile):
        return _examine_remote(entry.file, entry.path, known)
    try:
        seen = entry.path.stat()
        size, mtime_ns = seen.st_size, seen.st_mtime_ns
        digest = known.get((entry.file, size, mtime_ns)) or digest_of(entry.path)
    except FileNotFoundError:
        return _Facts(
            status=columns.MISSING,
            reason="there is no such file",
            remedy=entry.remedy or CHECK_THE_PATH,
        )
    except PermissionError:
        return _Facts(
            status=columns.UNREADABLE, reason="permission denied", remedy="Make it readable."
        )
    except ImageError as error:
        return _Facts(status=columns.UNREADABLE, reason=error.message)
    except (OSError, ValueError) as error:
        return _Facts(status=columns.UNREADABLE, reason=one_line(error))
    try:
        seen_as = probe(entry.path)
    except ImageError as error:
        return _Facts(digest, columns.UNREADABLE, error.message, size, mtime_ns, remedy=error.hint)
    return _Facts(
        digest, columns.OK, "", size, mtime_ns, seen_as.format, seen_as.width, seen_as.height,
        more_pages=seen_as.more_pages,
    )  # fmt: skip


def _examine_remote(file: str, path: RemoteFile, known: Known) -> _Facts:
    """Look at a file in remote storage by one request, short where its hash is known."""
    size, stamp, digest = path.size, path.stamp, ""
    try:
        if size > LARGEST:
            raise ImageError(f"it is larger than the {LARGEST >> 20} MiB that are read remotely")
        if digest := known.get((file, size, stamp), ""):
            head = Fetched(path.url, size, stamp, path.read(_HEAD))
            seen_as = _probed(head) or probe(path)
        else:
            whole = Fetched(path.url, size, stamp, path.read())
            digest = hashlib.sha256(whole.content).hexdigest()
            seen_as = probe(whole)
    except ImageError as error:
        return _Facts(digest, columns.UNREADABLE, error.message, size, stamp, remedy=error.hint)
    return _Facts(
        digest, columns.OK, "", size, stamp, seen_as.format, seen_as.width, seen_as.height,
        more_pages=seen_as.more_pages,
    )  # fmt: skip


def _probed(head: Fetched) -> ImageFacts | None:
    """Read the header from the first bytes, or return None where it needs more of them."""
    try:
        return probe(head)
    except ImageError:
        return None


def _remarks(files: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Note what is legal and still likely to bite: names that differ only by case."""
    notes = []
    for what, names in (("files", files), ("labels", sorted(set(labels)))):
        folded = Counter(name.casefold() for name in names)
        alike = [name for name in names if folded[name.casefold()] > 1]
        if alike:
            notes.append(f"{len(alike)} {what} differ from another only by case: {some(alike)}.")
    return notes


def _page_notes(entries: Sequence[Entry], facts: Sequence[_Facts]) -> list[str]:
    several = [e.file for e, fact in zip(entries, facts, strict=True) if fact.more_pages]
    if not several:
        return []
    return [
        f"{len(several)} TIFF files have several pages, of which the first counts: {some(several)}."
    ]
