"""Finding the item that somebody else's file means by a name of its own."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

AMBIGUOUS: Final = -2
NOWHERE: Final = -1

# Label Studio puts eight hex digits before the name of a file that was uploaded to it.
_UPLOAD = re.compile(r"/data/upload/\d+/(?:[0-9a-f]{8}-)?([^/]+)$")


class Names:
    """The items by what a file may call them.

    Parameters
    ----------
    files
        (n,) as in the items, unique.
    sha256
        (n,) of their contents, empty where there is none.
    """

    def __init__(self, files: Sequence[str], sha256: Sequence[str]) -> None:
        self._file = {file: row for row, file in enumerate(files)}
        self._composed = _only({_composed(file): row} for file, row in self._file.items())
        self._name = _only({_last(file): row} for file, row in self._file.items())
        self._stem = _only({_stemmed(file): row} for file, row in self._file.items())
        self._last_stem = _only({_last(_stemmed(file)): row} for file, row in self._file.items())
        self._content: dict[str, list[int]] = defaultdict(list)
        for row, sha in enumerate(sha256):
            if sha:
                self._content[sha.lower()].append(row)
        self._sha256 = sha256

    def find(self, names: Iterable[str], sha256: str | None) -> int:
        """Return the row of the item, ``NOWHERE`` or ``AMBIGUOUS``.

        By its file, or the end of a longer path that is one; by a file name that only one item
        has; by content. A file whose content is another's by now is that other: it was moved.
        """
        content = self._content.get(sha256.lower(), []) if sha256 else []
        found = NOWHERE
        for name in names:
            found = self._by_name(name)
            if found >= 0:
                break
        if found >= 0 and (not content or found in content):
            return found
        if len(content) == 1:
            return content[0]
        if found == AMBIGUOUS or len(content) > 1:
            return AMBIGUOUS
        return found

    def _by_name(self, name: str) -> int:
        paths = _paths(name)
        for path in paths:
            for table in (self._file, self._composed):
                row = _by_end(path, table)
                if row >= 0:
                    return row
        for path in paths:
            row = _by_end(path, self._stem)
            if row >= 0:
                return row
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
    found = [name]
    if "/data/local-files/" in name and (query := parse_qs(urlsplit(name).query).get("d")):
        found.append(query[0])
    if upload := _UPLOAD.search(name):
        found.append(unquote(upload[1]))
    elif name.startswith(("http://", "https://", "file://", "s3://", "gs://")):
        found.append(unquote(urlsplit(name).path))
    if "\\" in name:  # as Windows writes paths
        found.append(name.replace("\\", "/"))
    return tuple(dict.fromkeys(found))


def _by_end(path: str, table: dict[str, int]) -> int:
    """Look for the whole path, then without its first folder, and so on; one folder must stay."""
    row = table.get(path, NOWHERE)
    if row != NOWHERE:
        return row
    start = path.find("/")
    while start >= 0:
        end = path[start + 1 :]
        # the bare name is looked at later: it has to be unique
        if "/" in end and (row := table.get(end, NOWHERE)) != NOWHERE:
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
