"""Text of a table as spreadsheets write it: what it is encoded in, and what stands between cells.

Excel writes UTF-8 with a byte order mark, UTF-16 (*Unicode text*, with tabs) or the code page of
its machine, semicolons where the comma is the decimal sign, and ``sep=;`` in a first line of its
own.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embeddings.errors import SourceError

DELIMITERS: Final = (",", ";", "\t")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN: Final = "cp1252"
_HEAD: Final = 512  # bytes in which UTF-16 without a mark shows itself


@dataclass(frozen=True, slots=True)
class TableText:
    """The text of a table: its cells stand between ``delimiter``; ``skipped`` lines came before.

    ``notes`` say what was assumed.
    """

    text: str
    delimiter: str
    skipped: int = 0
    notes: tuple[str, ...] = ()


def read_table_text(path: Path) -> TableText:
    """Read the whole file.

    Raises
    ------
    SourceError
        It is not there, or is text in no encoding that spreadsheets write.
    """
    try:
        content = path.read_bytes()
        encoding = _encoding(content)
        text = content.decode(encoding)
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{path} can't be read: {error}.", hint="Save it as CSV in UTF-8, or export it again."
        ) from error
    notes: tuple[str, ...] = ()
    if encoding == _WESTERN:
        notes = (
            f"{path.name} is not UTF-8 and was read as Windows-1252: where names in it look odd, "
            "save it as CSV UTF-8.",
        )
    first, _, rest = text.partition("\n")
    said = first.strip(" \r").strip('"')
    if said.casefold().startswith("sep=") and len(said) == 5:
        return TableText(rest, said[-1], 1, notes)
    return TableText(text, max(DELIMITERS, key=first.count), 0, notes)


def _encoding(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    head = content[:_HEAD]
    # in UTF-16 every other byte of plain letters is zero, which no other text holds
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _WESTERN
    return "utf-8"
