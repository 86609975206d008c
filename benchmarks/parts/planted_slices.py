"""Data sets in which a model fails on one known slice: a fifth of a label made hard in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from embeddings.arrays import unit_rows

LABELS = 15  # of a set
SHARE = 0.2  # of a label's images that are made hard
HARD = 0.5  # accuracy on the slice from which on it counts as hard; else it is made harder
FOLDS = 5
STRENGTHS = (1.0, 1.6, 2.4, 3.2)
SIDE = 224
SEEN, SEEN_ELSEWHERE = 1, 10  # spoilt images in training: of the slice, and of another label
RIDGE = 0.05  # of the mean squared length of the training images
SHARPNESS = 8.0

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True)
class Planted:
    """A set: ``X`` (n, d), ``labels`` and held-out ``predicted`` (n,), ``slice_`` (n,) the truth.

    ``probabilities`` (n, classes) are the model's, classes in the order of ``classes``.
    """

    name: str
    seen: bool
    X: NDArray[np.float32]
    labels: NDArray[np.str_]
    predicted: NDArray[np.str_]
    probabilities: NDArray[np.float32]
    classes: tuple[str, ...]
    slice_: NDArray[np.bool_]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(n,) whether the model is wrong."""
        return self.labels != self.predicted


def blurred(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Put the picture out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(7 * strength))


