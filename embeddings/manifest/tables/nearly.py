"""Files found by names that are nearly theirs: Unicode form, blanks, case, suffix, folder.

A name is looked for in that order, and found where exactly one file fits. Each such find is
counted, so that it can be said.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from embeddings.images import IMAGE_SUFFIXES

_SEVERAL: Final = "\0several"


class NearlyNamed:
    """The files below a folder, by what a table may call them.

    Parameters
    ----------
    files
        Relative paths in POSIX form, each once.
    """

    def __init__(self, files: Iterable[str]) -> None:
        self._files = list(files)
        self._flat = not any("/" in file for file in self._files)
        self._tables: dict[str, dict[str, str]] = {}
        self.found: Counter[str] = Counter()
        self.examples: dict[str, tuple[str, str]] = {}

    def find(self, name: str) -> str | None:
        """Return the one file that a name fits, None where there is none or more than one."""
        name = name.replace("\\", "/").strip()
        while name.startswith("./"):
            name = name[2:]
        within = "/" in name
        for how, key, of_name in _KEYS:
            if how == _FOLDERS_BEFORE:
                if (file := self._without_folders_before(name)) is not None:
                    return self._told(how, name, file)
                continue
            if how.startswith("folder of two") and not within:
                continue
            if how.startswith("name alone") and within and not self._flat:
                continue
            file = self._table(how, key).get(of_name(name))
            if file is not None and file != _SEVERAL:
                return self._told(how, name, file)
        return None

    def _without_folders_before(self, name: str) -> str | None:
        """Return the file that is left of a path when folders at its beginning are left out.

        One folder stays at least: the same bare name may be another picture.
        """
        parts = _stem(name).split("/")
        table = self._table(_SUFFIX, _stem)
        tails = ("/".join(parts[at:]) for at in range(1, len(parts) - 1))
        found = next((file for tail in tails if (file := table.get(tail)) is not None), None)
        return None if found == _SEVERAL else found

    def notes(self, table: str) -> list[str]:
        """Say how many names were found in which way, with an example of each."""
        said = []
        for how, count in sorted(self.found.items()):
            name, file = self.examples[how]
            said.append(
                f"{count} names of {table} differ from their files by {how}: {name!r} was taken "
                f"for {file!r}."
            )
        return said

    def _told(self, how: str, name: str, file: str) -> str:
        what = how.partition("; ")[2] or how
        if file != name:
            self.found[what] += 1
            self.examples.setdefault(what, (name, file))
        return file

    def _table(self, how: str, key: Callable[[str], str]) -> dict[str, str]:
        if how not in self._tables:
            table: dict[str, str] = {}
            for file in self._files:
                at = key(file)
                table[at] = _SEVERAL if at in table else file
            self._tables[how] = table
        return self._tables[how]

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self._files)


def _as_is(name: str) -> str:
    return name


def _form(name: str) -> str:
    parts = unicodedata.normalize("NFC", name).split("/")
    return "/".join(" ".join(part.split()) for part in parts)


def _folded(name: str) -> str:
    return _form(name).casefold()


def _stem(name: str) -> str:
    folded = _folded(name)
    stem, dot, suffix = folded.rpartition(".")
    return stem if dot and f".{suffix}" in IMAGE_SUFFIXES else folded


def _tail(key: Callable[[str], str], parts: int) -> Callable[[str], str]:
    return lambda name: "/".join(key(name).split("/")[-parts:])


_SUFFIX: Final = "suffix"
_FOLDERS_BEFORE: Final = "folders before; the folders above"
_Key = tuple[str, Callable[[str], str], Callable[[str], str]]
_KEYS: Final[tuple[_Key, ...]] = (
    ("the folders above", _as_is, _as_is),
    ("Unicode form or blanks", _form, _form),
    ("upper and lower case", _folded, _folded),
    (_SUFFIX, _stem, _stem),
    (_FOLDERS_BEFORE, _as_is, _as_is),
    ("folder of two; the folders above", _tail(_folded, 2), _tail(_folded, 2)),
    ("folder of two stem; the folders above and suffix", _tail(_stem, 2), _tail(_stem, 2)),
    ("name alone; the folder", _tail(_folded, 1), _tail(_folded, 1)),
    ("name alone stem; folder and suffix", _tail(_stem, 1), _tail(_stem, 1)),
)
