"""The items of annotation files: whole pictures, or boxes cut out of them.

Where a set has boxes, each is an item: its crop is written below the workspace, and where it came
from is kept beside the crops, so that its label can be written back.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.errors import ImageError, SourceError
from embeddings.images import IMAGE_SUFFIXES, Box, cut
from embeddings.machine import collector_paused, usable_cores
from embeddings.manifest.annotations.finding import FoundSet
from embeddings.manifest.annotations.records import Annotations, Mark
from embeddings.manifest.annotations.subset_lists import SubsetLists, subset_lists
from embeddings.manifest.annotations.written_back import keep_boxes
from embeddings.manifest.entries import Entry, clean_label, respelt_notes, some
from embeddings.manifest.layout import subset_of
from embeddings.manifest.listing import Listed, Wanted, lines_of_entries
from embeddings.manifest.tables import NearlyNamed, place
from embeddings.storage import atomic_path, paths_meant

_AT_ONCE: Final = 64  # pictures that are cut before the next are handed out


@collector_paused()
def annotated_items(found: FoundSet, wanted: Wanted) -> Listed:
    """List the items of annotation files.

    Raises
    ------
    SourceError
        They name no picture or hold no label, or there is no folder to write crops to.
    """
    read = found.format.read(list(found.files), found.root, found.parsed)
    found.parsed.drop()
    if not read.marks:
        raise SourceError(
            f"{found.title} holds no label of any picture.",
            hint="Give the annotations, not the pictures that wait for them.",
        )
    where, told = _pictures_of(read, found)
    subsets = subset_lists(found.root, found.files)
    boxes = [mark for mark in read.marks if mark.box is not None]
    notes = [*read.notes, *told]
    if boxes:
        entries, said, root = _box_items(found, boxes, where, subsets, wanted)
        whole = len(read.marks) - len(boxes)
        if whole:
            said.append(f"{whole:,} labels of whole pictures are left aside: boxes are the items.")
        bare = len(read.images) - len({mark.image for mark in boxes})
        if bare:
            said.append(f"{bare:,} pictures have no box, so no item comes of them.")
        source = f"{found.title}, each box an item"
    else:
        entries, said, root = *_whole_items(found, read, where, subsets, wanted), found.root
        source = found.title
    if wanted.labels:
        notes += respelt_notes({entry.label for entry in entries})
    entries = [replace(entry, label=clean_label(entry.label)) for entry in entries]
    lines = lines_of_entries(entries, f"from {source}")
    return Listed(entries, [*notes, *said], root, lines, names_itself=True)


def _pictures_of(
    read: Annotations, found: FoundSet
) -> tuple[dict[tuple[str, Path], str], list[str]]:
    """Find the file of each picture that is named, relative to the root.

    Beside its annotation file first, then below the root by its path, then by a name that is
    nearly its own, in a folder of the annotation file's subset before others.
    """
    files = sorted(_files_below(found.root))
    there, every = set(files), NearlyNamed(files)
    of_subset: dict[str, NearlyNamed] = {}
    out: dict[tuple[str, Path], str] = {}
    for key in dict.fromkeys((mark.image, mark.source) for mark in read.marks):
        image, source = key
        subset = _subset(source.relative_to(found.root).as_posix())
        if subset and subset not in of_subset:
            of_subset[subset] = NearlyNamed(file for file in files if _subset(file) == subset)
        finders = [of_subset[subset], every] if subset else [every]
        for name in paths_meant(image):
            beside = os.path.relpath(source.parent / name.lstrip("/"), found.root)
            exact = [path for path in (Path(beside).as_posix(), name) if path in there]
            nearly = (finder.find(name) for finder in finders)
            file = exact[0] if exact else next((one for one in nearly if one), None)
            if file is not None:
                out[key] = file
                break
    return out, every.notes(found.title)


def _files_below(root: Path) -> Iterator[str]:
    for at, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES:
                entry = place(os.path.join(at, name), root, columns.NO_LABEL)
                if entry.path is not None:
                    yield entry.file


def _subset(path: str) -> str:
    folders = path.split("/")
    stem = folders.pop().rpartition(".")[0]
    words = stem.replace("-", "_").split("_")
    return next((s for s in map(subset_of, (*folders, *words)) if s), "")


def _label(mark: Mark, file: str, wanted: Wanted) -> str:
    if not wanted.labels:
        return columns.NO_LABEL
    if wanted.label_from is not None:
        return wanted.label_from.value(file) or columns.NO_LABEL
    return mark.label


def _whole_items(
    found: FoundSet,
    read: Annotations,
    where: dict[tuple[str, Path], str],
    subsets: SubsetLists,
    wanted: Wanted,
) -> tuple[list[Entry], list[str]]:
    by_file: dict[str, list[str]] = defaultdict(list)
    absent: dict[str, str] = {}
    for mark in read.marks:
        file = where.get((mark.image, mark.source))
        if file is None:
            absent.setdefault(mark.image, mark.label)
        else:
            by_file[file].append(_label(mark, file, wanted))
    entries, several = [], []
    for file, labels in by_file.items():
        distinct = list(dict.fromkeys(labels))
        if len(distinct) > 1:
            several.append(file)
        label = distinct[0] if len(distinct) == 1 else columns.NO_LABEL
        entries.append(Entry(file, label, found.root / file, subsets.of(file) or _subset(file)))
    entries += [_missing(image, label) for image, label in absent.items()]
    notes = []
    if 2 * len(several) > len(by_file):
        raise SourceError(
            f"{found.title} gives several labels to {len(several):,} of {len(by_file):,} pictures "
            f"(such as {several[0]!r}), and an item has one.",
            hint="Leave one label for each picture, or say --no-labels.",
        )
    if several:
        notes.append(
            f"{len(several)} pictures have several labels, and an item has one, so they have none: "
            f"{some(several)}."
        )
    return entries, notes


def _missing(image: str, label: str) -> Entry:
    return Entry(
        image, label, None, status=columns.MISSING, reason="there is no such picture",
        remedy="Put the pictures into the folder of the annotations, or beside it.",
    )  # fmt: skip


def _box_items(
    found: FoundSet,
    marks: Sequence[Mark],
    where: dict[tuple[str, Path], str],
    subsets: SubsetLists,
    wanted: Wanted,
) -> tuple[list[Entry], list[str], Path]:
    if wanted.unpack_to is None:
        raise SourceError(
            f"{found.title} has boxes, and there is no folder to write their crops to.",
            hint="Give a workspace, or unpack_to=FOLDER.",
        )
    name = found.root.name if len(found.files) > 1 else found.files[0].stem
    folder = wanted.unpack_to / f"{name}-boxes-{round(100 * wanted.box_context)}"
    by_picture: dict[str, list[Mark]] = defaultdict(list)
    absent: dict[str, Mark] = {}
    for mark in marks:
        file = where.get((mark.image, mark.source))
        if file is None:
            absent.setdefault(mark.image, mark)
        else:
            by_picture[file].append(mark)
    entries: list[Entry] = []
    kept: list[tuple[str, Mark]] = []
    wanted.progress(0, len(by_picture), "cut")
    for file, own, done in _cut_all(found.root, by_picture, folder, wanted.box_context):
        subset = (
            subsets.of(file)
            or _subset(file)
            or _subset(own[0].source.relative_to(found.root).as_posix())
        )
        for mark, (crop, reason) in zip(own, done, strict=True):
            status = columns.UNREADABLE if reason else columns.OK
            path = None if reason else folder / crop
            label = _label(mark, file, wanted)
            entries.append(Entry(crop, label, path, subset, status, reason))
            kept.append((crop, mark))
        wanted.progress(len({e.file.rpartition("/")[0] for e in entries}), len(by_picture), "cut")
    entries += [_missing(image, mark.label) for image, mark in absent.items()]
    keep_boxes(folder, found, kept)
    notes = [
        f"{len(marks):,} boxes of {len(by_picture):,} pictures were cut out and written to "
        f"{folder}; `rosette export --to annotations` writes their labels back."
    ]
    return entries, notes, folder


def _cut_all(
    root: Path, by_picture: dict[str, list[Mark]], folder: Path, context: float
) -> Iterator[tuple[str, list[Mark], list[tuple[str, str]]]]:
    """Yield each picture with its marks and, for each, the crop's file and the reason if none."""
    pictures = list(by_picture)
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="cut") as pool:
        for at in range(0, len(pictures), _AT_ONCE):
            some_of_them = pictures[at : at + _AT_ONCE]
            done = pool.map(
                lambda file: _cut_one(root / file, file, by_picture[file], folder, context),
                some_of_them,
            )
            for file, crops in zip(some_of_them, done, strict=True):
                yield file, by_picture[file], crops


