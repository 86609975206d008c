"""Files found by names that are nearly theirs: Unicode form, blanks, case, suffix, folder.

A name is looked for in that order, and found where exactly one file fits. Each such find is
counted, so that it can be said.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

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
        self._tables: dict[_Key, dict[str, str]] = {}
        self.found: Counter[str] = Counter()
        self.examples: dict[str, tuple[str, str]] = {}

    def find(self, name: str) -> str | None:
        """Return the one file that a name fits, None where there is none or more than one."""
        if not self._files:
            return None
        name = name.replace("\\", "/").strip()
        while name.startswith("./"):
            name = name[2:]
        within = "/" in name
        spellings = _spellings(name)
        for key in _KEYS:
            if key.parts == _ANY_TAIL:
                file = self._without_folders_before(spellings[_STEM])
            elif (key.parts == 2 and not within) or (key.parts == 1 and within and not self._flat):
                continue
            else:
                file = self._table(key).get(_tail(spellings[key.spelling], key.parts))
            if file is not None and file != _SEVERAL:
                return self._told(key.how, name, file)
        return None

    def _without_folders_before(self, stem: str) -> str | None:
        """Return the file that is left of a path when folders at its beginning are left out.

        One folder stays at least: the same bare name may be another picture.
        """
        parts = stem.split("/")
        table = self._table(_BY_STEM)
        tails = ("/".join(parts[at:]) for at in range(1, len(parts) - 1))
        return next((file for tail in tails if (file := table.get(tail)) is not None), None)

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
        if file != name:
            self.found[how] += 1
            self.examples.setdefault(how, (name, file))
        return file

    def _table(self, key: _Key) -> dict[str, str]:
        if key not in self._tables:
            table: dict[str, str] = {}
            for file in self._files:
                at = _tail(_spellings(file)[key.spelling], key.parts)
                table[at] = _SEVERAL if at in table else file
            self._tables[key] = table
        return self._tables[key]

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self._files)


def _spellings(name: str) -> tuple[str, str, str, str]:
    """Return a name as it is, in one Unicode form, without case, and without a suffix too."""
    form = name
    if not name.isascii() or " " in name or "\t" in name:
        parts = unicodedata.normalize("NFC", name).split("/")
        form = "/".join(" ".join(part.split()) for part in parts)
    folded = form.casefold()
    stem, dot, suffix = folded.rpartition(".")
    return name, form, folded, stem if dot and f".{suffix}" in IMAGE_SUFFIXES else folded


def _tail(name: str, parts: int) -> str:
    """Return the last parts of a path, all of it for 0."""
    return "/".join(name.split("/")[-parts:]) if parts else name


class _Key(NamedTuple):
    """A way in which a name may differ from its file: by ``spelling``, in its last ``parts``."""

    how: str
    spelling: int
    parts: int


_AS_IS, _FORM, _FOLDED, _STEM = range(4)
_ANY_TAIL: Final = -1
_BY_STEM: Final = _Key("suffix", _STEM, 0)
_KEYS: Final = (
    _Key("the folders above", _AS_IS, 0),
    _Key("Unicode form or blanks", _FORM, 0),
    _Key("upper and lower case", _FOLDED, 0),
    _BY_STEM,
    _Key("the folders above", _STEM, _ANY_TAIL),
    _Key("the folders above", _FOLDED, 2),
    _Key("the folders above and suffix", _STEM, 2),
    _Key("the folder", _FOLDED, 1),
    _Key("folder and suffix", _STEM, 1),
)
