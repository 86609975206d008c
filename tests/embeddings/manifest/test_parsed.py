"""No file is parsed twice to know what it is and what it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from embeddings import manifest
from embeddings.manifest.parsed import Parsed
from tests.embeddings.manifest.annotations import scenes
from tests.embeddings.manifest.sets import draw, labels, put


def test_what_is_looked_at_is_parsed_once_and_taken_once(tmp_path: Path) -> None:
    seen: list[Path] = []

    def parse(path: Path) -> int:
        seen.append(path)
        return len(seen)

    parsed, path = Parsed(), tmp_path / "a"
    assert [parsed.look(path, parse), parsed.look(path, parse), parsed.take(path, parse)] == [1] * 3
    assert parsed.take(path, parse) == 2
    parsed.look(path, parse)
    parsed.drop()
    assert parsed.look(path, parse) == 4


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """Count how often a text of each length is parsed as JSON or XML."""
    times: Counter[int] = Counter()
    for module, name in ((json, "loads"), (ElementTree, "fromstring")):
        plain = getattr(module, name)

        def parse(text: Any, *more: Any, plain: Any = plain, **how: Any) -> Any:
            times[len(text)] += 1
            return plain(text, *more, **how)

        monkeypatch.setattr(module, name, parse)
    return times


@pytest.mark.parametrize("form", ["COCO", "LabelMe", "Label Studio", "FiftyOne", "Pascal VOC",
                                  "CVAT"])  # fmt: skip
def test_annotations_are_parsed_once(tmp_path: Path, counted: Counter[int], form: str) -> None:
    source = scenes.FORMATS[form](tmp_path / "set")
    files = [source] if source.is_file() else [*source.rglob("*.json"), *source.rglob("*.xml")]
    manifest.scan(source, unpack_to=tmp_path / "ws")
    sizes = Counter(len(file.read_bytes()) for file in files)
    assert sizes
    assert {size: counted[size] for size in sizes} == sizes


def test_a_table_of_json_is_parsed_once(tmp_path: Path, counted: Counter[int]) -> None:
    files = draw(tmp_path / "set", ["0.jpg", "1.jpg"])
    rows = [{"file": f"{n}.jpg", "label": label} for n, label in enumerate(("cat", "dog"))]
    table = put(files / "t.json", json.dumps(rows))
    assert labels(manifest.scan(table)) == {"0.jpg": "cat", "1.jpg": "dog"}
    assert counted[table.stat().st_size] == 1
