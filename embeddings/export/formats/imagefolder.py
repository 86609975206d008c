"""A cleaned copy of the data set: decisions applied, in Hugging Face's *imagefolder* layout.

::

    car/12.jpg …     a folder for each label, its name safe on any file system
    metadata.csv     file_name, label, and the file and label that it was made of
    README.md        which tells `datasets` that all of it is one split, and what the classes are

An item that is relabelled lies in its new label's folder, one that is removed is left out. Files
are hard links where that can be, else copies; the source is only read. The folder appears whole
or not at all. https://huggingface.co/docs/datasets/image_dataset#imagefolder
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.dataset_card import card_head, image_features
from embeddings.export.common.decided import decided
from embeddings.export.common.folders import new_folder
from embeddings.export.common.names import Unique, file_name, folder_names
from embeddings.export.common.scope import RUN_AGAIN, left_out
from embeddings.export.common.source import ExportSource, Written
from embeddings.export.formats.csv import write_table
from embeddings.records import Progress, no_progress
from embeddings.storage import write_text

_README: Final = """\
A cleaned copy: `metadata.csv` says which file became which, and under which label it was before.
{linked}{left_out}"""
_LINKED: Final = (
    "The images are hard links to the originals: do not change them in place, that would change "
    "both. Deleting either leaves the other.\n"
)


# pandas.read_csv's na_values; no quotes help against them
_READ_AS_NOTHING: Final = frozenset(
    {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"}
    | {"<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
)


@dataclass(slots=True)
class _Copied:
    names: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    linked: int = 0
    absent: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Make the cleaned copy with hard links, and copies where the file system has none.

    Raises
    ------
    UsageError
        ``out`` is not empty, or lies within the data set or around it.
    """
    return _write(source, out, progress, link=True)


def write_copies(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Make the cleaned copy with real copies; otherwise like ``write``."""
    return _write(source, out, progress, link=False)


def _write(source: ExportSource, out: Path, progress: Progress, *, link: bool) -> Written:
    _refuse_overlap(source.root, out)
    items = source.items
    after = decided(items)
    removed = int(after.removed.sum())
    with new_folder(out) as folder:
        copied = _Copied()
        labels = [str(label) for label in after.label]
        kept = [row for row in range(len(items)) if not after.removed[row]]
        _fill(folder, source, labels, kept, copied, link=link, progress=progress)
        _refuse_nothing(source, copied, removed)
        missing = _left_out(copied)
        frame = pd.DataFrame(
            {
                "file_name": copied.names,
                c.LABEL: [labels[row] for row in copied.rows],
                "original_file": [items[c.FILE].iloc[row] for row in copied.rows],
                "original_label": [items[c.LABEL].iloc[row] for row in copied.rows],
            },
            dtype=object,
        )
        write_table(folder / "metadata.csv", frame)
        linked = _LINKED if copied.linked else ""
        said = "".join(f"\n{line}\n" for line in missing)
        features = image_features(list(frame[c.LABEL]), ("original_file", "original_label"))
        head = card_head({"default": "**"}, features)
        write_text(folder / "README.md", head + _README.format(linked=linked, left_out=said))
    moved = sum(choice is not None and choice.action == "relabel" for choice in after.choice)
    notes = [
        f"{len(copied.rows):,} images: {copied.linked:,} hard links, "
        f"{len(copied.rows) - copied.linked:,} copies; {moved:,} relabelled, {removed:,} removed."
    ]
    gone = sorted({labels[row] for row in copied.rows} & _READ_AS_NOTHING)
    if gone:
        notes.append(f"pandas, and so `datasets`, reads these labels as missing: {gone}.")
    notes += missing
    return Written((out / "metadata.csv", out / "README.md"), tuple(notes))


def _fill(
    folder: Path,
    source: ExportSource,
    labels: list[str],
    kept: list[int],
    copied: _Copied,
    *,
    link: bool,
    progress: Progress,
) -> None:
    usable = source.items[c.STATUS].to_numpy() if c.STATUS in source.items else None
    files = source.items[c.FILE].to_numpy()
    folder_of = folder_names(sorted({labels[row] for row in kept}))
    unique = {name: Unique() for name in folder_of.values()}
    states = source.states()
    for done, row in enumerate(kept, start=1):
        file = str(files[row])
        path = source.image_path(file) if usable is None or usable[row] == c.OK else None
        if path is None:
            copied.absent.append(file)
        elif states[row] == "changed":
            copied.changed.append(file)
        else:
            within = folder_of[labels[row]]
            stem, suffix = os.path.splitext(file_name(file.rpartition("/")[2]))
            name = f"{within}/{unique[within](stem, suffix=suffix)}"
            copied.linked += _place(path, folder / name, link=link)
            copied.names.append(name)
            copied.rows.append(row)
        if done % 256 == 0 or done == len(kept):
            progress(done, len(kept), "images")


def _refuse_nothing(source: ExportSource, copied: _Copied, removed: int) -> None:
    """Raise where no image was written: an empty folder would pass for a cleaned data set."""
    if copied.rows:
        return
    if removed and not (copied.absent or copied.changed):
        raise UsageError("There is nothing to export: every item is removed.", hint="Undo some.")
    if copied.changed:  # which says itself what to do
        raise UsageError(f"There is nothing to export. {' '.join(_left_out(copied))}")
    hint = f"Check that {source.root} is there, or say `rosette relocate WS NEW_ROOT`."
    raise UsageError(f"There is nothing to export. {' '.join(_left_out(copied))}", hint=hint)


def _left_out(copied: _Copied) -> list[str]:
    said = []
    if copied.changed:
        why = "hold other pictures now than the run saw"
        said.append(f"{left_out(copied.changed, why)} {RUN_AGAIN}")
    if copied.absent:
        said.append(left_out(copied.absent, "are not there, or could not be read,"))
    return said


def _place(path: Path, target: Path, *, link: bool) -> bool:
    """Link or copy one file; say whether it is a link."""
    target.parent.mkdir(exist_ok=True)
    if link:
        try:
            os.link(path, target)
        except OSError:  # another file system, one without links, or too many of them
            pass
        else:
            return True
    shutil.copy2(path, target)
    return False


def _refuse_overlap(root: Path, out: Path) -> None:
    here, there = root.resolve(), out.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise UsageError(
            f"{out} and the data set's folder {root} lie within each other.",
            hint="Choose a folder beside it: the data set itself is never changed.",
        )
