"""What the names of folders and files say: subset, container, part, mask, date, number of an item.

Every function takes names alone. What a name means beside its neighbours is decided in ``reading``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SUBSET_WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "train", "training", "trn", "trainset", "traindata", "trainval", "minitrain",
            "entrenamiento", "treino", "treinamento", "apprentissage", "entrainement",
            "addestramento", "訓練", "训练", "训练集", "訓練集",
        ),
        "train",
    ),
    **dict.fromkeys(
        (
            "validation", "validate", "valid", "val", "dev", "devel", "development", "valset",
            "minival", "validierung", "validacion", "validacao", "验证", "验证集",
        ),
        "validation",
    ),
    **dict.fromkeys(
        (
            "test", "testing", "tst", "testset", "testdata", "eval", "evaluation", "holdout",
            "heldout", "prueba", "teste", "测试", "测试集", "測試",
        ),
        "test",
    ),
}  # fmt: skip

# Words that stand beside a subset's word without giving it another meaning: train_images_small.
_MODIFIERS: Final = frozenset((
    "a", "all", "as", "b", "big", "c", "clean", "crop", "cropped", "data", "dataset", "datasets",
    "dir", "file", "files", "final", "fold", "folder", "full", "hr", "image", "images", "img",
    "imgs", "jpeg", "jpegs", "jpg", "jpgs", "labeled", "labelled", "large", "lr", "medium", "mini",
    "new", "noisy", "of", "old", "orig", "original", "part", "photo", "photos", "pics", "picture",
    "pictures", "png", "pngs", "processed", "public", "private", "raw", "resized", "sample",
    "samples", "set", "sets", "shard", "small", "split", "splits", "stage", "standard", "std",
    "stg", "sub", "subset", "the", "tiny", "unlabeled", "unlabelled", "v", "version",
))  # fmt: skip

CONTAINERS: Final = frozenset((
    "all", "archive", "data", "dataset", "datasets", "files", "frames", "image", "images", "img",
    "imgs", "input", "inputs", "jpeg", "jpegimages", "jpegs", "jpg", "jpgs", "labelled", "labeled",
    "original", "originals", "photo", "photos", "pic", "pics", "picture", "pictures", "png",
    "pngs", "raw", "rgb", "samples", "snapshots", "source", "sources", "dcim", "media",
))  # fmt: skip

_JUST_PICTURES: Final = frozenset((
    "data", "dataset", "file", "files", "image", "images", "img", "imgs", "jpeg", "jpegimages",
    "jpegs", "jpg", "photo", "photos", "pic", "pics", "picture", "pictures", "png",
))  # fmt: skip

_PARTS: Final = frozenset((
    "archive", "batch", "chunk", "data", "dir", "disc", "disk", "folder", "folds", "fold",
    "images", "image", "imgs", "img", "part", "parts", "shard", "split", "subfolder", "volume",
))  # fmt: skip

_SURELY_PARTS: Final = frozenset(
    ("batch", "chunk", "fold", "part", "parts", "shard", "vol", "volume")
)

_GROUPS: Final = _PARTS | frozenset((
    "cam", "camera", "client", "day", "domain", "experiment", "exp", "group", "location",
    "patient", "person", "round", "run", "scene", "sequence", "seq", "series", "session", "set",
    "site", "source", "subject", "take", "trial", "user", "video", "week",
))  # fmt: skip

_MASKS: Final = frozenset((
    "annotation", "annotations", "contour", "contours", "depth", "edges", "gt", "groundtruth",
    "heatmap", "heatmaps", "instance", "instances", "label", "labels", "mask", "masks", "matte",
    "mattes", "panoptic", "seg", "segmentation", "segmentationclass", "segmentationobject",
    "segmentations", "semantic", "trimap", "trimaps", "ground", "truth", "saliency",
))  # fmt: skip

_THUMBS: Final = frozenset((
    "thumb", "thumbs", "thumbnail", "thumbnails", "preview", "previews", "small", "resized",
    "lowres", "cache", "lr",
))  # fmt: skip

_UNLABELLED: Final = frozenset((
    "nolabel", "nolabels", "notlabeled", "notlabelled", "tolabel", "todo", "unannotated",
    "unlabeled", "unlabelled", "unsorted", "unsup", "unsupervised", "withoutlabel",
))  # fmt: skip

_CAMERA: Final = frozenset((
    "dcim", "dsc", "dscf", "dscn", "dji", "file", "frame", "gopr", "image", "images", "img",
    "imgs", "mvimg", "p", "photo", "pic", "picture", "pxl", "received", "sam", "scan",
    "screenshot", "signal", "test", "train", "untitled", "val", "vid", "whatsapp",
))  # fmt: skip

_DATE = re.compile(
    r"(19|20)\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?)?([-_ T.]\d{2,6}.*)?$"
)
_MONTH_OR_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])$|(0[1-9]|1[0-2])[-_](0[1-9]|[12]\d|3[01])$")
_YEAR = re.compile(r"(19|20)\d\d$")
_OF_A_CAMERA = re.compile(r"\d{3}[A-Z_]{3}[A-Z0-9_]{2}$|DCIM$|\d{3}_?\d{4}$", re.ASCII)
_WORDNET_ID = re.compile(r"n\d{8}$")
_HEX_ID = re.compile(r"(?=.*\d)[0-9a-f]{8,}$|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.I)
_NUMBERED_ID = re.compile(r"[^\W\d]*[-_ .]?\d{3,}([-_]\d+)*$")


def tokens(name: str) -> list[str]:
    """Split a name into lower-case words and numbers: ``trainSet_01`` is train, set, 01."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", plain)
    return [word for word in re.split(r"[\W_]+", apart.casefold()) if word]


