"""Every annotation format in, boxes as items, and out again with other labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError, UsageError
from embeddings.records import ScanResult
from tests.embeddings.manifest.annotations import scenes


def scan(source: Path, tmp_path: Path, context: float = 0.0) -> ScanResult:
    return manifest.scan(source, unpack_to=tmp_path / "ws", box_context=context)


@pytest.fixture(params=scenes.FORMATS, ids=lambda name: name)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return scenes.FORMATS[request.param](tmp_path / "set")


def test_each_box_is_an_item_and_its_crop_shows_it(source: Path, tmp_path: Path) -> None:
    result = scan(source, tmp_path)
    assert sorted(result.rows[c.LABEL]) == scenes.LABELS
    assert set(result.rows[c.STATUS]) == {c.OK}
    assert "each box an item" in "\n".join(result.understood)
    sizes = []
    for file, label in zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True):
        with Image.open(Path(result.root) / file) as crop:
            sizes.append(crop.size)
            mean = np.asarray(crop).reshape(-1, 3).mean(axis=0)
        assert np.abs(mean - scenes.COLOURS[label]).max() < 25, file
    wanted = [(w, h) for boxes in scenes.BOXES.values() for _, _, _, w, h in boxes]
    assert all(
        abs(a - b) <= 1 for got, want in zip(sorted(sizes), sorted(wanted), strict=True)
        for a, b in zip(got, want, strict=True)
    )  # fmt: skip


def test_the_folder_alone_is_enough(source: Path, tmp_path: Path) -> None:
    assert sorted(scan(tmp_path / "set", tmp_path).rows[c.LABEL]) == scenes.LABELS


def test_labels_go_back_into_the_same_format(source: Path, tmp_path: Path) -> None:
    result = scan(source, tmp_path)
    first = {}
    for file, label in zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True):
        first.setdefault(label, file)
    decided = {first["cat"]: "lynx", first["dog"]: None}
    for name, text in manifest.relabelled_files(Path(result.root), decided).items():
        assert (tmp_path / "set" / name).is_file()
        (tmp_path / "set" / name).write_text(text)
    again = scan(source, tmp_path)
    wanted = [*scenes.LABELS, "lynx"]
    wanted.remove("cat")
    wanted.remove("dog")
    assert sorted(again.rows[c.LABEL]) == sorted(wanted)


def test_files_that_changed_since_are_not_written(source: Path, tmp_path: Path) -> None:
    result = scan(source, tmp_path)
    cats = [f for f, label in zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True)
            if label == "cat"]  # fmt: skip
    decided = {cats[0]: "lynx"}
    for name, text in manifest.relabelled_files(Path(result.root), decided).items():
        (tmp_path / "set" / name).write_text(text)
    with pytest.raises(UsageError, match="changed since"):
        manifest.relabelled_files(Path(result.root), decided)


def test_nothing_decided_changes_no_file(source: Path, tmp_path: Path) -> None:
    result = scan(source, tmp_path)
    same = dict(zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True))
    assert manifest.relabelled_files(Path(result.root), same) == {}


def test_context_is_taken_in_around_a_box(tmp_path: Path) -> None:
    result = scan(scenes.coco(tmp_path / "set"), tmp_path, context=0.5)
    files = [Path(result.root) / f for f in result.rows[c.FILE] if f.endswith("10,10 30x20.jpg")]
    with Image.open(files[0]) as crop:
        assert crop.size == (55, 40)  # 15 px on either side, 10 of them beyond the left edge


def test_what_was_cut_is_not_cut_again_and_moved_boxes_are(tmp_path: Path) -> None:
    source = scenes.yolo(tmp_path / "set")
    before = {f: (tmp_path / "ws" / "data-boxes-0" / f).stat().st_mtime_ns
              for f in scan(source, tmp_path).rows[c.FILE]}  # fmt: skip
    text = tmp_path / "set/labels/train/one.txt"
    text.write_text(text.read_text().replace("0 0.208333", "0 0.308333"))
    after = {f: (tmp_path / "ws" / "data-boxes-0" / f).stat().st_mtime_ns
             for f in scan(source, tmp_path).rows[c.FILE]}  # fmt: skip
    assert len(after.keys() - before.keys()) == 1
    assert sum(before.get(file) == stamp for file, stamp in after.items()) >= 3


def test_a_subset_is_told_by_folder_or_file(tmp_path: Path) -> None:
    result = scan(scenes.coco(tmp_path / "set"), tmp_path)
    assert set(result.rows[manifest.SPLIT_OF]) == {"train"}


def test_labels_of_whole_pictures(tmp_path: Path) -> None:
    """FiftyOneImageClassificationDataset, and Label Studio's choices, as people export them."""
    scenes.draw(tmp_path / "set/data")
    labels = {"classes": ["cat", "dog"], "labels": {"one": 0, "two": {"label": "dog"}}}
    result = scan(scenes.put(tmp_path / "set/labels.json", labels), tmp_path)
    assert dict(zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True)) == {
        "data/one.png": "cat", "data/two.png": "dog",
    }  # fmt: skip
    tasks = [
        {"id": 1, "data": {"image": "/data/local-files/?d=set%5Cdata%5Cone.png"},
         "annotations": [{"result": [{"type": "choices", "value": {"choices": ["cat"]}}]}]},
        {"id": 2, "data": {"image": "s3://bucket/data/two.png"},
         "annotations": [{"result": [{"type": "choices", "value": {"choices": ["dog"]}}]}]},
    ]  # fmt: skip
    result = scan(scenes.put(tmp_path / "set/tasks.json", tasks), tmp_path)
    assert sorted(result.rows[c.LABEL]) == ["cat", "dog"]
    assert set(result.rows[c.STATUS]) == {c.OK}


