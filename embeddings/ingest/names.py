"""Finding the item that somebody else's file means by a name of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from embeddings.storage import UPLOADED, paths_meant

AMBIGUOUS: Final = -2
NOWHERE: Final = -1


class Names:
    """The items by what a file may call them.

    Parameters
    ----------
    files
        (n,) as in the items, unique.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._file = {file: row for row, file in enumerate(files)}
        self._composed = _only({_composed(file): row} for file, row in self._file.items())
        self._name = _only({_last(file): row} for file, row in self._file.items())
        self._stem = _only({_stemmed(file): row} for file, row in self._file.items())
        self._last_stem = _only({_last(_stemmed(file)): row} for file, row in self._file.items())

    def find(self, names: Iterable[str]) -> int:
        """Return the row of the item, ``NOWHERE`` or ``AMBIGUOUS``.

        By its file, or the end of a longer path that is one. A base name alone, which only one
        item may have, is enough only where no name says more than that: an image in a folder is
        never taken for one of the same name in another.
        """
        known = [_paths(name) for name in names]
        for paths in known:
            row = self._by_path(paths)
            if row != NOWHERE:
                return row
        if any(_has_folder(paths) for paths in known):
            return NOWHERE
        several = False
        for paths in known:
            row = self._by_base_name(paths)
            if row >= 0:
                return row
            several |= row == AMBIGUOUS
        return AMBIGUOUS if several else NOWHERE

    def _by_path(self, paths: Sequence[str]) -> int:
        for tables in ((self._file, self._composed), (self._stem,)):
            for path in paths:
                for table in tables:
                    row = _by_end(path, table)
                    if row >= 0:
                        return row
        return NOWHERE

    def _by_base_name(self, paths: Sequence[str]) -> int:
        several = False
        for path in paths:
            for table in (self._name, self._last_stem):
                row = table.get(_last(path), NOWHERE)
                if row >= 0:
                    return row
                several |= row == AMBIGUOUS
        return AMBIGUOUS if several else NOWHERE


def _paths(name: str) -> tuple[str, ...]:
    """Return the paths that a name may stand for: as it is first, then read as an address."""
    found = paths_meant(name)
    return tuple(dict.fromkeys([*found, *map(_composed, found)]))


def _has_folder(paths: Sequence[str]) -> bool:
    """Whether a name says in which folder its image lies; the folder of an upload is none."""
    return not UPLOADED.search(paths[0]) and "/" in paths[-1].lstrip("./")


def _by_end(path: str, table: dict[str, int]) -> int:
    """Look for the whole path, then without its first folder, and so on."""
    row = table.get(path, NOWHERE)
    if row != NOWHERE:
        return row
    start = path.find("/")
    while start >= 0:
        # what is left may be a bare name: then it is the whole of an item's own path
        if (row := table.get(path[start + 1 :], NOWHERE)) != NOWHERE:
            return row
        start = path.find("/", start + 1)
    return row


def _only(pairs: Iterable[dict[str, int]]) -> dict[str, int]:
    """Join the pairs; a key that stands for several rows is ``AMBIGUOUS``."""
    joined: dict[str, int] = {}
    for pair in pairs:
        for key, row in pair.items():
            joined[key] = AMBIGUOUS if key in joined else row
    return joined


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _stemmed(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{stem if dot and stem else name}"
