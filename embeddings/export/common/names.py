r"""Make names that other programs and file systems accept, from any text.

A label can be any text: ``../x``, ``a/b``, ``CON``, the empty text, 255 bytes of emoji. The names
made here are for folders and menus; the true label is always written beside them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 100  # bytes of a folder or file name, without what makes it unique

# Characters that Windows or a POSIX file system refuses, that a shell or spreadsheet interprets, or
# that are invisible: control, format and unassigned characters.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STARTS_BADLY = re.compile(r"^[\s.=+\-@~'＝＋－＠]+")
_RESERVED: Final = frozenset(
    # Windows' devices, and what data set readers take for a subset
    {"train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval"}
    | {"evaluation", "con", "prn", "aux", "nul"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
# The projector puts a tensor's name into an address as it is; it also cuts ":0" off.
_FULL_WIDTH: Final = str.maketrans(
    {"&": "＆", "#": "＃", "+": "＋", "%": "％", ":": "：", ";": "；"}
)


def one_line(text: str) -> str:
    """Put runs of blanks, tabs, line ends and controls as one space, none at the ends."""
    return _BLANKS.sub(" ", text).strip()


def folder_name(label: str) -> str:
    """Make a folder name of a label: at most ``LONGEST`` bytes, on any file system, never empty."""
    return _component(label) or "unnamed"


def file_name(name: str) -> str:
    """Make a file name of the last part of a path; the suffix stays."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"[A-Za-z0-9]{1,8}", suffix):
        return _component(name) or "unnamed"
    return f"{_component(stem) or 'unnamed'}.{suffix}"


def _component(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(" " if unicodedata.category(ch) in _UNSEEN else ch for ch in composed)
    plain = _STARTS_BADLY.sub("", _FORBIDDEN.sub("_", seen)).rstrip(" .")
    plain = re.sub(r"\s+", " ", plain)
    if plain.partition(".")[0].rstrip().casefold() in _RESERVED:
        plain = f"_{plain}"
    if len(plain.encode()) > LONGEST:
        # two labels that differ only at their ends stay two names
        mark = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        cut = plain.encode()[: LONGEST - 9].decode("utf-8", "ignore").rstrip(" .")
        plain = f"{cut}-{mark}"
    return plain


class Unique:
    """Gives each name once, also on file systems that ignore case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {self._folded(name) for name in taken}
        self._next: dict[str, int] = {}

    def __call__(self, name: str, *, suffix: str = "") -> str:
        """Return ``name + suffix``, with a number between the two where that is taken."""
        wanted = name + suffix
        number = self._next.get(self._folded(wanted), 2)
        found = wanted
        while self._folded(found) in self._taken:
            found = f"{name}-{number}{suffix}"
            number += 1
        self._next[self._folded(wanted)] = number
        self._taken.add(self._folded(found))
        return found

    @staticmethod
    def _folded(name: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def folder_names(labels: Iterable[str]) -> dict[str, str]:
    """Give each label a folder of its own, in the order given."""
    unique = Unique()
    return {label: unique(folder_name(label)) for label in dict.fromkeys(labels)}


def tensor_names(labels: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Give each label a name that is valid in the projector's menu and addresses."""
    unique = Unique(taken)
    return {
        label: unique(one_line(label).translate(_FULL_WIDTH) or "unnamed")
        for label in dict.fromkeys(labels)
    }
