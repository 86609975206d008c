"""Labels for a CVAT task that has the images already: ImageNet 1.0, annotations only.

``synsets.txt`` has a label a line, ``default.txt`` a file and the number of its label a line; a
file with blanks has quotes around what stands before its suffix. ``annotations.zip`` holds both, to
upload as *ImageNet 1.0*. The format has no escapes: names that it can't express are left out, with
a note. Read as its parser does: ``datumaro/plugins/data_formats/imagenet_txt.py``.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.decided import decided
from embeddings.export.common.folders import text_file
from embeddings.export.common.names import one_line
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress
from embeddings.storage import atomic_path

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UPWARDS: Final = re.compile(r"\.\.[. ]*\Z")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the same items give the same bytes


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write ``default.txt``, ``synsets.txt`` and ``annotations.zip``, decisions applied.

    Raises
    ------
    UsageError
        ``out`` holds another text file, which CVAT would take for a subset.
    """
    annotations, synsets = out / "default.txt", out / "synsets.txt"
    strange = sorted(set(out.glob("*.txt")) - {annotations, synsets}) if out.is_dir() else []
    if strange:
        raise UsageError(
            f"{out} holds {strange[0].name}, which CVAT would take for a part of the labels.",
            hint="Choose another folder.",
        )
    after = decided(source.items)
    files = [str(file) for file in source.items[c.FILE]]
    kept = [row for row in range(len(files)) if not after.removed[row]]
    labels = list(dict.fromkeys(str(after.label[row]) for row in kept))
    number = {label: place for place, label in enumerate(labels)}
    spelt, respelt = _spelt(labels)
    unsayable: list[str] = []
    with text_file(annotations) as stream:
        for done, row in enumerate(kept, start=1):
            name = quoted(files[row])
            if name is None:
                unsayable.append(files[row])
            else:
                stream.write(f"{name} {number[str(after.label[row])]}\n")
            if done % 4096 == 0 or done == len(kept):
                progress(done, len(kept), annotations.name)
    with text_file(synsets) as stream:
        stream.writelines(f"{name}\n" for name in spelt)
    packed = out / "annotations.zip"
    with atomic_path(packed) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for path in (annotations, synsets):
            info = zipfile.ZipInfo(path.name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as target:
                target.write(path.read_bytes())
    return Written(
        (annotations, synsets, packed),
        tuple(_notes(files, kept, unsayable, respelt, int(after.removed.sum()))),
    )


def quoted(file: str) -> str | None:
    """Write a file name as an annotation line has it; None where the format can't."""
    if '"' in file or "\n" in file or "\r" in file:
        return None
    if file.split() == [file]:
        return file if _is_safe(os.path.splitext(file)[0]) and _is_safe(file) else None
    stem, dot, suffix = file.rpartition(".")
    if not _is_safe(stem):
        return None
    # what follows the quotes is cut at blanks: a suffix has to be there, and without any
    return f'"{stem}".{suffix}' if dot and suffix.split() == [suffix] else None


def _is_safe(name: str) -> bool:
    """Whether the reader accepts a name: one that leads out of the folder ends its whole import."""
    return not _DRIVE.match(name) and not any(_UPWARDS.match(p) for p in re.split(r"[\\/]", name))


def _spelt(labels: list[str]) -> tuple[list[str], dict[str, str]]:
    """One line for each label; a reader strips it, and the place of a line is its number."""
    spelt: list[str] = []
    taken: set[str] = set()
    for label in labels:
        name = plain = one_line(label) or "unnamed"
        number = 2
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name)
        spelt.append(name)
    return spelt, {a: b for a, b in zip(labels, spelt, strict=True) if a != b}


def _notes(
    files: list[str], kept: list[int], unsayable: list[str], respelt: dict[str, str], removed: int
) -> Iterable[str]:
    yield "Upload annotations.zip to the task as ImageNet 1.0."
    if removed:
        yield f"{removed} items that are to be removed were left out."
    if unsayable:
        yield (
            f"{len(unsayable)} files were left out, as the format can't hold quotes, line ends, "
            f"`..` or blanks without a suffix in their names: {unsayable[0]!r} …"
        )
    stems: dict[str, int] = {}
    for row in kept:
        stem = os.path.splitext(files[row])[0]
        stems[stem] = stems.get(stem, 0) + 1
    alike = sum(n for n in stems.values() if n > 1)
    if alike:
        yield f"{alike} files differ only by their suffix, which CVAT does not look at."
    for label, name in respelt.items():
        yield f"The label {label!r} is written as {name!r}."
