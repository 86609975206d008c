"""Which file beside a data set names its labels, where these are numbers or WordNet ids.

A file is used by itself only where it is unambiguous: it names each label, and has as many names
as there are labels unless it can be about nothing else; names in order go with ids that count from
0 or 1 without a gap. Where two files disagree none is used. What was done is said, and so is that
labels stay numbers.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from embeddings import columns
from embeddings.errors import SourceError
from embeddings.manifest.entries import clean_label, some
from embeddings.manifest.folder import allowed_targets
from embeddings.manifest.label_names.forms import (
    TEXT_SUFFIXES,
    YAML_SUFFIXES,
    ClassNames,
    class_names_in,
    id_of,
    is_id,
    is_wordnet_id,
)
from embeddings.manifest.layout import tokens

NONE: Final = "none"  # in place of a file: labels stay as they are
_SUFFIXES: Final = (*TEXT_SUFFIXES, *YAML_SUFFIXES, ".csv", ".tsv", ".json", ".md")
_LARGEST: Final = 16 << 20  # bytes of a file that is looked into
_MOST_LOOKED_AT: Final = 40  # files of a folder
_SAYS_NAMES: Final = re.compile(
    r"(class|label|categor|synset|species|breed|sign|words?$|names?$|map$)"
)
_HOW: Final = "a name a line in the order of the numbers, or `id,name`"


@dataclass(frozen=True, slots=True)
class Named:
    """Names by label, empty where labels stay as they are; and what there is to say of it."""

    names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def names_for(
    labels: Iterable[str], folders: Sequence[Path], given: Path | None = None, *, source: str = ""
) -> Named:
    """Find names for labels that are ids.

    Parameters
    ----------
    labels
        The labels of the items, each any number of times.
    folders
        Where a file of names may lie, likeliest first.
    given
        The file that the user named; then only that counts. ``none``: labels stay as they are.
    source
        The name of the file that the labels come from, which does not name them.

    Raises
    ------
    SourceError
        The file that the user named can't be read, or does not name each label.
    """
    own = sorted({label for label in labels if label != columns.NO_LABEL}, key=_order)
    if str(given) == NONE:
        return Named()
    if given is not None:
        return _by_file_given(own, given)
    if len(own) < 2 or not _are_ids(own):
        return Named()
    ids = frozenset(map(id_of, own))
    for folder in dict.fromkeys(folders):
        found = {
            one.path: names
            for path in _files_in(folder, source)
            for one in _told(path, ids)
            if (names := _fitting(one, own, strict=True))
        }
        if len({tuple(sorted(names.items())) for names in found.values()}) > 1:
            files = some([path.name for path in found], 4)
            return _without(own, f"; {files} name them differently", next(iter(found)).name)
        if found:
            path, names = next(iter(found.items()))
            return _with(names, path)
    return _without(own, "", "FILE")


def _order(label: str) -> tuple[int, str]:
    known = id_of(label)
    return (int(known), "") if known.isascii() and known.isdecimal() else (0, label)


def _are_ids(labels: Sequence[str]) -> bool:
    return all(map(is_id, labels)) and len(set(map(is_wordnet_id, labels))) == 1


def _files_in(folder: Path, source: str) -> Iterator[Path]:
    inside = allowed_targets(folder)
    try:
        with os.scandir(folder) as listing:
            files = sorted(
                one.path
                for one in listing
                if one.name != source
                and one.name.lower().endswith(_SUFFIXES)
                and one.is_file()
                and (not one.is_symlink() or os.path.realpath(one.path).startswith(inside))
                and one.stat().st_size <= _LARGEST
            )
    except OSError:
        return  # what can't be opened names nothing
    yield from map(Path, files[:_MOST_LOOKED_AT])


def _told(path: Path, ids: frozenset[str]) -> list[ClassNames]:
    """Return what a file says, nothing where it is no such file or its name does not hint at it."""
    try:
        found = class_names_in(path, ids)
    except SourceError:
        return []
    words = tokens(path.stem)
    hinted = any(map(_SAYS_NAMES.match, words)) and not {"file", "files"} & set(words)
    return [one for one in found if one.dedicated or hinted or path.suffix == ".names"]


def _fitting(found: ClassNames, labels: Sequence[str], *, strict: bool) -> dict[str, str]:
    """Return the name of each label, {} where they do not fit."""
    by_id = found.by_id or _by_order(found, labels, strict=strict)
    if strict and not found.dedicated and len(by_id) != len(labels):
        return {}
    names = {label: by_id.get(id_of(label), "").strip() for label in labels}
    if not all(names.values()) or all(map(is_id, names.values())):
        return {}
    often = Counter(map(clean_label, names.values()))
    return {
        label: f"{name} ({label})" if often[clean_label(name)] > 1 else clean_label(name)
        for label, name in names.items()
    }


def _by_order(found: ClassNames, labels: Sequence[str], *, strict: bool) -> dict[str, str]:
    """Number names from 0 or 1, whichever the labels say; {} where they do not say it."""
    if not all(id_of(label).isdecimal() for label in labels):
        return {}
    ids = [int(id_of(label)) for label in labels]
    count, exact = len(found.ordered), not strict or found.dedicated
    whole = len(set(ids)) == len(ids) == count
    if max(ids) < count and (whole or (exact and (min(ids) == 0 or found.dedicated))):
        first = 0
    elif max(ids) == count and min(ids) > 0 and (whole or exact):
        first = 1
    else:
        return {}
    return {str(at): name for at, name in enumerate(found.ordered, first)}


def _by_file_given(labels: Sequence[str], given: Path) -> Named:
    path = given.expanduser()
    if not path.is_file():
        raise SourceError(f"There is no file {given}.", hint="Check the path of --label-names.")
    for found in class_names_in(path, frozenset(map(id_of, labels))):
        if names := _fitting(found, labels, strict=False):
            return _with(names, path)
    raise SourceError(
        f"{given} does not name each of the labels {some(labels)}.",
        hint=f"Write {_HOW}, with a name for each label.",
    )


def _with(names: Mapping[str, str], path: Path) -> Named:
    told = ", ".join(f"{label} is {name}" for label, name in list(names.items())[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return Named(
        names,
        (f"Names of labels are taken from {path.name}: {told}{more}.",),
        (f"Names       from {path.name}: {told}{more} (else --label-names FILE or none)",),
    )


def _without(labels: Sequence[str], why: str, file: str) -> Named:
    what = "WordNet ids" if is_wordnet_id(labels[0]) else "numbers"
    said = f"Labels are {what} ({some(labels)}){why}"
    remedy = f"say --label-names {file} to name them ({_HOW})"
    return Named({}, (f"{said}; {remedy}.",), (f"Mind        {said}; {remedy}.",))
