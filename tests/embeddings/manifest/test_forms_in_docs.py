"""The table of forms in ``docs/inputs.md`` against the code: none missing, none invented."""

from __future__ import annotations

import re
from pathlib import Path

from embeddings import export
from embeddings.manifest.annotations.finding import FORMATS
from embeddings.manifest.archives import ARCHIVE_SUFFIXES
from embeddings.manifest.ready_made import ARRAY_SUFFIXES
from embeddings.manifest.tables.packed import PACKED_SUFFIXES
from embeddings.manifest.tables.read import TABLE_SUFFIXES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/inputs.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    """Return the rows of the table: form, read, written, tested with."""
    table = PAGE.split("| form | read | written | tested with |")[1].split("\n\n")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")]
             for line in table.splitlines()[2:]]  # fmt: skip
    assert len(found) > 10
    assert all(len(row) == 4 for row in found)
    return found


def test_each_suffix_that_is_read_stands_there_and_no_other() -> None:
    said = {s for form, *_ in rows() for s in re.findall(r"`(\.[a-z0-9.]+)`", form)}
    read = {*TABLE_SUFFIXES, *PACKED_SUFFIXES, *ARCHIVE_SUFFIXES, *ARRAY_SUFFIXES}
    assert said == read


def test_each_annotation_format_stands_there_and_is_written_back() -> None:
    by_form = [(form, written) for form, _, written, _ in rows()]
    for one in FORMATS:
        name = one.title.removesuffix(" for images")
        assert any(name in form and "annotations" in written for form, written in by_form), name
        assert callable(one.relabelled)


def test_each_export_exists() -> None:
    said = {name for *_, written, _ in rows() for name in re.findall(r"--to (\w+)", written)}
    assert said
    assert said <= {one.name for one in export.FORMATS}


def test_each_test_exists() -> None:
    for form, *_, tested in rows():
        tests = re.findall(r"`([\w/]*test_\w+\.py)`", tested)
        assert tests, form
        for test in tests:
            assert list((ROOT / "tests").rglob(test)), test


def test_each_option_of_what_lies_where_is_read() -> None:
    """The rules that the page names for ``--label-from`` are those that there are."""
    from embeddings.manifest import rule_named

    rules = re.findall(r"^\| `--label-from (?:'([^']+)'|([^`]+))`", PAGE, re.MULTILINE)
    assert len(rules) >= 5
    for quoted, plain in rules:
        for rule in (quoted or plain).split("`, `"):
            rule_named(rule.replace("REGEX", "(a)"), "--label-from")
