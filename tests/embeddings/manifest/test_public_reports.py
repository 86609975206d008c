"""What people reported elsewhere, acted out: read right, or asked about. The source is named."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.records import ScanResult
from tests.embeddings.manifest.annotations import scenes

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Path]:
    def drawn(*files: str) -> Path:
        for number, file in enumerate(files):
            path = tmp_path / "set" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in (".jpg", ".png", ".JPG"):
                shade = (7 * number % 256, number % 7, 9)
                Image.new("RGB", (8, 8), shade).save(path, "PNG")
            else:
                path.write_text("x")
        return tmp_path / "set"

    return drawn


def scan(source: Path, tmp_path: Path) -> ScanResult:
    return manifest.scan(source, unpack_to=tmp_path / "ws")


def labels(result: ScanResult) -> set[str]:
    return set(result.rows[c.LABEL])


# -- folders ---------------------------------------------------------------------------


def test_one_label_is_named_as_one(draw: Callable[..., Path], tmp_path: Path) -> None:
    """pytorch/vision issue 669: ``PetImages/Dog`` was given, where ``PetImages`` was meant."""
    root = draw("Dog/0.jpg", "Dog/1.jpg")
    result = scan(root / "Dog", tmp_path)
    assert labels(result) == {c.NO_LABEL}
    assert "none: one class of all" in "\n".join(result.understood)
    assert any("There is one label only" in line for line in scan(root, tmp_path).understood)


def test_folders_without_pictures_are_no_labels(draw: Callable[..., Path], tmp_path: Path) -> None:
    """pytorch/vision issue 4925: environments, caches and empty folders beside the labels."""
    root = draw("cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "env/lib/x.py", "__pycache__/y.pyc")
    (root / "empty").mkdir()
    assert labels(scan(root, tmp_path)) == {"cat", "dog"}


def test_what_notebooks_leave_is_no_label(draw: Callable[..., Path], tmp_path: Path) -> None:
    """pytorch/vision issue 2831, keras issue 14042, mmpretrain issue 507: a class too many."""
    root = draw("a/0.jpg", "b/0.jpg", ".ipynb_checkpoints/0-checkpoint.jpg")
    assert labels(scan(root, tmp_path)) == {"a", "b"}


def test_pictures_deeper_than_their_label(draw: Callable[..., Path], tmp_path: Path) -> None:
    """googlecodelabs/tensorflow-for-poets-2 issue 61: ``object_class/sub/sub/image.jpg``."""
    root = draw("cat/x/y/0.jpg", "cat/x/y/1.jpg", "dog/x/y/0.jpg", "dog/x/y/1.jpg")
    assert labels(scan(root, tmp_path)) == {"cat", "dog"}


def test_a_flat_folder_is_one_class(draw: Callable[..., Path], tmp_path: Path) -> None:
    """igreat/fast-style-transfer issue 4: COCO's ``val2017`` alone, no folder of a class in it."""
    root = draw(*(f"val2017/{n:012d}.jpg" for n in range(4)))
    result = scan(root, tmp_path)
    assert labels(result) == {c.NO_LABEL}
    assert set(result.rows[manifest.SPLIT_OF]) == {"validation"}


# -- tables ----------------------------------------------------------------------------


def test_names_in_another_unicode_form(draw: Callable[..., Path], tmp_path: Path) -> None:
    """llmsresearch/paperbanana issue 234: a zip unpacked on a Mac, its table written elsewhere."""
    name = "café_Übung.jpg"
    root = draw(unicodedata.normalize("NFD", name), "b.jpg")
    frame = pd.DataFrame({"file": [unicodedata.normalize("NFC", name), "b.jpg"], "label": "xy"})
    frame["label"] = ["x", "y"]
    frame.to_csv(root / "t.csv", index=False)
    result = scan(root / "t.csv", tmp_path)
    assert result.rows[c.STATUS] == [c.OK, c.OK]
    assert any("Unicode form" in note for note in result.notes)


