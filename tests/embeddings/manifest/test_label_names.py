"""Labels that are numbers or ids, and the files beside them that name them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import manifest
from embeddings.errors import SourceError
from embeddings.manifest.label_names import names_for
from embeddings.records import ScanResult
from tests.embeddings.manifest.annotations import scenes
from tests.embeddings.manifest.sets import draw, labels, put

FILES = [f"imgs/{n}.jpg" for n in range(6)]
TABLE = "file,label\n" + "".join(f"{file},{n % 3}\n" for n, file in enumerate(FILES))
NAMES = ["cat", "dog", "owl"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    draw(tmp_path / "set", FILES)
    put(tmp_path / "set/t.csv", TABLE)
    return tmp_path / "set"


def scan(source: Path, names: Path | None = None, **how: object) -> ScanResult:
    where = source.parent.with_name(f"{source.parent.name}-ws")
    return manifest.scan(source, unpack_to=where, label_names=names, **how)  # type: ignore[arg-type]


def named(result: ScanResult) -> bool:
    """Whether the labels are the names, and it was said of which file they are."""
    told = any(note.startswith("Names of labels are taken from") for note in result.notes)
    shown = any(line.startswith("Names       from ") for line in result.understood)
    assert told == shown
    return told and set(labels(result).values()) == set(NAMES)


FORMS = {
    "classes.txt": "cat\ndog\nowl\n",
    "obj.names": "cat\ndog\nowl\n",
    "class_names.txt": "0 cat\n1 dog\n2 owl\n",
    "label_map.txt": "cat: 0\ndog: 1\nowl: 2\n",
    "labels.csv": "id,name\n0,cat\n1,dog\n2,owl\n",
    "signnames.csv": "ClassId,SignName\n0,cat\n1,dog\n2,owl\n",  # GTSRB's
    "class_dict.csv": "name,r,g,b\ncat,9,9,9\ndog,9,0,9\nowl,9,9,0\n",
    "labels_without_header.csv": "0,cat\n1,dog\n2,owl\n",
    "data.yaml": "nc: 3\nnames: [cat, dog, owl]\n",
    "coco8.yaml": "names:\n  0: cat\n  1: dog\n  2: owl\n",
    "class_names.json": '["cat", "dog", "owl"]',
    "cat_to_name.json": '{"0": "cat", "1": "dog", "2": "owl"}',  # Oxford's flowers
    "label_num_to_disease_map.json": '{"0": "cat", "1": "dog", "2": "owl"}',  # Kaggle's cassava
    "class_to_idx.json": '{"cat": 0, "dog": 1, "owl": 2}',
    "config.json": '{"hidden": 3, "id2label": {"0": "cat", "1": "dog", "2": "owl"}}',
    "categories.json": '[{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"},'
    ' {"id": 2, "name": "owl"}]',
    "imagenet_class_index.json": '{"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "owl"]}',
    "README.md": "---\nlicense: mit\ndataset_info:\n  features:\n  - name: image\n"
    "    dtype: image\n"
    "  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': cat\n"
    "          '1': dog\n          '2': owl\n---\n# A card\n",
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("where", ["", "../"])
def test_a_file_of_names_beside_a_table(root: Path, name: str, where: str) -> None:
    put(root / where / name, FORMS[name])
    assert named(scan(root / "t.csv"))


@pytest.mark.parametrize("name", FORMS)
def test_a_file_of_names_that_is_given(root: Path, tmp_path: Path, name: str) -> None:
    assert named(scan(root / "t.csv", put(tmp_path / "far" / name, FORMS[name])))


def test_without_a_file_of_names_it_is_said_that_labels_are_numbers(root: Path) -> None:
    result = scan(root / "t.csv")
    assert set(labels(result).values()) == {"0", "1", "2"}
    assert any("Labels are numbers" in n and "--label-names" in n for n in result.notes)
    assert any(line.startswith("Mind        Labels are numbers") for line in result.understood)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("classes.txt", "cat\ndog\n"),  # one too few
        ("classes.txt", "background\ncat\ndog\nowl\n"),  # one too many
        ("requirements.txt", "numpy\npandas\nscipy\n"),  # about something else
        ("annotators.csv", "id,nick\n0,ann\n1,bob\n2,eve\n"),
        ("labels.csv", "id,name\n0,cat\n1,dog\n2,owl\n3,fox\n"),
        ("filenames.txt", "a\nb\nc\n"),
        ("classes.txt", "1\n2\n3\n"),
        ("labels.txt", "imgs/0.jpg 0\nimgs/1.jpg 1\nimgs/2.jpg 2\n"),
        ("README.md", "# Three things\n"),
        ("classes.json", "{broken"),
        ("data.yaml", "names: [broken"),
    ],
)
def test_what_does_not_fit_names_nothing(root: Path, name: str, content: str) -> None:
    put(root / name, content)
    result = scan(root / "t.csv")
    assert set(labels(result).values()) == {"0", "1", "2"}
    assert any("Labels are numbers" in note for note in result.notes)


def test_files_that_disagree_name_nothing(root: Path) -> None:
    put(root / "classes.txt", "cat\ndog\nowl\n")
    put(root / "labels.csv", "id,name\n0,owl\n1,dog\n2,cat\n")
    result = scan(root / "t.csv")
    assert set(labels(result).values()) == {"0", "1", "2"}
    assert any("name them differently" in n and "--label-names classes.txt" in n
               for n in result.notes)  # fmt: skip
    assert named(scan(root / "t.csv", root / "labels.csv"))


def test_numbers_can_be_kept(root: Path) -> None:
    put(root / "classes.txt", "cat\ndog\nowl\n")
    result = scan(root / "t.csv", Path("none"))
    assert set(labels(result).values()) == {"0", "1", "2"}
    assert not any("label" in note.casefold() for note in result.notes)


def test_files_that_agree_are_no_question(root: Path) -> None:
    put(root / "classes.txt", "cat\ndog\nowl\n")
    put(root / "labels.csv", "id,name\n0,cat\n1,dog\n2,owl\n")
    assert named(scan(root / "t.csv"))


def test_a_link_out_of_the_data_set_names_nothing(root: Path, tmp_path: Path) -> None:
    far = put(tmp_path / "far/away/classes.txt", "cat\ndog\nowl\n")
    (root / "classes.txt").symlink_to(far)
    assert set(labels(scan(root / "t.csv")).values()) == {"0", "1", "2"}
    (root / "classes.txt").unlink()
    (root / "classes.txt").symlink_to(put(root / "meta/classes.txt", "cat\ndog\nowl\n"))
    assert named(scan(root / "t.csv"))


def test_folders_that_are_numbers(tmp_path: Path) -> None:
    """Oxford's flowers as ``flower_data/train/1/…`` with ``cat_to_name.json`` beside ``train``.

    chenshunpeng/Flower-recognition-model-based-on-pytorch issue 1: the names go to the wrong
    folders where the order of texts is taken for that of numbers.
    """
    root = draw(tmp_path / "flower_data", [f"train/{n}/{i}.jpg" for n in (1, 2, 10)
                                           for i in range(2)])  # fmt: skip
    put(root / "cat_to_name.json", json.dumps({"1": "cat", "2": "dog", "10": "owl"}))
    assert named(scan(root))
    assert named(scan(root / "train"))


def test_folders_with_leading_zeros(tmp_path: Path) -> None:
    """GTSRB: folders ``00000`` … and a table of ``ClassId`` and ``SignName``."""
    root = draw(tmp_path / "GTSRB", [f"{n:05d}/{i}.jpg" for n in range(3) for i in range(2)])
    put(root / "signnames.csv", FORMS["signnames.csv"])
    assert named(scan(root))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("LOC_synset_mapping.txt", "{0} cat, tabby\n{1} dog, hound\n{2} owl\nn09999999 fox\n"),
        ("words.txt", "n00000001\tentity\n{0}\tcat, tabby\n{1}\tdog\n{2}\towl, bird of night\n"),
    ],
)
def test_wordnet_ids(tmp_path: Path, name: str, content: str) -> None:
    """ImageNet at Kaggle, tiny-imagenet (``wnids.txt`` beside it names nothing).

    fastai/imagenette issue 46: "How to get class names from folder names?"
    """
    ids = ["n02123045", "n02099601", "n01621127"]
    root = draw(tmp_path / "set", [f"train/{one}/{i}.jpg" for one in ids for i in range(2)])
    assert any("Labels are WordNet ids" in note for note in scan(root).notes)
    put(root / "wnids.txt", "\n".join(ids))
    put(root / name, content.format(*ids))
    assert named(scan(root))


def test_two_ids_of_one_name_stay_two_labels(tmp_path: Path) -> None:
    """ImageNet's two cranes: a bird and a machine. One label of both would be a split."""
    ids = ["n02012849", "n03126707"]
    root = draw(tmp_path / "set", [f"{one}/{i}.jpg" for one in ids for i in range(2)])
    put(root / "words.txt", f"{ids[0]}\tcrane\n{ids[1]}\tcrane\n")
    assert set(labels(scan(root)).values()) == {f"crane ({one})" for one in ids}