def covered(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Hang a grey board before the middle of the picture."""
    side = int(SIDE * min(0.9, 0.55 * strength))
    board = Image.new("RGB", (side, side), (96, 96, 96))
    out = picture.copy()
    out.paste(board, ((SIDE - side) // 2, (SIDE - side) // 2))
    return out


def elsewhere(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Show the picture small, before grass-like noise."""
    noise = rng.integers(0, 90, (SIDE // 4, SIDE // 4, 3))
    noise[..., 1] += 100
    ground = Image.fromarray(noise.astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    side = int(SIDE * 0.45 / strength)
    corner = tuple(int(v) for v in rng.integers(0, SIDE - side, 2))
    ground.paste(picture.resize((side, side)), corner)
    return ground


def dark(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Take the picture at night: little light, much noise."""
    light = np.asarray(picture, dtype=np.float32) * (0.25 / strength)
    noise = rng.normal(0, 14 * strength, light.shape)
    return Image.fromarray(np.clip(light + noise, 0, 255).astype(np.uint8))


WAYS: dict[str, Callable[[Image.Image, float, np.random.Generator], Image.Image]] = {
    "blur": blurred,
    "occlusion": covered,
    "background": elsewhere,
    "night": dark,
}
RARE_KIND = "rare kind"


def planted(pack: Any, photos: Path, way: str, seed: int, embed: Embed) -> Planted:
    """Make one set.

    In every other one the model was trained on images that were spoilt in the same way, few of them
    of the slice's own label, so that it takes what is spoilt for the other label.
    """
    rng = np.random.default_rng(seed)
    seen = bool(seed % 2)
    kinds = rng.permutation(np.unique(pack["kinds"]))
    rows = np.flatnonzero(np.isin(pack["kinds"], kinds[:LABELS]))
    X = pack["embeddings"][rows].astype(np.float32)
    labels = pack["kinds"][rows].astype(str)
    own = rng.permutation(np.flatnonzero(labels == kinds[0]))
    hard = own[: max(4, round(SHARE * len(own)))]
    slice_ = np.zeros(len(rows), dtype=bool)
    slice_[hard] = True
    if way == RARE_KIND:
        seen = False
        others = rng.permutation(np.flatnonzero(pack["kinds"] == kinds[LABELS]))[: len(hard)]
        hard = hard[: len(others)]
        slice_[:] = False
        slice_[hard] = True
        X[hard] = pack["embeddings"][others].astype(np.float32)
        return _predicted(f"{way}", seen, X, labels, slice_, seed)
    elsewhere_ = np.flatnonzero(labels == kinds[1])[:SEEN_ELSEWHERE] if seen else hard[:0]
    both = np.concatenate([hard, elsewhere_])
    files = [photos / str(pack["files"][rows[item]]) for item in both]
    made = None
    for strength in STRENGTHS:
        pixels = np.stack([np.asarray(WAYS[way](opened(f), strength, rng)) for f in files])
        spoilt = embed(pixels)
        X[hard] = spoilt[: len(hard)]
        besides = (spoilt[len(hard) :], labels[elsewhere_])
        made = _predicted(way, seen, X.copy(), labels, slice_, seed, besides)
        if 1 - made.wrong[slice_].mean() <= HARD:
            break
    assert made is not None
    return made


def without(pack: Any, seed: int) -> Planted:
    """Make a set of the same photos with nothing planted: the model's own errors are left."""
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(np.unique(pack["kinds"]))
    rows = np.flatnonzero(np.isin(pack["kinds"], kinds[:LABELS]))
    X, labels = pack["embeddings"][rows].astype(np.float32), pack["kinds"][rows].astype(str)
    return _predicted("none", True, X, labels, np.zeros(len(rows), dtype=bool), seed)


def at_random(made: Planted, share: float, seed: int) -> Planted:
    """Return the set with ``share`` of each label wrong at random: no slice can be there."""
    rng = np.random.default_rng(seed)
    predicted = made.labels.copy()
    wrong = rng.random(len(predicted)) < share
    shift = rng.integers(1, len(made.classes), len(predicted))
    place = np.searchsorted(made.classes, made.labels)
    names = np.array(made.classes)
    predicted[wrong] = names[(place + shift) % len(names)][wrong]
    probabilities = np.full_like(made.probabilities, 0.02)
    probabilities[np.arange(len(predicted)), np.searchsorted(names, predicted)] = 0.7
    none = np.zeros(len(predicted), dtype=bool)
    return Planted(
        "at random", True, made.X, made.labels, predicted, probabilities, made.classes, none
    )


def opened(file: Path) -> Image.Image:
    """Return the middle of a photo as the model sees it, (SIDE, SIDE) RGB."""
    with Image.open(file) as image:
        rgb = image.convert("RGB")
    side = min(rgb.size)
    left, top = (rgb.width - side) // 2, (rgb.height - side) // 2
    return rgb.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))


def _predicted(
    name: str,
    seen: bool,
    X: NDArray[Any],
    labels: NDArray[Any],
    slice_: NDArray[Any],
    seed: int,
    besides: tuple[NDArray[Any], NDArray[Any]] | None = None,
) -> Planted:
    """Predict every item by a classifier that was not trained on it.

    ``besides`` are images and labels that are trained on and not part of the set.
    """
    classes, truth = np.unique(labels, return_inverse=True)
    more, of = besides if besides is not None else (X[:0], labels[:0])
    probabilities = np.zeros((len(labels), len(classes)), dtype=np.float32)
    for train, test in _folds(truth, seed):
        usable = np.setdiff1d(train, train[slice_[train]][SEEN if seen else 0 :])
        taught = np.concatenate([X[usable], more])
        named = np.concatenate([truth[usable], np.searchsorted(classes, of)])
        probabilities[test] = _trained(taught, named, X[test], len(classes))
    predicted = classes[probabilities.argmax(axis=1)]
    return Planted(name, seen, X, labels, predicted, probabilities, tuple(classes), slice_)


def _folds(truth: NDArray[Any], seed: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    from sklearn.model_selection import StratifiedKFold

    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth)


def _trained(X: NDArray[Any], y: NDArray[Any], of: NDArray[Any], k: int) -> NDArray[Any]:
    """Return the probabilities that ridge regression on the labels gives, softmax of its scores."""
    train, test = unit_rows(X), unit_rows(of)
    middle = train.mean(axis=0)
    train, test = train - middle, test - middle
    wanted = np.eye(k, dtype=np.float32)[y] - 1 / k
    gram = train @ train.T
    gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram) / len(gram)
    scores = SHARPNESS * (test @ (train.T @ np.linalg.solve(gram, wanted)))
    chance = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True), dtype=np.float32)
