"""Tables as Excel saves them, by menu entry and by country."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings import ingest
from embeddings.errors import SourceError

ROWS = (("file", "label", "decision"), ("a/é.jpg", "Küche", "relabel: œuvre"), ("b.jpg", "x", ""))
SAID = [(("a/é.jpg",), "œuvre"), (("b.jpg",), "x")]


@pytest.mark.parametrize(
    ("first", "line_end"),
    [
        (first, line_end)
        for first in ("", "sep={}", '"sep={}"')
        for line_end in ("\n", "\r\n", "\r")
        if not (first and line_end == "\r")  # Excel for Mac of that time wrote no such line
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_whatever_excel_writes_is_read(
    tmp_path: Path, encoding: str, first: str, delimiter: str, line_end: str
) -> None:
    lines = [*([first.format(delimiter)] if first else []), *(delimiter.join(r) for r in ROWS)]
    (tmp_path / "t.csv").write_bytes((line_end.join(lines) + line_end).encode(encoding))
    answers = ingest.read(tmp_path / "t.csv")
    assert [(a.names, a.label) for a in answers.rows] == SAID
    assert answers.problems == ()
    assert ("Windows-1252" in "".join(answers.notes)) == (encoding == "cp1252")


def test_lines_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"sep=;\r\nfile;decision\r\na;keep\r\nb;burn\r\n")
    answers = ingest.read(tmp_path / "t.csv")
    assert [a.where for a in answers.rows] == ["line 3"]
    assert answers.problems[0].startswith("line 4: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="can't be read"):
        ingest.read(tmp_path / "none.csv")