@pytest.mark.parametrize(
    "prefix",
    ["/content/drive/MyDrive/set/", "C:\\Users\\me\\set\\", "/kaggle/input/set/"],
)
def test_paths_of_another_computer(draw: Callable[..., Path], tmp_path: Path, prefix: str) -> None:
    """Taeyoung96/Yolo-to-COCO-format-converter issue 10 and notebooks of Kaggle and Colab."""
    root = draw("cat/0.jpg", "dog/0.jpg")
    mark = "\\" if "\\" in prefix else "/"
    files = [f"{prefix}{label}{mark}0.jpg" for label in ("cat", "dog")]
    pd.DataFrame({"path": files, "label": ["cat", "dog"]}).to_csv(root / "t.csv", index=False)
    result = scan(root / "t.csv", tmp_path)
    assert result.rows[c.FILE] == ["cat/0.jpg", "dog/0.jpg"]
    assert set(result.rows[c.STATUS]) == {c.OK}
    assert any("differ from their files" in note for note in result.notes)


def test_paths_out_of_the_folder_and_into_it_again(
    draw: Callable[..., Path], tmp_path: Path
) -> None:
    """Tables written by a program that ran in a folder beside: ``../set/cat/0.jpg``."""
    root = draw("cat/0.jpg", "dog/0.jpg")
    (root / "t.csv").write_text("file,label\n../set/cat/0.jpg,cat\n../set/dog/0.jpg,dog\n")
    assert scan(root / "t.csv", tmp_path).rows[c.FILE] == ["cat/0.jpg", "dog/0.jpg"]


def test_a_suffix_in_capitals(draw: Callable[..., Path], tmp_path: Path) -> None:
    """The same issue 10: pictures are ``.JPG``, what reads them looks for ``.jpg``."""
    root = draw("0.JPG", "1.JPG")
    (root / "t.csv").write_text("file,label\n0.jpg,a\n1.jpg,b\n")
    assert set(scan(root / "t.csv", tmp_path).rows[c.STATUS]) == {c.OK}


def test_several_labels_in_lists(draw: Callable[..., Path], tmp_path: Path) -> None:
    """Keras' ``flow_from_dataframe`` takes lists of labels, so tables of lists are about."""
    root = draw("0.jpg", "1.jpg", "2.jpg")
    frame = pd.DataFrame({"filename": ["0.jpg", "1.jpg", "2.jpg"],
                          "class": ["['cat']", "['cat', 'dog']", "['dog']"]})  # fmt: skip
    frame.to_csv(root / "t.csv", index=False)
    result = scan(root / "t.csv", tmp_path)
    assert result.rows[c.LABEL] == ["cat", c.NO_LABEL, "dog"]
    assert any("several labels" in note for note in result.notes)


@pytest.mark.parametrize("key", ["filenames", "image_paths", "img_names", "paths", "whatever"])
def test_rows_follow_names_under_any_key(
    draw: Callable[..., Path], tmp_path: Path, key: str
) -> None:
    """``np.savez`` of everybody's own notebook: embeddings in the order of ``os.listdir``."""
    files = [f"{label}/{n}.jpg" for label in ("cat", "dog") for n in range(3)]
    root, order = draw(*files), [3, 0, 5, 1, 4, 2]
    X = np.arange(24, dtype=np.float32).reshape(6, 4)
    np.savez(tmp_path / "X.npz", embeddings=X[order], **{key: np.array(files)[order]})
    result = manifest.scan(root, embeddings=tmp_path / "X.npz")
    assert result.embeddings is not None
    assert np.array_equal(result.embeddings, X)


# -- annotations -----------------------------------------------------------------------


def test_cvats_coco_export(tmp_path: Path) -> None:
    """Ultralytics issue 20933: ``annotations/instances_Train.json`` beside ``images/``."""
    content = scenes.coco(tmp_path / "x").read_text()
    scenes.draw(tmp_path / "set/images")
    source = scenes.put(tmp_path / "set/annotations/instances_Train.json", content)
    assert sorted(scan(source, tmp_path).rows[c.LABEL]) == scenes.LABELS
    assert sorted(scan(tmp_path / "set", tmp_path).rows[c.LABEL]) == scenes.LABELS