def test_several_subsets_of_roboflow(tmp_path: Path) -> None:
    """Roboflow's COCO export: ``train/_annotations.coco.json`` beside the pictures of each."""
    for subset in ("train", "valid"):
        inner = scenes.coco(tmp_path / "x" / subset)
        scenes.draw(tmp_path / "set" / subset)
        scenes.put(tmp_path / "set" / subset / "_annotations.coco.json", inner.read_text())
    result = scan(tmp_path / "set", tmp_path)
    assert sorted(result.rows[c.LABEL]) == sorted(2 * scenes.LABELS)
    assert set(result.rows[manifest.SPLIT_OF]) == {"train", "validation"}


def test_broken_boxes_are_marked_and_the_rest_goes_on(tmp_path: Path) -> None:
    scenes.draw(tmp_path / "set/images")
    lines = "0 0.5 0.5 0.2 0.2\n0 5 5 0.1 0.1\n0 nan 0.5 0.1 0.1\n0 0.5 0.5 0 0.1\nno box\n"
    scenes.put(tmp_path / "set/labels/one.txt", lines)
    scenes.put(tmp_path / "set/data.yaml", "names: [cat]\n")
    result = scan(tmp_path / "set/data.yaml", tmp_path)
    assert sorted(result.rows[c.STATUS]) == [c.OK, *3 * [c.UNREADABLE]]
    assert {r for r in result.rows[c.REASON] if r} == {"its box is empty or outside the picture"}


def test_a_picture_that_is_not_there_is_a_row(tmp_path: Path) -> None:
    source = scenes.coco(tmp_path / "set")
    (tmp_path / "set/train2017/two.png").unlink()
    result = scan(source, tmp_path)
    told = dict(zip(result.rows[c.FILE], result.rows[c.STATUS], strict=True))
    assert told["two.png"] == c.MISSING
    assert sum(status == c.OK for status in told.values()) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", "<annotation><object></annotation>"),
        (
            "a.xml",
            '<!DOCTYPE a [<!ENTITY b "c">]><annotation><filename>&b;</filename></annotation>',
        ),
        ("a.json", '{"images": [], "annotations": [], "categories": []}'),
        ("a.yaml", "names: [cat]\n"),
        ("a.yaml", "names: [\n"),
    ],
)
def test_files_without_marks_end_in_one_error(tmp_path: Path, name: str, content: str) -> None:
    scenes.draw(tmp_path / "set")
    source = scenes.put(tmp_path / "set" / name, content)
    with pytest.raises(SourceError) as told:
        scan(source, tmp_path)
    assert str(source.name) in told.value.message
    assert told.value.hint


def test_labels_that_folders_give_go_before_annotations(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        scenes.labelme(tmp_path / "set" / label)
    result = scan(tmp_path / "set", tmp_path)
    assert sorted(result.rows[c.LABEL]) == ["cat", "cat", "dog", "dog"]
