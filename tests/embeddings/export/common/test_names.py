"""Names for folders and menus out of any text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.export.common.names import (
    LONGEST,
    Unique,
    file_name,
    folder_name,
    folder_names,
    one_line,
    tensor_names,
)
from tests.embeddings.export.making import NASTY_NAMES, hostile_labels

any_text = st.text() | st.sampled_from([*hostile_labels(), *NASTY_NAMES])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_text, max_size=6))
def test_every_label_has_a_folder_of_its_own_inside(tmp_path: Path, labels: list[str]) -> None:
    folders = folder_names(labels)
    assert list(folders) == list(dict.fromkeys(labels))
    folded = {unicodedata.normalize("NFC", name).casefold() for name in folders.values()}
    assert len(folded) == len(folders)
    for name in folders.values():
        assert name
        assert len(name.encode()) <= LONGEST + 8
        assert name not in (".", "..")
        assert not set(name) & set('<>:"/\\|?*\0\n\t')
        assert name[0] not in "=+-@'.~ "
        assert name[-1] not in " ."
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("car", "car"),
        ("../x", "_x"),
        ("a/b", "a_b"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("CON", "_CON"),
        ("Test", "_Test"),
        ("nul.txt", "_nul.txt"),
        ("=1+1", "1+1"),
        ("sports car ", "sports car"),
        ("سيارة", "سيارة"),
    ],
)
def test_names_stay_readable(label: str, name: str) -> None:
    assert folder_name(label) == name


def test_long_names_that_differ_at_the_end_stay_two() -> None:
    a, b = folder_name("x" * 254 + "a"), folder_name("x" * 254 + "b")
    assert a != b
    assert len(a) == LONGEST


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1))
def test_a_file_keeps_its_suffix(stem: str) -> None:
    assert file_name(f"{stem}.jpg").endswith(".jpg")


def test_unique_counts_on_and_knows_no_case() -> None:
    unique = Unique()
    assert [unique("a", suffix=".jpg"), unique("A", suffix=".jpg"), unique("a", suffix=".jpg")] == [
        "a.jpg",
        "A-2.jpg",
        "a-3.jpg",
    ]
    assert unique("a-2", suffix=".jpg") == "a-2-2.jpg"


def test_a_menu_holds_no_signs_of_an_address() -> None:
    names = tensor_names(["a&b", "a＆b", "x:0", "x", "", " \t", "all items"], taken=["all items"])
    assert len({name.casefold() for name in names.values()} | {"all items"}) == 8
    for name in names.values():
        assert not set(name) & set("&#+%:\t\n")
        assert name == one_line(name)
