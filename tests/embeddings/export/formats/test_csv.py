"""CSV out, and the same back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings.errors import SourceError
from embeddings.export.formats.csv import export_csv, read_csv
from embeddings.storage import neutralised, restored

NASTY = [
    "cat/1.jpg",
    "=cmd|' /C calc'!A0/1.jpg",
    "+1+1/x.jpg",
    "-a/x.jpg",
    "@SUM(A1)/x.jpg",
    "'=quoted/x.jpg",
    "''-a",
    "'just quoted",
    "\t=1/x.jpg",
    "\r=1/x.jpg",
    'com,ma/quo"te\nnew\rline\r\n🐆.jpg',
    "＝1+1",
    "ünïcode/é.jpg",
    "-1",
    "+1.5e3",
    "007",
    " ",
]


def frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    n = len(NASTY)
    items = pd.DataFrame(
        {
            c.SHA256: ["ab"] * n,
            c.FILE: NASTY,
            c.LABEL: NASTY,
            c.CLUSTER: [0.0, -1.0, np.nan] + [1.0] * (n - 3),
            c.CLUSTER_PROBABILITY: np.full(n, 0.1, dtype=np.float32),
            c.SUSPICION: np.linspace(0, 1, n),
            c.SUGGESTED_LABEL: [None, "=x"] + [None] * (n - 2),
            c.X: np.full(n, -1.5, dtype=np.float32),
            c.Y: np.full(n, np.nan, dtype=np.float32),
            c.STATUS: [c.OK] * (n - 1) + [c.UNREADABLE],
            c.GREY: [True] * n,
            c.PREDICTED_CLASSES: [np.array([1, 2], dtype=np.int32)] * n,
            c.EMBEDDING: [np.zeros(3, dtype=np.float32)] * n,
        }
    )
    classes = pd.DataFrame(
        {
            c.LABEL: ["one", "two", "three"],
            c.SIZE: [1, 2, 3],
            c.N_CLUSTERS: [1, 2, 1],
            c.SPLIT_SCORE: [0.1, 0.9, 0.1],
            c.IS_SPLIT: [False, True, False],
        }
    )
    clusters = pd.DataFrame({c.LABEL: ["two"], c.CLUSTER: [0], c.SIZE: [2]})
    merges = pd.DataFrame(
        [("one", "=two", 0.75, 12, 8, 0.9, 1.0, "alike")], columns=list(c.MERGE_COLUMNS)
    )
    return items, classes, clusters, merges


def test_the_four_tables(tmp_path: Path) -> None:
    written = export_csv(*frames(), tmp_path / "new" / "out")
    assert [path.name for path in written] == [
        "items.csv",
        "classes.csv",
        "clusters.csv",
        "merges.csv",
    ]
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == [
        "classes.csv",
        "clusters.csv",
        "items.csv",
        "merges.csv",
    ]
    heads = [path.read_text(encoding="utf-8").split("\n")[0] for path in written]
    assert heads == [
        "file,label,cluster,cluster_probability,suspicion,suggested_label,decision,x,y,status,"
        "reason,cluster_suspicion,cluster_suggested_label,sha256,grey,predicted_classes",
        "label,size,n_clusters,split_score,is_split,verdict,style",
        "label,cluster,size,suspicion,suggested_label,nearest_label,is_odd,kind_name",
        "label_a,label_b,score,size_a,size_b,affinity,mixing,evidence",
    ]
    assert written[1].read_text(encoding="utf-8").splitlines()[1:] == [
        "two,2,2,0.9,true,,",
        "one,1,1,0.1,false,,",
        "three,3,1,0.1,false,,",
    ]


def test_a_row_is_as_others_expect_it(tmp_path: Path) -> None:
    items, *_ = export_csv(*frames(), tmp_path)
    with items.open(encoding="utf-8", newline="") as stream:
        first, second, third, *_ = csv.DictReader(stream)
    assert first == {
        c.FILE: "cat/1.jpg",
        c.LABEL: "cat/1.jpg",
        c.CLUSTER: "0",
        c.CLUSTER_PROBABILITY: "0.1",
        c.SUSPICION: "0.0",
        c.SUGGESTED_LABEL: "",
        c.DECISION: "",
        c.X: "-1.5",
        c.Y: "",
        c.STATUS: c.OK,
        c.REASON: "",
        c.CLUSTER_SUSPICION: "",
        c.CLUSTER_SUGGESTED_LABEL: "",
        c.SHA256: "ab",
        c.GREY: "true",
        c.PREDICTED_CLASSES: "[1, 2]",
    }
    assert second[c.CLUSTER] == "-1"
    assert second[c.SUGGESTED_LABEL] == "'=x"
    assert third[c.CLUSTER] == ""


def test_formulas_are_guarded_and_numbers_are_not() -> None:
    assert neutralised("=1+1") == "'=1+1"
    assert neutralised("-") == "'-"
    assert neutralised("-1+cmd|x") == "'-1+cmd|x"
    for harmless in ("-1", "+2.5", "-1e-7", "cat", "", "a=b", "'tis"):
        assert neutralised(harmless) == harmless


def test_names_come_back(tmp_path: Path) -> None:
    items, *_ = export_csv(*frames(), tmp_path)
    back = read_csv(items)
    assert list(back[c.FILE]) == NASTY
    assert list(back[c.LABEL]) == NASTY
    assert json.loads(back[c.PREDICTED_CLASSES][0]) == [1, 2]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="'=+-@\t\r\n＝1.eE x\"", max_size=6) | st.text())
def test_guarding_can_always_be_undone(text: str) -> None:
    safe = neutralised(text)
    assert restored(safe) == text
    if safe[:1] in "=+-@＝\t\r\n":
        assert not safe or safe == text


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_any_name_comes_back(tmp_path: Path, names: list[str]) -> None:
    items = pd.DataFrame({c.FILE: names, c.LABEL: names})
    path, *_ = export_csv(items, *[pd.DataFrame()] * 3, tmp_path)
    assert list(read_csv(path)[c.FILE]) == names


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    once = [path.read_bytes() for path in export_csv(*frames(), tmp_path / "a")]
    again = [path.read_bytes() for path in export_csv(*frames(), tmp_path / "b")]
    assert once == again
    assert export_csv(*frames(), tmp_path / "a")[0].read_bytes() == once[0]


def test_more_rows_than_are_written_at_once(tmp_path: Path) -> None:
    items = pd.DataFrame({c.FILE: [f"{i}.jpg" for i in range(10_000)], c.LABEL: "x"})
    path, *_ = export_csv(items, *[pd.DataFrame()] * 3, tmp_path)
    assert list(read_csv(path)[c.FILE]) == list(items[c.FILE])


def test_gaps_of_every_sort_are_empty(tmp_path: Path) -> None:
    items = pd.DataFrame(
        {
            c.FILE: ["a", "b"],
            c.CLUSTER: pd.array([1, None], dtype="Int64"),
            "when": pd.to_datetime(["2024-01-01", None]),
            "sure": pd.array([True, None], dtype="boolean"),
        }
    )
    path, *_ = export_csv(items, *[pd.DataFrame()] * 3, tmp_path)
    back = read_csv(path)
    assert list(back[c.CLUSTER]) == ["1", ""]
    assert list(back["when"])[1] == ""
    assert list(back["sure"]) == ["true", ""]


def test_a_name_that_utf8_can_not_hold_is_spelt_out(tmp_path: Path) -> None:
    items = pd.DataFrame({c.FILE: pd.Series(["caf\udce9.jpg"], dtype=object)})
    path, *_ = export_csv(items, *[pd.DataFrame()] * 3, tmp_path)
    assert read_csv(path)[c.FILE][0] == r"caf\udce9.jpg"


def test_reading_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"caf\xe9")
    for name in ("none.csv", "latin.csv"):
        with pytest.raises(SourceError, match="can't be read"):
            read_csv(tmp_path / name)
