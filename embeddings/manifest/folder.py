"""A folder of images: ``label/…/file``, the label being the first folder below the root."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.images import looks_like_image
from embeddings.manifest.entries import Entry, clean_label, is_text, printable, some

# A file of such a name is meant to be an image: where it can't be read, that is worth a row.
# fmt: off
IMAGE_SUFFIXES: Final = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".avif", ".avifs", ".heic", ".heif", ".jp2", ".j2k", ".j2c", ".jpx",
    ".jxl", ".sgi", ".rgb", ".bw", ".psd", ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".ico",
    ".icns", ".svg", ".eps", ".pcx", ".dds", ".exr", ".hdr", ".qoi", ".fli", ".flc", ".xcf",
    ".cr2", ".nef", ".arw", ".dng",
))
# fmt: on
# Folders that computers leave beside photos, with pictures in them that are nobody's items.
_LITTER: Final = frozenset({"__macosx", "@eadir", "$recycle.bin", "lost+found"})


@dataclass(slots=True)
class Found:
    """What lies below a folder: files meant as items in relative POSIX form, and the rest."""

    images: list[Entry] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    linked_folders: list[str] = field(default_factory=list)
    closed_folders: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)  # of metadata, where they are not read


def folder_entries(root: Path, *, labels: bool) -> tuple[list[Entry], list[str]]:
    """List the items of a folder of images.

    Parameters
    ----------
    root
        An existing folder, resolved.
    labels
        False: every item is under ``columns.NO_LABEL``.

    Returns
    -------
    entries, notes
        In no particular order; the notes say what was passed over.
    """
    return entries_of(walk(root), labels=labels)


def entries_of(found: Found, *, labels: bool) -> tuple[list[Entry], list[str]]:
    """Label what was found by the first folder below the root, and say what was passed over."""
    entries = found.images
    if labels:
        entries = [_labelled(entry) for entry in entries]
    return entries, [*found_notes(found), *_label_notes(entries, labels=labels)]


def walk(root: Path) -> Found:
    """Collect the files below ``root`` that are, or claim to be, images. Labels are not set.

    Links are followed to files inside ``root`` only, and never to folders: a link out of the
    data set would show files that nobody meant to share, and one to a folder above is a loop.
    """
    found = Found()
    inside = os.path.join(os.path.realpath(root), "")
    pending = [Path(root)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                children = sorted(listing, key=lambda child: child.name)
        except OSError as error:
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
    if found.linked_folders:
        notes.append(f"Links to folders are not followed: {some(found.linked_folders)}.")
    if found.closed_folders:
        notes.append(f"Folders that can't be opened: {some(found.closed_folders)}.")
    return notes


def _sort_in(
    child: os.DirEntry[str], root: Path, inside: str, found: Found, pending: list[Path]
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


def _entry(child: os.DirEntry[str], path: Path, root: Path, inside: str) -> Entry | None:
    """Make an entry of a file that is or claims to be an image, with the reason if refused."""
    claims = path.suffix.lower() in IMAGE_SUFFIXES
    file = _relative(path, root)
    if child.is_symlink():
        # checked before the target is opened: it may be anything, anywhere
        if not os.path.realpath(path).startswith(inside):
            reason = "a link to a file outside the data set, not followed"
            return _refused(file, reason) if claims else None
        if not os.path.exists(path):
            reason = "a link that leads nowhere"
            return _refused(file, reason, columns.MISSING) if claims else None
    if not claims and not looks_like_image(path):
        return None
    if not is_text(path.relative_to(root).as_posix()):
        return _refused(file, "its name is not valid UTF-8: rename it")
    return Entry(file, columns.NO_LABEL, path)


def _refused(file: str, reason: str, status: str = columns.UNREADABLE) -> Entry:
    return Entry(file, columns.NO_LABEL, None, status=status, reason=reason)


def _relative(path: Path, root: Path) -> str:
    return printable(path.relative_to(root).as_posix())


def _labelled(entry: Entry) -> Entry:
    first, slash, _ = entry.file.partition("/")
    label = clean_label(first) if slash else columns.NO_LABEL
    return replace(entry, label=label)


def _label_notes(entries: list[Entry], *, labels: bool) -> list[str]:
    if not labels:
        return ["Labels are left aside as asked: all items are in one class."]
    loose = sum("/" not in entry.file for entry in entries)
    if entries and loose == len(entries):
        return ["No folders below the root, so no labels: all items are in one class."]
    notes = []
    if loose:
        notes.append(
            f"{loose} images lie directly in the root and have no label; "
            f"they are under {columns.NO_LABEL!r}."
        )
    return notes + respelt_notes(
        {entry.file.partition("/")[0] for entry in entries if "/" in entry.file}
    )


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
