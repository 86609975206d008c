"""A grammar of how people lay out image data sets, with the reading that is right for each tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

LABELS = (
    "cat", "dog", "Granny Smith", "n01440764", "n02123045", "class_01", "class_02", "0", "1", "2",
    "007", "with_mask", "without_mask", "test tube", "training shoe", "train station", "normal",
    "Ünïcödé", "花", "no", "yes", "A", "b", "Bird's nest", "fish.salmon", "original", "fake",
)  # fmt: skip
SPELLINGS = (
    ("train", "val", "test"), ("Train", "Valid", "Test"), ("training", "validation", "testing"),
    ("train", "test1"), ("train_set", "test_set"), ("Training_Set", "Test_Set"),
    ("train_images", "test_images"), ("images_train", "images_val"), ("TRAIN", "TEST"),
    ("train2017", "val2017"), ("train-00000-of-00001", "test-00000-of-00001"),
    ("seg_train", "seg_test"), ("asl_alphabet_train", "asl_alphabet_test"), ("trainset", "testset"),
    ("train_1", "val_1"), ("trainImages", "testImages"), ("train-jpg", "test-jpg"),
    ("train", "dev", "eval"), ("training_data", "testing_data"), ("train", "holdout"),
)  # fmt: skip
WRAPPERS = ("data", "images", "PetImages", "dataset", "archive", "my photos v2", "raw", "Dataset_1")


@dataclass
class Laid:
    """Files as laid out: ``pictures`` has label (None for none) and subset by path.

    ``unclear`` where the right thing is to ask.
    """

    pictures: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    masks: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    unclear: bool = False

    def below(self, folder: str) -> Laid:
        """Return the same one folder further down."""
        return Laid(
            {f"{folder}/{path}": what for path, what in self.pictures.items()},
            [f"{folder}/{path}" for path in self.masks],
            [f"{folder}/{path}" for path in self.others],
            self.unclear,
        )


def subset(name: str) -> str:
    """Return the subset that one of ``SPELLINGS`` means."""
    lower = name.casefold().replace("eval", "test")
    if "train" in lower:
        return "train"
    return "validation" if "val" in lower or "dev" in lower else "test"


labels = st.lists(st.sampled_from(LABELS), min_size=2, max_size=6, unique=True)
few = st.integers(3, 7)


@st.composite
def labelled(draw: st.DrawFn, names: list[str], part: str = "") -> Laid:
    """``label/…/file``, perhaps with a folder more below every label."""
    out = Laid()
    below = draw(st.sampled_from(("", "", "", "images/", "jpg/")))
    for name in names:
        for number in range(draw(few)):
            out.pictures[f"{name}/{below}{number}.jpg"] = (name, part)
    return out


@st.composite
def flat(draw: st.DrawFn, part: str = "") -> Laid:
    """Pictures without a label, perhaps in a folder that says no more than that."""
    below = draw(st.sampled_from(("", "", "images/", "unknown/")))
    return Laid({f"{below}{n}.jpg": (None, part) for n in range(draw(few))})


def join(*laid: Laid) -> Laid:
    """Return several trees side by side."""
    out = Laid()
    for one in laid:
        out.pictures |= one.pictures
        out.masks += one.masks
        out.others += one.others
        out.unclear |= one.unclear
    return out


@st.composite
def in_subsets(draw: st.DrawFn) -> Laid:
    """``train/label/file``: the spellings of people, some doubled, the last perhaps unlabelled."""
    names, folders = draw(labels), draw(st.sampled_from(SPELLINGS))
    inner = draw(st.sampled_from(("", "", "same", "images", "data")))
    last_flat = draw(st.booleans())
    parts = []
    for at, folder in enumerate(folders):
        part = subset(folder)
        if at and at == len(folders) - 1 and last_flat:
            one = draw(flat(part))
        else:
            one = draw(labelled(names, part))
        if inner and not (at == len(folders) - 1 and last_flat):
            one = one.below(folder if inner == "same" else inner)
        parts.append(one.below(folder))
    return join(*parts)


@st.composite
def subsets_below_labels(draw: st.DrawFn) -> Laid:
    """``label/train/file``."""
    names, folders = draw(labels), draw(st.sampled_from(SPELLINGS[:3]))
    out = Laid()
    for name in names:
        for folder in folders:
            for number in range(draw(few)):
                out.pictures[f"{name}/{folder}/{number}.jpg"] = (name, subset(folder))
    return out


@st.composite
def with_masks(draw: st.DrawFn) -> Laid:
    """``images/label/file`` beside masks of the same names."""
    inside = draw(labelled(draw(labels)))
    masks = draw(st.sampled_from(("masks", "annotations", "labels", "SegmentationClass")))
    return join(
        inside.below("images"),
        Laid(masks=[f"{masks}/{path.removesuffix('.jpg')}.png" for path in inside.pictures]),
    )


@st.composite
def doubled(draw: st.DrawFn) -> Laid:
    """An archive that holds everything twice, as some on Kaggle do."""
    inside = draw(st.one_of(in_subsets(), labelled(draw(labels))))
    return join(inside, Laid(masks=[f"set_again/{path}" for path in inside.pictures]))


@st.composite
def unclear(draw: st.DrawFn) -> Laid:
    """What only the user knows: names that carry the label, dates, items, crossed levels."""
    kind = draw(st.sampled_from(("names", "dates", "date tree", "items", "crossed", "nested")))
    words = ("cat", "dog", "lynx", "great pyrenees")[: draw(st.integers(2, 4))]
    if kind == "names":
        mark = draw(st.sampled_from((".", "_", "-", " ")))
        paths = [f"{word}{mark}{n}.jpg" for word in words for n in range(4)]
    elif kind == "dates":
        paths = [f"2023-0{m}-1{d}/IMG_{n}.jpg" for m in (1, 2) for d in (1, 2) for n in range(3)]
    elif kind == "date tree":
        paths = [f"2023/0{m}/1{d}/IMG_{n}.jpg" for m in (1, 2) for d in (1, 2) for n in range(3)]
    elif kind == "items":
        paths = [f"item_{i:04d}/{view}.jpg" for i in range(12) for view in ("front", "back")]
    elif kind == "crossed":
        paths = [f"{d}/{w}/{n}.jpg" for d in ("amazon", "webcam") for w in words for n in range(3)]
    else:
        groups = {"animals": ("cat", "dog"), "vehicles": ("bus", "car")}
        paths = [f"{g}/{w}/{n}.jpg" for g, own in groups.items() for w in own for n in range(3)]
    return Laid(dict.fromkeys(paths, (None, "")), unclear=True)


@st.composite
def trees(draw: st.DrawFn) -> Laid:
    """Any of these, with what lies around: wrappers, loose pictures, folders without pictures."""
    body = draw(
        st.one_of(
            labels.flatmap(labelled),
            in_subsets(),
            in_subsets(),
            subsets_below_labels(),
            with_masks(),
            doubled(),
            unclear(),
        )
    )
    loose = draw(st.booleans()) and not body.unclear
    if loose:
        body.pictures["cover.jpg"] = (None, "")
    if draw(st.booleans()):
        body.others += ["README.md", "annotations/instances.json", "models/best.h5"]
    if not loose:
        for wrapper in draw(st.lists(st.sampled_from(WRAPPERS), max_size=2, unique=True)):
            body = body.below(wrapper)
    return body