def _cut_one(
    path: Path, file: str, marks: Sequence[Mark], folder: Path, context: float
) -> list[tuple[str, str]]:
    names = _crop_names(file, marks)
    if all(_is_newer(folder / name, path) for name in names):
        return [(name, "") for name in names]
    sides = [mark.box or (0.0, 0.0, 0.0, 0.0) for mark in marks]
    boxes = [Box(*box, in_shares=mark.in_shares) for box, mark in zip(sides, marks, strict=True)]
    try:
        crops = cut(path, boxes, context=context, size=marks[0].size)
    except ImageError as error:
        return [(name, f"its picture {file!r}: {error.message}") for name in names]
    (folder / names[0]).parent.mkdir(parents=True, exist_ok=True)
    out = []
    for name, crop in zip(names, crops, strict=True):
        if isinstance(crop, ImageError):
            out.append((name, crop.message))
            continue
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(crop)
        out.append((name, ""))
    return out


def _crop_names(file: str, marks: Sequence[Mark]) -> list[str]:
    """Return a name for each crop, with its box in it: boxes that were moved get other crops."""
    stem = file.rpartition(".")[0] if "." in file.rpartition("/")[2] else file
    names = []
    for at, mark in enumerate(marks):
        scale = 10_000 if mark.in_shares else 1
        left, top, width, height = (_rounded(side, scale) for side in mark.box or (0, 0, 0, 0))
        names.append(f"{stem}/{at:03d} {left},{top} {width}x{height}.jpg")
    return names


def _rounded(side: float, scale: int) -> str:
    return str(round(side * scale)) if abs(side) < 1e9 else "?"


def _is_newer(crop: Path, picture: Path) -> bool:
    try:
        return crop.stat().st_mtime_ns >= picture.stat().st_mtime_ns
    except OSError:
        return False
