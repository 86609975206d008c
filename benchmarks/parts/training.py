"""Composed data sets for fitting: labels merged, rare second kinds, slips, twins of labels."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (20, 40, 60, 100, 200, 300, 600)
SHARES = (0.5, 0.35, 0.25, 0.15, 0.1, 0.07, 0.05)
FEWEST_RARE = 4  # items of a second kind, at least
UNEVEN_SIZES = (15, 80)  # of each label of an uneven set, evenly in their logarithm
FEWEST_RARE_UNEVEN = 3
ALIKE = 0.3  # of the pairs are kinds that look alike; homonyms seldom do
SLIPS = (0.0, 0.0, 0.0, 0.02, 0.04, 0.08)
MOST_LABELS = 40


@dataclass(frozen=True, slots=True)
class Made:
    """A data set whose truth is known; arrays in the order of its items.

    ``X`` (n, d) float32; ``label`` as given, ``kind`` what is shown, ``slip`` where the label is a
    slip of the hand; ``hidden`` the labels that hold two kinds.
    """

    X: NDArray[np.float32]
    label: NDArray[np.str_]
    kind: NDArray[np.str_]
    slip: NDArray[np.bool_]
    hidden: frozenset[str]


def unit(X: NDArray[Any]) -> NDArray[np.float32]:
    rows = X.astype(np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def compose(X: NDArray[Any], kinds: NDArray[np.str_], seed: int, *, uneven: bool = False) -> Made:
    """Make a data set of items whose finest kinds are known.

    A part of the labels hides a second kind: most pairs are drawn at random, some from the three
    kinds that look most alike. Some second kinds have a label of their own besides, some
    kinds stand under two labels, and in half of the sets single labels are wrong. Labels of an
    ``uneven`` set are small and each of its own size; those of others are of about one size.
    """
    rng = random.Random(seed)
    by = {str(k): np.flatnonzero(kinds == k).tolist() for k in np.unique(kinds)}
    for at in by.values():
        rng.shuffle(at)
    names = list(by)
    rng.shuffle(names)
    names = names[: max(4, rng.randint(min(4, len(names)), min(len(names), MOST_LABELS)))]
    size = rng.choice(SIZES)
    fewest = FEWEST_RARE_UNEVEN if uneven else FEWEST_RARE

    def size_of(low: float, high: float) -> int:
        if uneven:
            return round(math.exp(rng.uniform(*map(math.log, UNEVEN_SIZES))))
        return max(8, int(size * rng.uniform(low, high)))

    mean = {k: unit(X[by[k][:60]]).mean(axis=0) for k in names}
    rows: list[tuple[int, str, str]] = []
    own: list[tuple[str, int]] = []
    hidden = []
    for number in range(max(1, round(rng.uniform(0.1, 0.5) * len(names) / 2))):
        if len(names) < 2:
            break
        a = names.pop()
        if rng.random() > ALIKE:
            b = names.pop()
        else:
            alike = sorted(names, key=lambda k: -float(mean[k] @ mean[a]))
            b = alike[rng.randrange(min(3, len(alike)))]
            names.remove(b)
        n_a = min(len(by[a]), size_of(0.7, 1.3))
        share = rng.choice(SHARES)
        n_b = min(len(by[b]), n_a, max(fewest, round(n_a * share / (1 - share))))
        label = f"hidden {number}"
        hidden.append(label)
        rows += [(j, label, a) for j in by[a][:n_a]] + [(j, label, b) for j in by[b][:n_b]]
        if rng.random() < 0.35 and len(by[b]) - n_b >= 8:
            own.append((b, n_b))
    for k in names:
        rows += [(j, k, k) for j in by[k][: size_of(0.6, 1.4)]]
    twins = [k for k in names if sum(r[1] == k for r in rows) >= 24]
    if twins and rng.random() < 0.6:
        k = rng.choice(twins)
        mine = [i for i, row in enumerate(rows) if row[1] == k]
        for i in rng.sample(mine, max(6, int(rng.choice((0.5, 0.3, 0.2)) * len(mine)))):
            rows[i] = (rows[i][0], f"twin of {k}", k)
    rows += [(j, f"own {b}", b) for b, used in own for j in by[b][used : used + size]]
    rng.shuffle(rows)
    at = np.array([row[0] for row in rows])
    label = np.array([row[1] for row in rows])
    slip = np.zeros(len(rows), dtype=bool)
    share = rng.choice(SLIPS)
    data = unit(X[at])
    if share:
        label, slip = slipped(data, label, share, rng)
    return Made(data, label, np.array([row[2] for row in rows]), slip, frozenset(hidden))


def slipped(
    X: NDArray[np.float32], label: NDArray[np.str_], share: float, rng: random.Random
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Give a share of the items another label, half of them one that looks alike."""
    names = sorted(set(label.tolist()))
    mean = np.stack([X[label == name].mean(axis=0) for name in names])
    mean = unit(mean - mean.mean(axis=0))
    near = np.argsort(-(mean @ mean.T), axis=1)[:, 1:4]
    out, slip = label.astype(object), np.zeros(len(label), dtype=bool)
    for i, own in enumerate(label):
        if rng.random() < share:
            others = [name for name in names if name != own]
            alike = [names[n] for n in near[names.index(own)]]
            out[i] = rng.choice(alike if rng.random() < 0.5 else others)
            slip[i] = True
    return out.astype(str), slip


def clouds(seed: int) -> Made:
    """Make normal clouds, one or two to a label, from labels that can't be told apart upwards."""
    rng = np.random.default_rng(seed)
    width = int(rng.choice([8, 16, 32, 64, 128, 384]))
    n_labels, size = int(rng.integers(2, 31)), int(rng.choice([20, 40, 80, 150]))
    apart = float(rng.choice([0, 0, 0.3, 0.6, 1, 1.5, 2.5]))
    scale = np.ones(width) if rng.random() < 0.5 else np.arange(1, width + 1) ** -0.5
    scale /= np.sqrt((scale**2).mean())
    centres = rng.normal(size=(n_labels + 8, width)) * apart
    offset = rng.normal(size=width) * float(rng.choice([0, 1, 3]))
    several = apart >= 1 and rng.random() < 0.5
    hidden = set(range(max(1, n_labels // 4))) if several else set()
    kind: list[int] = []
    label: list[str] = []
    for number in range(n_labels):
        n = max(6, int(size * rng.uniform(0.6, 1.4)))
        kinds = [number] * n
        if number in hidden:
            kinds += [n_labels + number % 8] * max(3, int(n * rng.choice([0.5, 0.25, 0.1])))
        kind += kinds
        label += [f"cloud {number}"] * len(kinds)
    X = centres[kind] + rng.normal(size=(len(kind), width)) * scale + offset
    return Made(
        X.astype(np.float32), np.array(label), np.array(kind).astype(str),
        np.zeros(len(kind), dtype=bool), frozenset(f"cloud {number}" for number in hidden),
    )  # fmt: skip