def test_captions_and_keypoints_beside_instances(tmp_path: Path) -> None:
    """Ultralytics issue 16363: COCO's own folder, in which only one file has the boxes."""
    source = scenes.coco(tmp_path / "set")
    content = json.loads(source.read_text())
    scenes.put(source.with_name("person_keypoints_train2017.json"), content)
    del content["categories"]
    scenes.put(source.with_name("captions_train2017.json"), content)
    assert sorted(scan(tmp_path / "set", tmp_path).rows[c.LABEL]) == scenes.LABELS


def test_pictures_without_text_and_text_without_pictures(tmp_path: Path) -> None:
    """Taeyoung96/Yolo-to-COCO-format-converter issue 7, laclouis5/globox issue 23 (coco128)."""
    source = scenes.yolo(tmp_path / "set")
    (tmp_path / "set/labels/train/one.txt").unlink()
    scenes.put(tmp_path / "set/labels/train/nowhere.txt", "0 0.5 0.5 0.1 0.1\n")
    result = scan(source, tmp_path)
    assert len(result.rows[c.LABEL]) == len(scenes.BOXES["two"])
    assert any("1 pictures have no box" in note for note in result.notes)


# -- the cases that stand beside the project ---------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ("02_split_folders/A03_train_val_extra", {"cat", "dog"}),
        ("02_split_folders/A04_train_test1", {"cat", "dog", c.NO_LABEL}),
        ("02_split_folders/A05_train_models", {"cat", "dog"}),
        ("02_split_folders/A06_hf_data", {"cat", "dog"}),
        ("02_split_folders/B13h", {c.NO_LABEL}),
        ("03_flat_test_folder/kaggle", {"cat", "dog", c.NO_LABEL}),
        ("03_flat_test_folder/A09_tiny_imagenet", {"n01443537", "n01629819", c.NO_LABEL}),
        ("03_flat_test_folder/A11_roboflow_multiclass", {"cat", "dog"}),
        ("04_one_wrapper/A07_wrapper", {"cat", "dog"}),
        ("04_one_wrapper/A08_images_folder", {"apple_pie", "waffles"}),
        ("11_hf_parquet/train-00000-of-00001.parquet", {"cat", "dog"}),
        ("11_hf_parquet/hf_null.parquet", {"cat", "dog"}),
        ("11_hf_parquet/hf_paths_there.parquet", {"cat", "dog"}),
        ("11_hf_parquet/rawbytes.parquet", {"cat", "dog"}),
        ("12_several_labels/lists.parquet", {"cat", "dog", c.NO_LABEL}),
        ("12_several_labels/t.csv", {"cat", "dog"}),
        ("12_several_labels/pipe.csv", None),
        ("13_own_embeddings_ignored/clip.parquet", {"cat", "dog"}),
        ("13_own_embeddings_ignored/emb.parquet", {"cat", "dog"}),
        ("13_own_embeddings_ignored/wide.parquet", {"cat", "dog"}),
        ("18_names_nearly_right/t.csv", {"cat", "dog"}),
        ("18_names_nearly_right/space/space.csv", {"cat", "dog"}),
        ("18_names_nearly_right/space/case.csv", {"cat", "dog"}),
        ("19_remedies/trail2.csv", {"cat", "dog"}),
        ("19_remedies/semi.csv", {"cat", "dog"}),
        ("19_remedies/big.csv", {"cat", "dog"}),
        ("19_remedies/latin.csv", {"Käse"}),
        ("19_remedies/labels3.csv", {"boxer"}),
    ],
)
def test_the_cases(tmp_path: Path, case: str, wanted: set[str] | None) -> None:
    if not (CASES / case).exists():
        pytest.skip(f"{CASES / case} is not there")
    if wanted is None:
        with pytest.raises((SourceError, UnclearSourceError)):
            scan(CASES / case, tmp_path)
        return
    result = scan(CASES / case, tmp_path)
    assert labels(result) == wanted
    assert set(result.rows[c.STATUS]) == {c.OK}


@pytest.mark.shared
def test_the_case_of_shuffled_names(tmp_path: Path) -> None:
    folder = CASES / "01_npz_filenames"
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    both = [
        manifest.scan(folder / "data", embeddings=folder / name).embeddings
        for name in ("shuf.npz", "shuf_ok.npz")
    ]
    assert both[0] is not None
    assert both[1] is not None
    assert np.array_equal(both[0], both[1])
