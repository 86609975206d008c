"""Files as people and other programs write them, also damaged ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from embeddings import ingest
from embeddings.errors import SourceError, UsageError
from tests.embeddings.ingest.saying import written


def table(path: Path, text: str) -> list[tuple[Any, ...]]:
    path.write_bytes(text.encode("utf-8-sig"))
    return [(a.names, a.action, a.label) for a in ingest.read(path).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_file_and_label(tmp_path: Path, separator: str) -> None:
    text = "File,Label\r\na.jpg,car\r\n'=b.jpg,'=x\r\n\r\n,\r\n".replace(",", separator)
    assert table(tmp_path / "t.csv", text) == [(("a.jpg",), None, "car"), (("=b.jpg",), None, "=x")]


def test_csv_of_actions(tmp_path: Path) -> None:
    text = "path,action,to_label,note\na,Relabel,car,n\nb,remove,,\nc,,,\nd,,van,\n"
    assert table(tmp_path / "t.csv", text) == [
        (("a",), "relabel", "car"),
        (("b",), "remove", None),
        (("c",), None, None),
        (("d",), None, "van"),
    ]


def test_csv_a_decision_wins_over_an_edited_label(tmp_path: Path) -> None:
    text = "file,label,decision\na,van,relabel: car\nb,van,\n"
    assert table(tmp_path / "t.csv", text) == [(("a",), "relabel", "car"), (("b",), None, "van")]


def test_csv_of_long_cells_leaves_other_readers_as_they_were(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "n" * (2 * before)
    assert table(tmp_path / "t.csv", f"file,label,note\na,b,{long}\n") == [(("a",), None, "b")]
    assert csv.field_size_limit() == before


def test_csv_rows_that_say_nonsense_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("file,decision,action\na,burn,\n,keep,\nb,,shred\nc,keep,\n")
    answers = ingest.read(path)
    assert [a.names for a in answers.rows] == [("c",)]
    assert [p.split(":")[0] for p in answers.problems] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"a,b\n1,2\n", "which image"),
        ("t.csv", b"file,size\n1,2\n", "what was decided"),
        ("t.csv", b'file,label\n"a\n', "can't be read"),
        ("t.json", b"[1, 2]", "no export of Label Studio"),
        ("t.json", b"[", "can't be read"),
        ("t.json", b'{"labels": 3}', "no labels.json"),
        ("t.json", b"[" * 100_000, "can't be read"),
        ("t.json", b"[" + b"1" * 5000 + b"]", "can't be read"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said):
        ingest.read(tmp_path / name)


def test_formats_that_are_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be told"):
        ingest.read(tmp_path / "x.doc")
    with pytest.raises(UsageError, match="no import format 'word'"):
        ingest.read(tmp_path / "x.csv", format="word")
    with pytest.raises(SourceError, match="can't be read"):
        ingest.read(tmp_path / "missing.csv")


def choice(value: str, name: str = "true_label") -> dict[str, Any]:
    return {"from_name": name, "type": "choices", "value": {"choices": [value]}}


def annotation(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"result": list(results), "completed_by": 3, **more}


def test_labelstudio_json(tmp_path: Path) -> None:
    note = {"from_name": "note", "type": "textarea", "value": {"text": ["two", "lines"]}}
    skipped = annotation(choice("x"), was_cancelled=True)
    said: list[tuple[dict[str, str], list[dict[str, Any]]]] = [
        ({"file": "a"}, [annotation(choice("car"), note)]),
        ({"file": "b"}, [annotation(choice("remove", "verdict"))]),
        ({"file": "c"}, [skipped]),
        ({"file": "d"}, []),
        ({"image": "/data/upload/1/e"}, [annotation(choice("y", "theirs"))]),
        ({"file": "f"}, [annotation(choice("burn", "verdict"))]),
    ]
    tasks = [
        {"id": number, "data": data, "annotations": annotations}
        for number, (data, annotations) in enumerate(said, start=1)
    ]
    answers = ingest.read(written(tmp_path / "e.json", tasks))
    assert [(a.names, a.action, a.label, a.note) for a in answers.rows] == [
        (("a",), None, "car", "two\nlines"),
        (("b",), "remove", None, ""),
        (("/data/upload/1/e",), None, "y", ""),
    ]
    assert {a.reviewer for a in answers.rows} == {"Label Studio user 3"}
    assert answers.problems[0].startswith("task 6: 'burn' is no verdict")


def test_labelstudio_the_last_update_comes_last(tmp_path: Path) -> None:
    late = annotation(choice("late"), updated_at="2025-02-01T00:00:00Z")
    soon = annotation(choice("soon"), updated_at="2025-01-01T00:00:00Z")
    tasks = [{"id": 1, "data": {"file": "a"}, "annotations": [late, soon]}]
    rows = ingest.read(written(tmp_path / "e.json", tasks)).rows
    assert [a.label for a in rows] == ["soon", "late"]


def test_labelstudio_min_in_other_peoples_interfaces(tmp_path: Path) -> None:
    tasks = [
        {"image": "x/a.jpg", "choice": "car", "annotator": "mara@example.org"},
        {"image": "x/b.jpg", "choice": {"choices": ["a", "b"]}},
        {"image": "x/c.jpg"},
    ]
    answers = ingest.read(written(tmp_path / "e.json", tasks))
    assert [(a.names, a.label, a.reviewer) for a in answers.rows] == [
        (("x/a.jpg",), "car", "mara@example.org")
    ]
    assert "several labels" in answers.problems[0]


def test_fiftyone_as_it_exports_itself(tmp_path: Path) -> None:
    content = {
        "classes": ["cat", "dog"],
        "labels": {
            "a": 1,
            "b": {"label": 0, "confidence": 0.5},
            "c": None,
            "d": "bird",
            "e": [0, 1],
        },
    }
    answers = ingest.read(written(tmp_path / "labels.json", content))
    assert [(a.names, a.label) for a in answers.rows] == [
        (("a",), "dog"),
        (("b",), "cat"),
        (("d",), "bird"),
    ]
    assert answers.problems == ("'e': It has several labels. An item has one.",)


@pytest.mark.parametrize(
    ("label", "decision", "action", "reviewed"),
    [
        ("jaguar", "remove", "remove", False),
        ("car", "remove", None, False),  # changed there after it was to be removed
        ("jaguar", "relabel: car", None, True),  # taken back there: it is right
        ("jaguar", None, None, False),
    ],
)
def test_fiftyone_a_label_changed_there_wins(
    tmp_path: Path, label: str, decision: str | None, action: str | None, reviewed: bool
) -> None:
    attributes = {"given_label": "jaguar"} | ({"decision": decision} if decision else {})
    content = {"labels": {"a": {"label": label, "attributes": attributes}}}
    [answer] = ingest.read(written(tmp_path / "labels.json", content)).rows
    assert (answer.label, answer.action, answer.reviewed) == (label, action, reviewed)