def test_numbers_that_count_from_one(root: Path) -> None:
    lines = "".join(f"{file},{1 + n % 3}\n" for n, file in enumerate(FILES))
    put(root / "t.csv", f"file,label\n{lines}")
    put(root / "classes.txt", "cat\ndog\nowl\n")
    assert named(scan(root / "t.csv"))


def test_numbers_with_decimals(root: Path) -> None:
    """A column of whole numbers that pandas wrote as 0.0, 1.0, 2.0 because a cell was empty."""
    put(root / "t.csv", re.sub(r",(\d)\n", r",\1.0\n", TABLE))
    put(root / "classes.txt", "cat\ndog\nowl\n")
    assert named(scan(root / "t.csv"))


def test_codes_of_a_file_that_is_given(root: Path, tmp_path: Path) -> None:
    """HAM10000's ``nv``, ``mel``, ``bkl``: codes are named where a file is given for them."""
    codes = ["nv", "mel", "bkl"]
    put(root / "t.csv", "file,label\n" + "".join(f"{f},{codes[n % 3]}\n"
                                                 for n, f in enumerate(FILES)))  # fmt: skip
    given_file = put(tmp_path / "codes.csv", "code,name\nnv,cat\nmel,dog\nbkl,owl\n")
    assert named(scan(root / "t.csv", given_file))


