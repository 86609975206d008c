"""Tasks and labelling interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.export.formats import labelstudio
from embeddings.export.formats.labelstudio import choice_text, interface_xml, label_of_choice, write
from tests.embeddings.export.making import NASTY_NAMES, hostile_labels, make_source, named


def tasks(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


@given(st.text() | st.sampled_from([*NASTY_NAMES, *hostile_labels()]))
def test_a_choice_survives_xml_and_being_stripped(label: str) -> None:
    text = choice_text(label)
    assert text == text.strip()
    assert text
    [choice] = ElementTree.fromstring(interface_xml([label])).findall(".//*[@name='true_label']/*")
    assert label_of_choice(choice.attrib["value"]) == label


def test_a_plain_label_stays_plain() -> None:
    for label in ("car", "sports car", "سيارة", "🐆", "a\\b", "=x", "u{41}"):
        assert choice_text(label) == label


def test_predictions_say_decision_then_suggestion_then_label(tmp_path: Path) -> None:
    files = [f"{n}.jpg" for n in range(8)]
    decisions = ["relabel: =truck, big", "remove", "unsure", "keep", "", "", "", ""]
    source = make_source(tmp_path, files, ["x"] * 8, decisions=decisions)
    source.items.loc[5, "suggested_label"] = "y"
    source.items.loc[5, "suspicion"] = 0.75
    interface, path, _ = write(source, tmp_path / "out").files
    said = []
    for task in tasks(path):
        [prediction] = task["predictions"]
        values = [r["value"]["choices"] for r in prediction["result"]]
        said.append((prediction["score"], [value for [value] in values]))
    assert said[:6] == [
        (1.0, ["=truck, big"]),
        (1.0, ["x", "remove"]),
        (1.0, ["x", "unsure"]),
        (1.0, ["x"]),
        (1.0, ["x"]),
        (0.75, ["y"]),
    ]
    choices = ElementTree.parse(interface).findall(".//*[@name='true_label']/*")
    assert [choice.attrib["value"] for choice in choices] == ["=truck, big", "x", "y"]


def test_ids_are_unique_and_controls_exist(tmp_path: Path) -> None:
    decisions = ["remove"] * len(NASTY_NAMES)
    source = make_source(tmp_path, NASTY_NAMES, ["x"] * len(NASTY_NAMES), decisions=decisions)
    interface, path, _ = write(source, tmp_path / "out").files
    results = [r for task in tasks(path) for p in task["predictions"] for r in p["result"]]
    assert len({result["id"] for result in results}) == len(results) == 2 * len(NASTY_NAMES)
    controls = {node.attrib.get("name") for node in ElementTree.parse(interface).iter()}
    assert {r["from_name"] for r in results} | {r["to_name"] for r in results} <= controls


def test_addresses_lead_to_the_files(tmp_path: Path) -> None:
    source = make_source(tmp_path / "a b#c", NASTY_NAMES, ["x"] * len(NASTY_NAMES))
    for task in tasks(write(source, tmp_path / "out").files[1]):
        address = urlsplit(task["data"]["image"])
        assert address.path == "/data/local-files/"
        [where] = parse_qs(address.query, keep_blank_values=True)["d"]
        assert source.root.resolve().parent / where == source.root.resolve() / task["data"]["file"]


def test_many_tasks_are_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelstudio, "_TASKS_A_FILE", 3)
    files = [f"{n}.jpg" for n in range(7)]
    done = write(make_source(tmp_path, files, ["x"] * 7), tmp_path / "out")
    assert [path.name for path in done.files[1:-1]] == [
        "tasks-001.json",
        "tasks-002.json",
        "tasks-003.json",
    ]
    back = [task["data"]["file"] for path in done.files[1:-1] for task in tasks(path)]
    assert back == files


def test_tasks_say_what_the_model_calls_their_cluster(tmp_path: Path) -> None:
    source = make_source(tmp_path, [f"{n}.jpg" for n in range(8)], ["x"] * 8)
    source = named(source, "x", 1, "sports car, convertible")
    path = write(source, tmp_path / "out").files[1]
    said = [task["data"]["kind_name"] for task in tasks(path)]
    assert said == [""] * 6 + ["sports car, convertible"] * 2
