"""Paths to labels, subsets and questions: trees of a grammar, and trees that people have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import UsageError
from embeddings.manifest.layout import Seen, Understanding, lines_of, rule_named, understand
from embeddings.manifest.layout.words import subset_of
from tests.embeddings.manifest.grammar import Laid, trees


def seen(laid: Laid) -> list[Seen]:
    return [
        *(Seen(path) for path in (*laid.pictures, *laid.masks)),
        *(Seen(path, picture=False) for path in laid.others),
    ]


def read(*paths: str, **rules: str) -> Understanding:
    """Understand pictures at ``paths``; a path may stand for several, as ``cat/3``."""
    files = []
    for path in paths:
        folder, _, number = path.rpartition("/")
        if number.isdigit():
            files += [
                Seen(f"{folder}/{n}.jpg" if folder else f"{n}.jpg") for n in range(int(number))
            ]
        else:
            files.append(Seen(path, picture=path.endswith((".jpg", ".png"))))
    given = {name: rule_named(text, "--x") for name, text in rules.items()}
    return understand(files, **given)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(laid=trees(), data=st.data())
def test_three_hundred_trees_are_read_right_or_asked_about(laid: Laid, data: st.DataObject) -> None:
    files = data.draw(st.permutations(seen(laid)))
    found = understand(files)
    assert found == understand(sorted(files, key=lambda one: one.path))  # the order tells nothing
    assert not any(subset_of(label) for label in found.labels)
    if laid.unclear:
        assert found.questions
        assert all("--" in option for option, _ in found.questions[0].options)
        return
    assert not found.questions, found.questions
    for path, (label, subset) in laid.pictures.items():
        place = found.place(path)
        assert place is not None, path
        assert (place.label, place.subset) == (label, subset), path
    assert all(found.place(path) is None for path in laid.masks)
    assert len(lines_of(found)) >= 5


@settings(max_examples=60, deadline=None, derandomize=True)
@given(laid=trees())
def test_each_answer_to_a_question_is_one(laid: Laid) -> None:
    for question in understand(seen(laid)).questions:
        for option, _ in question.options:
            name, _, text = option.partition(" ")
            if name == "--label-from":
                rule = rule_named(text.strip("'"), name)
                answered = understand(seen(laid), label_from=rule)
                assert not answered.questions
                assert answered.labels or "REGEX" in text


@pytest.mark.parametrize(
    ("paths", "labels", "subsets"),
    [
        # COCO-like: pictures in subsets beside labels that are text
        (("images/train/3", "images/val/3", "labels/train/0.txt"), set(), {"train", "validation"}),
        # Intel image classification on Kaggle: doubled, and a part to predict
        (
            ("seg_train/seg_train/sea/4", "seg_train/seg_train/ice/4", "seg_test/seg_test/sea/3",
             "seg_test/seg_test/ice/3", "seg_pred/seg_pred/5"),
            {"sea", "ice"}, {"train", "test", "seg_pred"},
        ),
        # GTSRB: labels that are numbers, with many pictures
        (tuple(f"Train/{n:05d}/9" for n in range(7)), {f"{n:05d}" for n in range(7)}, {"train"}),
        # COVID-19 radiography: masks below each label
        (("COVID/images/5", "COVID/masks/5", "Normal/images/5", "Normal/masks/5"),
         {"COVID", "Normal"}, set()),
        # cross-validation folds
        (("fold_1/a/3", "fold_1/b/3", "fold_2/a/3", "fold_2/b/3"), {"a", "b"},
         {"fold_1", "fold_2"}),
        # breast ultrasound: a mask beside each picture
        (("benign/benign (1).png", "benign/benign (1)_mask.png", "benign/benign (2).png",
          "normal/normal (1).png", "normal/normal (2).png"), {"benign", "normal"}, set()),
        # STL-10 unpacked: an unlabelled folder beside the labels
        (("cat/4", "dog/4", "unlabeled/9"), {"cat", "dog"}, set()),
        # protective equipment: masks are a label like gloves
        (("masks/5", "gloves/5"), {"masks", "gloves"}, set()),
        # Carvana: masks of each subset beside it
        (("train/a_1.jpg", "train/a_2.jpg", "train_masks/a_1_mask.png", "train_masks/a_2_mask.png"),
         set(), {"train"}),
        # one label, in a folder of it
        (("jaguar/20",), {"jaguar"}, set()),
        (("data/jaguar/images/20",), {"jaguar"}, set()),
        # a label may have folders of its own
        (("cat/3", "cat/deep/er/2", "dog/3"), {"cat", "dog"}, set()),
        # a sample beside subsets
        (("train/a/5", "train/b/5", "test/a/5", "test/b/5", "sample_images/2"), {"a", "b"},
         {"train", "test", "sample_images"}),
        # ImageNet's own layout below a wrapper
        (("ILSVRC/Data/CLS-LOC/train/n01440764/4", "ILSVRC/Data/CLS-LOC/train/n01443537/4",
          "ILSVRC/Data/CLS-LOC/val/6", "ILSVRC/Data/CLS-LOC/test/6"),
         {"n01440764", "n01443537"}, {"train", "validation", "test"}),
        # numbered archives of the NIH chest X-rays
        (("images_001/images/5", "images_002/images/5"), set(), set()),
    ],
)  # fmt: skip
def test_layouts_of_public_data_sets(
    paths: tuple[str, ...], labels: set[str], subsets: set[str]
) -> None:
    found = read(*paths)
    assert not found.questions, found.questions
    assert set(found.labels) == labels
    assert set(found.subsets) == subsets


@pytest.mark.parametrize(
    ("paths", "words", "option"),
    [
        (("PetImages/cat.0.jpg", "PetImages/cat.1.jpg", "PetImages/dog.0.jpg",
          "PetImages/dog.1.jpg"), "One folder alone", "folder:1"),
        (("cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"), "names of the files", "name:"),
        (("train/cat.0.jpg", "train/cat.1.jpg", "train/dog.0.jpg", "train/dog.1.jpg",
          "test1/1.jpg"), "names of the files", "name:"),
        (("0001_cat.jpg", "0002_cat.jpg", "0003_dog.jpg", "0004_dog.jpg"), "names of", "name:"),
        (("2021/3", "2022/3"), "dates", "--no-labels"),
        (("100CANON/3", "101CANON/3"), "camera", "--no-labels"),
        (("2023/01/3", "2023/02/3"), "dates", "--no-labels"),
        (tuple(f"{n:06d}/2" for n in range(30)), "one item", "folder:1"),
        (("color/a/3", "color/b/3", "grayscale/a/3", "grayscale/b/3"), "two levels", "folder:2"),
        (("fruit/apple/3", "fruit/pear/3", "tools/saw/3", "tools/axe/3"), "two levels",
         "folder:1"),
        (("session1/4", "session2/4", "session3/4"), "numbered alike", "--no-labels"),
        # MVTec, and open-edge-platform/anomalib issue 2515: states below subsets below categories
        (("bottle/train/good/9", "bottle/test/good/3", "bottle/test/broken_large/3",
          "cable/train/good/9", "cable/test/good/3", "cable/test/bent_wire/3"), "two levels",
         "folder:3"),
        (("01/train/ok/6", "01/test/ok/3", "01/test/ko/3", "02/train/ok/6", "02/test/ok/3",
          "02/test/ko/3"), "two levels", "folder:1"),
        (("bottle/good/6", "bottle/broken/3", "cable/good/6", "cable/cut/3"), "two levels",
         "folder:2"),
        (("pcb1/Data/Images/Normal/6", "pcb1/Data/Images/Anomaly/3", "pcb2/Data/Images/Normal/6",
          "pcb2/Data/Images/Anomaly/3"), "two levels", "folder:4"),
        (("part_a/ok/5", "part_a/ng/5", "part_b/ok/5", "part_b/ng/5"), "two levels", "folder:1"),
        (("train/a/3", "train/b/3", "other/c/3", "other/d/3"), "like a subset", "folder:1"),
    ],
)  # fmt: skip
def test_what_only_the_user_knows_is_asked(paths: tuple[str, ...], words: str, option: str) -> None:
    found = read(*paths)
    assert words in found.questions[0].text
    assert option in found.questions[0].hint()


def test_each_level_of_categories_with_states_can_be_the_label() -> None:
    """LilitYolyan/CutPaste issue 14: the original folders of MVTec, masks beside them."""
    paths = [f"{category}/{below}" for category in ("bottle", "cable") for below in (
        "train/good/9", "test/good/3", "test/broken/3", "ground_truth/broken/3")]  # fmt: skip
    upper, lower = read(*paths, label_from="folder:1"), read(*paths, label_from="folder:3")
    assert upper.labels == {"bottle": 15, "cable": 15}
    assert lower.labels == {"good": 24, "broken": 6}
    assert upper.subsets == lower.subsets == {"train": 18, "test": 12}


def test_states_of_one_category_are_its_labels() -> None:
    """open-edge-platform/anomalib issue 1238: ``mydata/train/good`` and ``mydata/test/good``."""
    found = read("train/good/9", "test/good/3", "test/broken/3", "ground_truth/broken/3")
    assert not found.questions
    assert found.labels == {"good": 12, "broken": 3}


def test_subsets_below_labels_stay_subsets() -> None:
    found = read("cat/train/5", "cat/test/5", "dog/train/images/5", "dog/test/images/5")
    assert not found.questions
    assert (found.labels, found.subsets) == ({"cat": 10, "dog": 10}, {"train": 10, "test": 10})


def test_names_that_cameras_write_carry_no_label() -> None:
    found = read("IMG_1.jpg", "IMG_2.jpg", "DSC_1.jpg", "DSC_2.jpg", "WhatsApp Image 3.jpg")
    assert not found.questions
    assert not found.labels


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        ("parent", "a/b/1.jpg", "b"),
        ("grandparent", "a/b/1.jpg", "a"),
        ("grandparent", "b/1.jpg", None),
        ("folder:2", "a/b/c/1.jpg", "b"),
        ("folder:-1", "a/b/c/1.jpg", "c"),
        ("folder:3", "a/b/1.jpg", None),
        ("name:^([a-z]+)", "x/cat.0.jpg", "cat"),
        (r"name:^(.+)_\d+\.jpg$", "x/great_pyrenees_12.jpg", "great_pyrenees"),
        (r"name:^(.+)_\d+$", "x/great_pyrenees_12.jpg", "great_pyrenees"),
        ("name:^[a-z]+", "x/cat.0.jpg", "cat"),
        (r"path:^(\w+)/", "x/cat.0.jpg", "x"),
        ("none", "x/cat.0.jpg", None),
    ],
)
def test_rules(rule: str, path: str, value: str | None) -> None:
    assert rule_named(rule, "--label-from").value(path) == value


@pytest.mark.parametrize(
    "text", ["", "uncle", "folder:0", "folder:x", "name:(", "name:", "column:"]
)
def test_a_rule_that_is_none_says_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match=r"--label-from") as told:
        rule_named(text, "--label-from")
    assert told.value.hint


def test_a_rule_goes_before_the_folders() -> None:
    found = read("train/a/3", "train/b/3", "other/c/3", "other/d/3", label_from="folder:1")
    assert found.labels == {"train": 6, "other": 6}
    assert not found.subsets
    assert not found.questions
    assert any("named like subsets" in remark for remark in found.remarks)
    none = read("train/a/3", "train/b/3", subset_from="none")
    assert none.labels == {"a": 3, "b": 3}
    assert not none.subsets


def test_the_lines_say_what_was_not_used() -> None:
    paths = ("x/train/a/3", "x/train/b/3", "x/test/5", "x/notes/n.txt", "x/train/readme.txt")
    lines = "\n".join(lines_of(read(*paths)))
    assert "2 from folder 3: a 3, b 3" in lines
    assert "train 6, test 5" in lines
    assert "5 in x/test/; nothing is found about them" in lines
    assert "x/ walked through" in lines
    assert "x/notes/ no pictures in it (1)" in lines
    assert "--label-from parent|grandparent|folder:N|name:REGEX" in lines
