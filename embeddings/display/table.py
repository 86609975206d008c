"""The first rows of a table as text for a console and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

MOST_LINES: Final = 12  # rows of a table that are shown


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown of a record: a ``title`` of one line, and the first of its ``rows``."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0  # rows that are not shown
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return lines of at most some hundred characters."""
        lines = [self.title]
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        for row in self.rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            lines.append(_cut("  " + "  ".join(cells).rstrip()))
        if self.more:
            lines.append(f"  … and {self.more:,} more")
        return "\n".join([*lines, *(_cut(f"  {note}") for note in self.notes)])

    def html(self) -> str:
        """Return the same as HTML; every name in it is escaped."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        more = f"<p>… and {self.more:,} more</p>" if self.more else ""
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(self.title)}</p>{table if self.rows else ''}{more}{notes}"


def table_of(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    total: int | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Return the first ``MOST_LINES`` of ``rows`` as a table; ``total`` is how many there are."""
    shown = tuple(tuple(str(cell) for cell in row) for row in rows[:MOST_LINES])
    count = len(rows) if total is None else total
    return Table(title, tuple(columns), shown, count - len(shown), tuple(notes[:3]))


def counted(count: int, one: str, many: str = "") -> str:
    """Return ``1 label``, ``1,280 labels``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _cut(line: str, most: int = 110) -> str:
    return line if len(line) <= most else line[: most - 1] + "…"