def subset_of(name: str) -> str:
    """Return train, validation or test where a name says so and says nothing else, or ""."""
    subset, rest = subset_and_rest(name)
    return subset if not rest else ""


def subset_and_rest(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the subset that a name speaks of, and the words of it that mean something else.

    ``asl_alphabet_train`` gives train and (asl, alphabet): a subset where its neighbours have the
    same words over. ``train station`` gives train and (station,).
    """
    words = tokens(name)
    found = [_SUBSET_WORDS[word] for word in words if word in _SUBSET_WORDS]
    if not found:
        return "", ()
    rest = tuple(
        word
        for word in words
        if word not in _SUBSET_WORDS and word not in _MODIFIERS and not word.isdigit()
    )
    return found[0], rest


def is_container(name: str) -> bool:
    """Whether a name says only that there are pictures below it."""
    words = [word for word in tokens(name) if not word.isdigit()]
    return bool(words) and all(word in CONTAINERS for word in words)


def says_pictures(name: str) -> bool:
    """Whether a name could be no label, even beside others: ``images``, not ``original``."""
    words = [word for word in tokens(name) if not word.isdigit()]
    return bool(words) and all(word in _JUST_PICTURES for word in words)


def is_part(name: str) -> bool:
    """Whether a name is that of a numbered part: ``fold_1``, ``images_003``, ``batch2``."""
    words = tokens(name)
    return _numbered(words) and all(w in _PARTS for w in words if not w.isdigit())


def are_parts(names: list[str]) -> bool:
    """Whether names are those of parts of one set: ``fold_1``; ``HAM_part_1`` and ``HAM_part_2``.

    Other words may stand in them, where these are the same in all.
    """
    if all(map(is_part, names)):
        return True
    words = [tuple(w for w in tokens(name) if not w.isdigit()) for name in names]
    numbered = all(_numbered(tokens(name)) for name in names)
    return numbered and len(set(words)) == 1 and bool(_SURELY_PARTS & set(words[0]))


def is_group(name: str) -> bool:
    """Whether a name is that of a numbered session, subject, camera or part."""
    words = tokens(name)
    return _numbered(words) and all(w in _GROUPS for w in words if not w.isdigit())


def _numbered(words: list[str]) -> bool:
    return any(w.isdigit() for w in words) and not all(w.isdigit() for w in words)


def is_mask(name: str) -> bool:
    """Whether a name is that of a folder of masks or other pictures about pictures."""
    words = [word for word in tokens(name) if not word.isdigit()]
    return any(word in _MASKS for word in words)


def is_thumbs(name: str) -> bool:
    """Whether a name is that of a folder of smaller copies."""
    return any(word in _THUMBS for word in tokens(name))


def says_unlabelled(name: str) -> bool:
    """Whether a name says that what lies below has no label."""
    return "".join(tokens(name)) in _UNLABELLED


def are_dates(names: list[str], above: str) -> bool:
    """Whether every name is a date, a camera's folder, or a month or day below a year."""
    if all(_DATE.match(name) or _OF_A_CAMERA.match(name) for name in names):
        return True
    return bool(_YEAR.match(above)) and all(_MONTH_OR_DAY.match(name) for name in names)


def is_item_id(name: str) -> bool:
    """Whether a name is the number of an item rather than a word: ``0001``, ``item_0042``, hex."""
    if _WORDNET_ID.match(name):
        return False
    return bool(_HEX_ID.match(name) or _NUMBERED_ID.match(name))


def is_of_a_camera(word: str) -> bool:
    """Whether the text of a file name is what cameras and programs write: ``IMG``, ``DSC``."""
    words = tokens(word)
    return all(w in _CAMERA or w.isdigit() or len(w) == 1 for w in words)
