"""The scan: a source of any kind to the rows of the manifest."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.images import VIDEO_SUFFIXES, is_video, videos_are_read
from embeddings.machine import collector_paused
from embeddings.manifest.annotations import (
    ANNOTATION_SUFFIXES,
    FoundSet,
    annotated_items,
    annotations_of,
)
from embeddings.manifest.archives import ARCHIVE_SUFFIXES, archive_items
from embeddings.manifest.beside import foreign_format
from embeddings.manifest.entries import (
    CHECK_THE_PATH,
    Entry,
    Known,
    assemble,
    clean_label,
    is_text,
    printable,
)
from embeddings.manifest.folder import folder_items, video_items
from embeddings.manifest.joined import put_beside, with_embeddings
from embeddings.manifest.label_names import with_names
from embeddings.manifest.layout import Rule
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.parsed import Parsed
from embeddings.manifest.ready_made import (
    ARRAY_SUFFIXES,
    read_ready_made,
)
from embeddings.manifest.remote import remote_items
from embeddings.manifest.tables import (
    KNOWN_NAMES,
    Table,
    picture_column,
    place,
    read_table,
    table_items,
    table_suffix,
    vector_columns,
)
from embeddings.records import Mapper, Progress, ScanResult, Tell, in_turn, no_progress, tell_nobody
from embeddings.storage import checked, is_remote

_SOURCES: Final = (
    "Give a folder of images (label/…/file), a table (.csv, .parquet, .jsonl) with the columns "
    "'file' and 'label', annotations (COCO, YOLO, Pascal VOC …), an archive (.zip, .tar), or "
    "embeddings (.npz, .npy, .parquet)."
)


def scan(
    source: Path | str,
    *,
    embeddings: Path | None = None,
    labels: bool = True,
    label_from: Rule | None = None,
    subset_from: Rule | None = None,
    unpack_to: Path | None = None,
    box_context: float = 0.0,
    label_names: Path | None = None,
    root: Path | None = None,
    known: Known | None = None,
    each: Mapper = in_turn,
    progress: Progress = no_progress,
    tell: Tell = tell_nobody,
) -> ScanResult:
    """List the items of a data set, hash them and read their headers.

    What can't be read is a row with ``columns.STATUS`` and ``columns.REASON``; only a source
    that is no data set at all is an error.

    Parameters
    ----------
    source
        A folder of images, a Hugging Face imagefolder, a table, annotations, an archive, or
        ready-made embeddings; or the address of a folder in remote storage
        (``s3://bucket/folder``).
    embeddings
        Ready-made embeddings for the items of ``source``: matched by file, or by order where
        they name no files and the counts agree (the order of a table, or of sorted paths).
    labels
        False: the data set's labels are left aside, and all items are in one class.
    label_from, subset_from
        Where an item's label and subset are read from (``rule_named``), in place of what the
        folders say or the columns of a table are called.
    unpack_to
        The folder that pictures inside a table or an archive are written to, and boxes that are
        cut out of pictures.
    box_context
        Share of a box's side that is taken in around it.
    label_names
        A file that names the labels, where these are numbers or ids; else one beside the data set
        is used where it is unambiguous.
    root
        The folder that the paths of a table are relative to, and stay inside of; by default the
        table's own.
    known
        Hashes of an earlier scan, by file, size in bytes and modification time in nanoseconds:
        such files are not read again.
    each
        Spreads the reading of files in remote storage over an engine's machines.
    progress
        Called with what is done, from this thread.
    tell
        Called with each line of what was understood, before any file is read.

    Returns
    -------
    ScanResult
        Rows sorted by file, the same for the same files on any file system.

    Raises
    ------
    SourceError
        There is no such source, it holds no items, or its table lacks what it needs.
    UnclearSourceError
        What the labels are can be read in two ways; the hint has the options that say which.
    """
    known = known or {}
    wanted = Wanted(
        labels, label_from, subset_from, unpack_to, box_context, label_names, root, progress
    )
    if is_remote(source):
        url = checked(str(source))
        told = remote_items(url, wanted)
        return _scan_listed(
            told,
            source,
            url,
            wanted,
            embeddings,
            partial(_assembled, each=each),
            known,
            progress,
            tell,
        )
    source = Path(source)
    path = _existing(source)
    opened = _opened(path)
    if root is not None and not isinstance(opened, Table):
        raise SourceError(
            f"A root is for the paths of a table, and {source} is none.", hint="Leave it out."
        )
    is_array = path.is_file() and path.suffix.lower() in ARRAY_SUFFIXES
    if is_array or _has_vectors(opened):
        if embeddings is not None and _existing(Path(embeddings)) != path:
            raise SourceError(
                f"{source} brings its own embeddings, and so does {embeddings}.",
                hint="Give the embeddings alone, or a folder or table with --embeddings.",
            )
        table = opened if isinstance(opened, Table) else None
        return _scan_ready_made(path, table, wanted, known=known, progress=progress, tell=tell)
    told = _listed(path, opened, wanted)
    return _scan_listed(told, source, path, wanted, embeddings, _assembled, known, progress, tell)


def _assembled(
    told: Listed, known: Known, progress: Progress, each: Mapper | None = None
) -> ScanResult:
    return assemble(told.root, told.entries, told.notes, known=known, progress=progress, each=each)


def _scan_listed(
    told: Listed,
    source: Path | str,
    path: Path | str,
    wanted: Wanted,
    embeddings: Path | None,
    assembled: Callable[[Listed, Known, Progress], ScanResult],
    known: Known,
    progress: Progress,
    tell: Tell,
) -> ScanResult:
    if not told.entries:
        notes = " ".join(told.notes)
        raise SourceError(f"{source} holds no images. {notes}".strip(), hint=_SOURCES)
    told = with_names(told, path, wanted)
    for line in told.understood:
        tell(line)
    labelled = told.question is None and any(e.label != columns.NO_LABEL for e in told.entries)
    own = Wanted(labels=wanted.labels and not labelled)  # labels of the source go before
    given = None if embeddings is None else read_ready_made(_existing(Path(embeddings)), own)
    if told.question is not None and (given is None or given.labels is None):
        raise UnclearSourceError(f"{source}: {told.question.text}", hint=told.question.hint())
    _answered(told, source, wanted)
    result = replace(assembled(told, known, progress), understood=told.understood)
    if embeddings is not None and given is not None:
        where = _existing(Path(embeddings))
        return put_beside(result, told.entries, path, where, given, wanted)
    if isinstance(path, Path) and path.is_file() and not any(result.rows[columns.SHA256]):
        raise SourceError(
            f"None of the files that {source} names can be read; the first, "
            f"{result.rows[columns.FILE][0]!r}: {result.rows[columns.REASON][0]}.",
            hint=_remedy_of_missing(result, wanted),
        )
    return result


def _remedy_of_missing(result: ScanResult, wanted: Wanted) -> str:
    """Return what helps where no file of a table is there: its own remedy, else where to put it."""
    if result.remedy not in ("", CHECK_THE_PATH):
        return result.remedy
    if wanted.root is not None:
        return f"Paths are relative to {result.root}: name the folder that they begin at as root=."
    return (
        f"Paths are relative to the folder of the table, {result.root}: put the table beside its "
        "pictures, or into a folder above them."
    )


def _answered(told: Listed, source: Path | str, wanted: Wanted) -> None:
    """Refuse a rule of the user's that finds no label at all: it is a slip of the pen."""
    rule = wanted.label_from
    if rule is None or rule.kind == "none" or not wanted.labels:
        return
    if all(entry.label == columns.NO_LABEL for entry in told.entries):
        raise SourceError(
            f"--label-from finds no label in {source}; its first item is {told.entries[0].file!r}.",
            hint="Folders count from 1 below the source; a pattern is tried on the file's name.",
        )


def _existing(source: Path) -> Path:
    try:
        path = source.expanduser().resolve(strict=True)
        videos = VIDEO_SUFFIXES if videos_are_read() else ()
        readable = (*ARRAY_SUFFIXES, *ANNOTATION_SUFFIXES, *ARCHIVE_SUFFIXES, *videos)
        of_tables = bool(table_suffix(path)) or path.name.lower().endswith(readable)
        known = path.is_dir() or (path.is_file() and of_tables)  # not a pipe: it would block
    except PermissionError as error:
        raise SourceError(f"{source} can't be opened.", hint="Make it readable.") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(f"There is no {source}.", hint="Check the spelling of the path.") from (
            error
        )
    if not is_text(str(path)):
        raise SourceError(
            f"The path {printable(str(path))} is not valid UTF-8, so it can't be written down.",
            hint="Rename the folder whose name it is.",
        )
    if known:
        return path
    foreign = foreign_format(path.name)
    if foreign is not None and path.is_file():
        raise SourceError(f"{source} is {foreign.what}, which is not read.", hint=foreign.remedy)
    raise SourceError(f"{source} is neither a folder nor a table.", hint=_SOURCES)


def _opened(path: Path) -> FoundSet | Table | None:
    """Open a file as annotations, else as a table; None for a folder, an archive or arrays."""
    if not path.is_file():
        return None
    parsed = Parsed()
    annotated = annotations_of(path, parsed)
    if annotated is not None or not table_suffix(path):
        return annotated
    return read_table(path, KNOWN_NAMES, parsed)


def _has_vectors(opened: FoundSet | Table | None) -> bool:
    if not isinstance(opened, Table):
        return False
    return bool(vector_columns(opened)) and picture_column(opened) is None


def _listed(path: Path, opened: FoundSet | Table | None, wanted: Wanted) -> Listed:
    if isinstance(opened, Table):
        return table_items(opened, wanted)
    if opened is not None:
        return annotated_items(opened, wanted)
    if path.is_file():
        if path.name.lower().endswith(ARCHIVE_SUFFIXES):
            return archive_items(path, wanted)
        if is_video(path.name):
            return video_items(path, wanted)
        raise SourceError(f"{path} names no classes, so it is no annotation file.", hint=_SOURCES)
    try:
        return folder_items(path, wanted)
    except PermissionError as error:
        raise SourceError(f"{path} can't be opened.", hint="Make it readable.") from error


def _scan_ready_made(
    path: Path, table: Table | None, wanted: Wanted, *, known: Known, progress: Progress, tell: Tell
) -> ScanResult:
    given, labels = read_ready_made(path, wanted, table), wanted.labels
    root = wanted.root or path.parent
    names = given.files or [f"{row:07d}" for row in range(len(given.matrix))]
    label_of = given.labels if given.labels is not None and labels else [""] * len(names)
    real = lru_cache(maxsize=4096)(os.path.realpath)
    rows: dict[str, int] = {}
    entries: list[Entry] = []
    with collector_paused():
        for row, (name, label) in enumerate(zip(names, label_of, strict=True)):
            entry = place(name or f"{row:07d}", root, clean_label(label), real=real)
            there = isinstance(entry.path, Path) and os.path.exists(entry.path)
            if given.files is None or not there:
                # the embedding is all that is needed; without its image the item has no picture
                reason = entry.reason or "only its embedding was given"
                entry = replace(entry, path=None, status=columns.NO_IMAGE, reason=reason)
            rows.setdefault(entry.file, row)
            entries.append(entry)
    notes = [*given.notes]
    if not labels:
        notes.append("Labels are left aside as asked: all items are in one class.")
    elif given.labels is None:
        notes.append(f"{path.name} holds no 'labels': all items are in one class.")
    if given.files is None:
        notes.append(f"{path.name} names no files: items are called by the number of their row.")
    understood = lines_of_entries(entries, f"from {path.name}")
    told = with_names(Listed(entries, notes, root, understood), path, wanted)
    for line in told.understood:
        tell(line)
    result = assemble(root, told.entries, told.notes, known=known, progress=progress)
    result = replace(result, understood=told.understood)
    return with_embeddings(result, given, rows, notes=())
