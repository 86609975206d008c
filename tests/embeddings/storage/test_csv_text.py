"""Text tables in every encoding, with every delimiter, as programs of many countries write them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import SourceError
from embeddings.storage import CsvRows, decoded, read_csv

NAMES = frozenset({"file", "label"})


def read(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> CsvRows:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(tmp_path / name, NAMES)


def test_cells_lines_and_notes(tmp_path: Path) -> None:
    table = read(tmp_path, 'sep=;\r\nfile;label\r\na.jpg;"two\r\nlines"\r\n\r\n"b;c.jpg";x\r\n')
    assert table.header == ("file", "label")
    assert table.rows == [["a.jpg", "two\r\nlines"], ["b;c.jpg", "x"]]
    assert table.lines == [4, 6]
    assert table.delimiter == ";"
    assert table.notes == ("t.csv is separated by ';'.",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_told_among_the_others(tmp_path: Path, delimiter: str) -> None:
    rows = [("file", "label"), ("a,b;c.jpg", "x|y"), ("d.jpg", "1,5")]
    with (tmp_path / "t.csv").open("w", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    table = read_csv(tmp_path / "t.csv", NAMES)
    assert table.delimiter == delimiter
    assert [table.header, *map(tuple, table.rows)] == rows


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    table = read(tmp_path, "file\na.jpg\nb.jpg\n")
    assert table.rows == [["a.jpg"], ["b.jpg"]]


def test_a_long_cell_is_read_and_the_limit_put_back(tmp_path: Path) -> None:
    # https://stackoverflow.com/questions/15063936: "field larger than field limit (131072)"
    before = csv.field_size_limit()
    table = read(tmp_path, f"file,label,polygon\na.jpg,x,{'1 ' * 200_000}\n")
    assert len(table.rows[0][2]) == 400_000
    assert csv.field_size_limit() == before


def test_commas_at_the_ends_of_lines_are_no_cells(tmp_path: Path) -> None:
    assert read(tmp_path, "file,label,\na.jpg,x,\n").header == ("file", "label")
    assert read(tmp_path, "file,label\na.jpg,x,,,\n").rows == [["a.jpg", "x"]]
    assert read(tmp_path, "file,label\na.jpg\n").rows == [["a.jpg", ""]]


def test_a_row_that_does_not_fit_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"line 3: 3 fields under a header of 2"):
        read(tmp_path, "sep=,\nfile,label\na.jpg,x,y\n")


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is empty"):
        read(tmp_path, "\n\n")


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [
        ("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", ""), ("utf-16-be", ""),
        ("utf-32", ""), ("cp1252", "Windows-1252"),
    ],
)  # fmt: skip
def test_text_is_decoded(encoding: str, guessed: str) -> None:
    told = decoded("file,label\nKüche.jpg,café\n".encode(encoding))
    assert told.text == "file,label\nKüche.jpg,café\n"
    assert told.guessed == guessed
    assert bool(told.notes("t.csv")) == bool(guessed)


def test_what_means_nothing_in_windows_1252_is_latin_1() -> None:
    assert decoded(b"caf\xe9\x81").guessed == "Latin-1"


@given(st.binary(max_size=200))
def test_any_bytes_are_text(content: bytes) -> None:
    assert isinstance(decoded(content).text, str)
