"""The draft of a labelling guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.decisions import open_store
from embeddings.errors import UsageError
from explorer.data import Dataset
from explorer.reports import write_guide
from explorer.reports.guide.markdown import plain
from tests.explorer.conftest import build_workspace
from tests.explorer.hostile import build_hostile
from tests.explorer.reports.test_html import check_harmless


def decide(path: Path, rows: list[int], to_label: str) -> None:
    dataset = Dataset(path)
    with open_store(path, resolve=False) as store:
        store.decide(dataset.items_at(rows), "relabel", to_label=to_label, reviewer="Mara")


def test_a_decided_split_has_a_section_with_both_kinds(tmp_path: Path) -> None:
    build_workspace(tmp_path / "ws")
    decide(tmp_path / "ws", [9, 10, 11, 12], "car")
    n, text, page = write_guide(tmp_path / "ws", tmp_path / "out")
    assert n == 1
    told = text.read_text(encoding="utf-8")
    assert "## 1. jaguar" in told
    assert "### A: is jaguar" in told
    assert "### B: is car" in told
    assert "4 relabelled to car" in told
    assert told.count("**Rule:**") == 1
    linked = re.findall(r"\]\((pictures/[^)]+)\)", told)
    assert len(linked) == 10
    for file in linked:
        assert (tmp_path / "out" / file).read_bytes()[:2] == b"\xff\xd8"
    said = check_harmless(page.read_text(encoding="utf-8")).said()
    assert "1. jaguar" in said
    assert "B is car" in said


def test_a_shorter_guide_leaves_no_pictures_of_the_longer_one(tmp_path: Path) -> None:
    build_workspace(tmp_path / "ws")
    decide(tmp_path / "ws", [9, 10, 11, 12], "car")
    left = tmp_path / "out" / "pictures" / "7-A-1.jpg"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"old")
    write_guide(tmp_path / "ws", tmp_path / "out")
    assert not left.exists()


def test_single_decisions_make_no_rule(tmp_path: Path) -> None:
    build_workspace(tmp_path / "ws")
    decide(tmp_path / "ws", [9], "car")
    with pytest.raises(UsageError, match="No split was decided yet"):
        write_guide(tmp_path / "ws", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_want_to_be_markup_stay_text(tmp_path: Path) -> None:
    build_hostile(tmp_path / "ws")
    decide(tmp_path / "ws", [9, 10, 11, 12], "<img src=x onerror=alert(1)> [x](javascript:y)")
    _, text, page = write_guide(tmp_path / "ws", tmp_path / "out")
    told = text.read_text(encoding="utf-8")
    assert re.search(r"(?<!\\)<", told) is None
    assert re.search(r"(?<!\\)\]\(javascript", told) is None
    check_harmless(page.read_text(encoding="utf-8"))


@given(st.text())
def test_no_sign_of_markdown_is_left_bare(text: str) -> None:
    assert re.search(r"(?<!\\)(?:\\\\)*[*_`<\[\]#|]", plain(text)) is None
    assert "\n" not in plain(text)
