"""A folder of images: which files are items, and what their folders say of label and subset."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.images import IMAGE_SUFFIXES, is_video, looks_like_image, videos_are_read
from embeddings.machine import collector_paused
from embeddings.manifest.annotations import annotated_items, annotations_below
from embeddings.manifest.beside import (
    asked_table,
    by_class_tables,
    by_metadata,
    foreign_notes,
    items_of_packed_tables,
    metadata_tables,
    without_labels,
)
from embeddings.manifest.entries import Entry, clean_label, is_text, printable, respelt_notes, some
from embeddings.manifest.layout import (
    Seen,
    Understanding,
    lines_of,
    not_used_of,
    notes_of,
    understand,
    unlabelled_notes,
)
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.videos import items_of_videos

_NO_FOLDER: Final = "No folder is a label, so no labels: all items are in one class."
_OUTSIDE: Final = "a link to a file outside the data set, not followed"
_COPY_LINKS: Final = "Give the folder that holds both, or copy it with `cp -rL`."
# Folders that computers leave beside photos, with pictures in them that are nobody's items.
_LITTER: Final = frozenset({"__macosx", "@eadir", "$recycle.bin", "lost+found"})


@dataclass(slots=True)
class Found:
    """What lies below a folder: files meant as items in relative POSIX form, and the rest."""

    images: list[Entry] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # files that are no pictures, hidden ones not
    ignored: Counter[str] = field(default_factory=Counter)
    linked_folders: list[str] = field(default_factory=list)
    closed_folders: list[str] = field(default_factory=list)

    def seen(self) -> Iterator[Seen]:
        """Yield every file as the reading of folders wants it."""
        yield from (Seen(entry.file) for entry in self.images)
        yield from (Seen(file, picture=False) for file in self.others)


def place_found(found: Found, wanted: Wanted) -> tuple[list[Entry], Understanding]:
    """Give every item that was found its label and subset by the folders; labels not cleaned."""
    understood = understand(
        found.seen(), label_from=wanted.label_from, subset_from=wanted.subset_from
    )
    entries = []
    for entry in found.images:
        place = understood.place(entry.file)
        if place is not None:
            label = place.label if wanted.labels and place.label else columns.NO_LABEL
            entries.append(replace(entry, label=label, subset=place.subset))
    return entries, understood


def listed(
    found: Found, entries: list[Entry], understood: Understanding, wanted: Wanted, root: Path | str
) -> Listed:
    """Clean the labels of placed items, and say what was understood."""
    notes = [*found_notes(found), *_label_notes(understood, wanted)]
    if wanted.labels:
        notes += respelt_notes({entry.label for entry in entries})
    cleaned = [replace(entry, label=clean_label(entry.label)) for entry in entries]
    if not wanted.labels:
        return Listed(cleaned, notes, root, lines_of(replace(understood, labels={})))
    return Listed(
        cleaned, notes, root, lines_of(understood), next(iter(understood.questions), None)
    )


@collector_paused()
def folder_items(root: Path, wanted: Wanted) -> Listed:
    """List the items of a folder of images.

    Parameters
    ----------
    root
        An existing folder, resolved.
    wanted
        What the user said about labels and subsets.
    """
    found = walk(root)
    if not found.images and (packed := items_of_packed_tables(root, found.others, wanted)):
        return packed
    if not found.images and (filmed := _filmed(found, root, wanted)):
        return filmed
    entries, understood = place_found(found, wanted)
    tables = metadata_tables(root, found.others) if wanted.label_from is None else []
    told = listed(found, entries, understood, wanted, root)
    if not tables and wanted.label_from is None and len(understood.labels) < 2:
        return _by_what_lies_beside(found, told, understood, wanted, root)
    for table in tables:
        entries, said = by_metadata(told.entries, table, root, wanted)
        told = replace(told, entries=entries, notes=[*told.notes, *said])
    if not tables or without_labels(told.entries):
        return told
    return _with_labels_from(told, tables[0].path.relative_to(root).as_posix(), understood)


def video_items(path: Path, wanted: Wanted) -> Listed:
    """List a picture a second of one video; no folder says its label."""
    return _of_videos(Found(others=[path.name]), [path.name], path.parent, path.stem, wanted)


def _filmed(found: Found, root: Path, wanted: Wanted) -> Listed | None:
    """List the pictures of the videos below a folder without pictures; None without videos."""
    videos = [name for name in found.others if is_video(name)] if videos_are_read() else []
    return _of_videos(found, videos, root, root.name or "videos", wanted) if videos else None


def _of_videos(found: Found, videos: list[str], root: Path, name: str, wanted: Wanted) -> Listed:
    others = [file for file in found.others if file not in set(videos)]
    inside = allowed_targets(root)
    images = [_video(file, root, inside) for file in videos]
    kinds = Counter({kind: n for kind, n in found.ignored.items() if not is_video(f"x{kind}")})
    filmed = replace(found, images=images, others=others, ignored=kinds)
    placed, understood = place_found(filmed, wanted)
    entries, notes, folder = items_of_videos(placed, name, wanted)
    told = listed(filmed, entries, understood, wanted, folder)
    where = f"of {len(videos):,} videos, a picture a second"
    lines = lines_of_entries(told.entries, where, not_used=not_used_of(understood))
    return replace(told, notes=[*told.notes, *notes], understood=lines)


def _video(file: str, root: Path, inside: tuple[str, ...]) -> Entry:
    """Make an entry of a video; as of pictures, links lead nowhere but inside the data set."""
    path = root / file
    if path.is_symlink() and not os.path.realpath(path).startswith(inside):
        return _refused(file, _OUTSIDE, remedy=_COPY_LINKS)
    if not path.is_file():  # a pipe would block
        return _refused(file, "no regular file, not opened")
    return Entry(file, columns.NO_LABEL, path)


def _by_what_lies_beside(
    found: Found, told: Listed, understood: Understanding, wanted: Wanted, root: Path
) -> Listed:
    """Where folders give no labels, look for annotations and tables that do, or ask."""
    annotated = annotations_below(root, found.others, len(found.images))
    if annotated is not None:
        return annotated_items(annotated, wanted)
    if not wanted.labels or not found.images:
        return told
    by_tables = by_class_tables(told.entries, root, found.others, wanted)
    if by_tables is not None:
        entries, said = by_tables
        told = replace(told, entries=entries, notes=[*told.notes, *said])
        return _with_labels_from(told, "the tables beside the pictures", understood)
    return replace(told, question=asked_table(root, found.others, told.entries) or told.question)


def _with_labels_from(told: Listed, what: str, understood: Understanding) -> Listed:
    lines = lines_of_entries(told.entries, f"from {what}", not_used=not_used_of(understood))
    by_folders = {_NO_FOLDER, *unlabelled_notes(understood)}  # not true of these labels
    notes = [note for note in told.notes if note not in by_folders]
    return replace(told, question=None, understood=lines, notes=notes)


def walk(root: Path) -> Found:
    """Collect the files below ``root`` that are, or claim to be, images. Labels are not set.

    Links are followed to files inside ``root`` only, and never to folders: a link out of the
    data set would show files that nobody meant to share, and one to a folder above is a loop.
    A snapshot in a Hugging Face hub cache is made of links into the ``blobs`` beside it; those
    are followed too.
    """
    found = Found()
    inside = allowed_targets(root)
    pending = [Path(root)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                children = sorted(listing, key=lambda child: child.name)
        except OSError as error:
            if folder == root and isinstance(error, PermissionError):
                raise  # nothing of the data set can be seen
            found.closed_folders.append(
                f"{_relative(folder, root)} ({error.strerror or type(error).__name__})"
            )
            continue
        for child in children:
            _sort_in(child, root, inside, found, pending)
    return found


def is_litter(name: str) -> bool:
    """Tell whether a file or folder is hidden, or was left by a computer beside the photos."""
    return name.startswith(".") or name.casefold() in _LITTER


def found_notes(found: Found) -> list[str]:
    """Say what a walk passed over."""
    notes = []
    if found.ignored:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.ignored.items()))
        total = found.ignored.total()
        notes.append(
            f"{total} {'file that is' if total == 1 else 'files that are'} not images "
            f"ignored: {kinds}."
        )
    notes += foreign_notes(found.others, pictures=bool(found.images))
    if found.linked_folders:
        notes.append(f"Links to folders are not followed: {some(found.linked_folders)}.")
    if found.closed_folders:
        notes.append(f"Folders that can't be opened: {some(found.closed_folders)}.")
    return notes


def allowed_targets(root: Path) -> tuple[str, ...]:
    """Return the beginnings of the paths that links may lead to."""
    real = Path(os.path.realpath(root))
    hub = next((above.parent for above in (real, *real.parents) if above.name == "snapshots"), None)
    allowed = [real] if hub is None else [real, hub / "blobs"]
    return tuple(os.path.join(folder, "") for folder in allowed)


def _sort_in(
    child: os.DirEntry[str], root: Path, inside: tuple[str, ...], found: Found, pending: list[Path]
) -> None:
    path = Path(child.path)
    if is_litter(child.name):
        found.ignored["hidden"] += 1
    elif child.is_symlink() and os.path.isdir(path):
        found.linked_folders.append(_relative(path, root))
    elif child.is_dir(follow_symlinks=False):
        pending.append(path)
    elif (entry := _entry(child, path, root, inside)) is not None:
        found.images.append(entry)
    else:
        found.ignored[path.suffix.lower() or "without extension"] += 1
        found.others.append(_relative(path, root))


def _entry(
    child: os.DirEntry[str], path: Path, root: Path, inside: tuple[str, ...]
) -> Entry | None:
    """Make an entry of a file that is or claims to be an image, with the reason if refused."""
    claims = path.suffix.lower() in IMAGE_SUFFIXES
    file = _relative(path, root)
    if child.is_symlink():
        # checked before the target is opened: it may be anything, anywhere
        if not os.path.realpath(path).startswith(inside):
            return _refused(file, _OUTSIDE, remedy=_COPY_LINKS) if claims else None
        if not os.path.exists(path):
            reason = "a link that leads nowhere"
            return _refused(file, reason, columns.MISSING) if claims else None
    if not claims and not looks_like_image(path):
        return None
    if not is_text(path.relative_to(root).as_posix()):
        return _refused(file, "its name is not valid UTF-8: rename it")
    return Entry(file, columns.NO_LABEL, path)


def _refused(
    file: str, reason: str, status: str = columns.UNREADABLE, *, remedy: str = ""
) -> Entry:
    return Entry(file, columns.NO_LABEL, None, status=status, reason=reason, remedy=remedy)


def _relative(path: Path, root: Path) -> str:
    return printable(path.relative_to(root).as_posix())


def _label_notes(understood: Understanding, wanted: Wanted) -> list[str]:
    if not wanted.labels:
        said = ["Labels are left aside as asked: all items are in one class."]
        return said + notes_of(replace(understood, labels={}, remarks=()))
    notes = notes_of(understood)
    if not understood.labels and understood.unlabelled:
        notes.append(_NO_FOLDER)
    return notes