def test_a_given_file_that_does_not_name_all_is_refused_and_the_remedy_helps(
    root: Path, tmp_path: Path
) -> None:
    short = put(tmp_path / "short.csv", "id,name\n0,cat\n1,dog\n")
    with pytest.raises(SourceError, match="does not name each") as told:
        scan(root / "t.csv", short)
    assert "`id,name`" in told.value.hint
    assert named(scan(root / "t.csv", put(short, "id,name\n0,cat\n1,dog\n2,owl\n")))
    with pytest.raises(SourceError, match="There is no file"):
        scan(root / "t.csv", tmp_path / "gone.txt")


def test_names_are_of_no_use_where_labels_are_not_wanted_or_are_named(
    root: Path, tmp_path: Path
) -> None:
    names = put(tmp_path / "classes.txt", "cat\ndog\nowl\n")
    with pytest.raises(SourceError, match="of no use") as told:
        scan(root / "t.csv", names, labels=False)
    assert "Leave --label-names out" in told.value.hint
    for form in ("COCO", "YOLO"):
        source = scenes.FORMATS[form](tmp_path / form)
        with pytest.raises(SourceError, match="of no use"):
            scan(source, names)
        scan(source)


def test_parquet_and_a_card_of_the_hub(root: Path) -> None:
    """Parquet that lost its schema's names, beside the card that still has them."""
    pd.DataFrame({"file": FILES, "label": [n % 3 for n in range(6)]}).to_parquet(root / "t.parquet")
    put(root / "README.md", FORMS["README.md"])
    assert named(scan(root / "t.parquet"))


@pytest.mark.parametrize("beside", [False, True])
def test_ready_made_embeddings(root: Path, beside: bool) -> None:
    X = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
    np.savez(root / "e.npz", embeddings=X, files=FILES, labels=np.arange(6) % 3)
    put(root / "classes.txt", "cat\ndog\nowl\n")
    if beside:
        result = manifest.scan(root / "imgs", embeddings=root / "e.npz", unpack_to=root / "ws")
        assert set(result.rows["label"]) == set(NAMES)
    else:
        assert named(scan(root / "e.npz"))


_ID = st.sampled_from(["0", "1", "2", "3", "01", "cat", "n02123045", "", "1.0", "x y"])


@given(
    st.lists(_ID, max_size=6),
    st.sampled_from(["classes.txt", "labels.csv", "names.json", "data.yaml", "README.md"]),
    st.text(st.sampled_from("0123,:[]{}\"'nab \n\t-"), max_size=40),
)
def test_names_are_given_to_all_labels_or_to_none(
    tmp_path_factory: pytest.TempPathFactory, own: list[str], name: str, said: str
) -> None:
    folder = tmp_path_factory.mktemp("names")
    put(folder / name, said)
    found = names_for(own, (folder,))
    assert not found.names or found.names.keys() == {one for one in own if one}
    assert len(set(found.names.values())) == len(found.names)
