"""Tables of boxes in the forms of several tools."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings import manifest
from tests.embeddings.manifest.annotations import scenes

W, H = scenes.SIZE
ROWS = [(name, *box) for name, boxes in scenes.BOXES.items() for box in boxes]


def scan(source: Path, tmp_path: Path) -> list[str]:
    result = manifest.scan(source, unpack_to=tmp_path / "ws")
    assert set(result.rows[c.STATUS]) == {c.OK}
    return sorted(result.rows[c.LABEL])


@pytest.mark.parametrize(
    ("header", "row"),
    [
        # keras-retinanet: no header
        ("", "{n}.png,{l},{t},{r},{b},{label}"),
        # Open Images: sides in shares, in another order, names without suffix
        ("ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsGroupOf",
         "{n},xclick,{label},1,{sl},{sr},{st},{sb},0"),
        # GTSRB: semicolons
        ("Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId",
         "{n}.png;120;80;{l};{t};{r};{b};{label}"),
    ],
)  # fmt: skip
def test_forms(tmp_path: Path, header: str, row: str) -> None:
    scenes.draw(tmp_path / "set")
    lines = [header] if header else []
    for n, label, x, y, w, h in ROWS:
        sides = {"l": x, "t": y, "r": x + w, "b": y + h, "sl": x / W, "st": y / H,
                 "sr": (x + w) / W, "sb": (y + h) / H}  # fmt: skip
        lines.append(row.format(n=n, label=label, **sides))
    table = scenes.put(tmp_path / "set/boxes.csv", "\n".join(lines) + "\n")
    assert scan(table, tmp_path) == scenes.LABELS


def test_one_table_for_each_subset(tmp_path: Path) -> None:
    for subset in ("train", "valid"):
        scenes.box_table(tmp_path / "set" / subset)
    assert scan(tmp_path / "set", tmp_path) == sorted(2 * scenes.LABELS)
    result = manifest.scan(tmp_path / "set", unpack_to=tmp_path / "ws")
    assert set(result.rows[manifest.SPLIT_OF]) == {"train", "validation"}


def test_a_table_that_is_a_broken_link_is_passed_over(tmp_path: Path) -> None:
    scenes.box_table(tmp_path / "set")
    (tmp_path / "set/_a.csv").symlink_to("nowhere.csv")
    assert scan(tmp_path / "set", tmp_path) == scenes.LABELS


def test_a_picture_with_its_place_on_a_map_is_no_box(tmp_path: Path) -> None:
    """Our own ``items.csv`` has ``x``, ``y``, ``width`` and ``height``."""
    scenes.draw(tmp_path / "set")
    rows = "one.png,cat,0.1,0.2,120,80\ntwo.png,dog,0.3,0.4,120,80\n"
    table = scenes.put(tmp_path / "set/items.csv", "file,label,x,y,width,height\n" + rows)
    assert scan(table, tmp_path) == ["cat", "dog"]


def subsets(source: Path, tmp_path: Path) -> dict[str, str]:
    """Return the subset of each picture that boxes were cut out of."""
    result = manifest.scan(source, unpack_to=tmp_path / "ws")
    pictures = (file.rpartition("/")[0].rpartition("/")[2] for file in result.rows[c.FILE])
    return dict(zip(pictures, result.rows[manifest.SPLIT_OF], strict=True))


WANTED = {"one": "train", "two": "validation"}


def test_lists_of_pascal_voc(tmp_path: Path) -> None:
    """``ImageSets/Main``: one list a subset, others for each class, and both together."""
    root = scenes.voc(tmp_path / "set/VOCdevkit/VOC2012")
    for name, text in (("train", "one\n"), ("val", "two\n"), ("trainval", "one\ntwo\n"),
                       ("cat_train", "one -1\ntwo 1\n")):  # fmt: skip
        scenes.put(root / f"ImageSets/Main/{name}.txt", text)
    assert subsets(tmp_path / "set", tmp_path) == WANTED
    assert subsets(root, tmp_path) == WANTED


@pytest.mark.parametrize(
    "places",
    [
        "train: train.txt\nval: valid.txt\n",
        "path: ../set\ntrain: lists/a.txt\nval: [lists/b.txt]\n",
        "train: images/first\nval: images/second\n",
        "train: ../images/first\nval: ../images/second\n",
    ],
)
def test_yolos_yaml_names_lists_or_folders(tmp_path: Path, places: str) -> None:
    source = scenes.yolo(tmp_path / "set")
    for kind, end in (("images", "png"), ("labels", "txt")):
        for folder, name in (("first", "one"), ("second", "two")):
            target = tmp_path / "set" / kind / folder / f"{name}.{end}"
            target.parent.mkdir()
            shutil.move(tmp_path / "set" / kind / "train" / f"{name}.{end}", target)
    if ".txt" in places:
        for a, b in (("train.txt", "valid.txt"), ("lists/a.txt", "lists/b.txt")):
            scenes.put(tmp_path / "set" / a, "./images/first/one.png\n")
            scenes.put(tmp_path / "set" / b, "./images/second/two.png\n")
    source.write_text(places + "names: [cat, dog]\n")
    assert subsets(source, tmp_path) == WANTED


def test_darknets_folder(tmp_path: Path) -> None:
    """``data/obj.names``, text beside the pictures, ``train.txt`` and ``valid.txt``."""
    scenes.yolo(tmp_path / "old")
    for name in ("one", "two"):
        for old in (f"images/train/{name}.png", f"labels/train/{name}.txt"):
            new = tmp_path / "set/data/obj" / Path(old).name
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tmp_path / "old" / old, new)
    scenes.put(tmp_path / "set/data/obj.names", "cat\ndog\n")
    scenes.put(tmp_path / "set/data/train.txt", "data/obj/one.png\n")
    scenes.put(tmp_path / "set/data/valid.txt", "data/obj/two.png\n")
    assert scan(tmp_path / "set", tmp_path) == scenes.LABELS
    assert subsets(tmp_path / "set", tmp_path) == WANTED
