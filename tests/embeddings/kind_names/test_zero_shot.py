"""A list of words as classes: what fits is seen, and nothing where nothing fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings.arrays import unit_rows
from embeddings.errors import UsageError
from embeddings.kind_names import name_parts, read_words, sentences_for, zero_shot_scores
from embeddings.kind_names.zero_shot import SAYING_NOTHING

WORDS = ("cat", "car", "duck", "boat")
RNG = np.random.default_rng(0)
DIRECTIONS = unit_rows(RNG.normal(size=(len(WORDS) + 2, 64)).astype(np.float32))
NOTHING, UNKNOWN = DIRECTIONS[-2], DIRECTIONS[-1]


def space() -> np.ndarray:
    """Embed the sentences as a pair does: near their word, all of them near nothing in special."""
    rows = [0.5 * DIRECTIONS[k] + NOTHING for k in range(len(WORDS))]
    return unit_rows(np.stack([*rows, *[NOTHING] * len(SAYING_NOTHING)]))


def images_of(word: str | None, n: int) -> np.ndarray:
    shown = UNKNOWN if word is None else DIRECTIONS[WORDS.index(word)]
    return unit_rows(0.5 * shown + NOTHING + RNG.normal(scale=0.02, size=(n, 64)))


def test_an_image_is_seen_as_the_word_that_fits() -> None:
    assert len(sentences_for(WORDS)) == len(space())
    images = np.concatenate([images_of(word, 5) for word in WORDS])
    scores = zero_shot_scores(images, space())
    assert scores.index[:, 0].tolist() == np.repeat(np.arange(4), 5).tolist()
    assert (scores.probability[:, 0] > 0.9).all()
    assert (scores.probability.sum(axis=1) <= 1 + 1e-5).all()


def test_what_fits_no_word_is_seen_as_none() -> None:
    scores = zero_shot_scores(images_of(None, 20), space())
    assert (scores.probability < 0.3).all()
    missing = np.full((2, 64), np.nan, np.float32)
    told = zero_shot_scores(missing, space())
    assert (told.index == -1).all()
    assert (told.probability == 0).all()


def test_parts_that_fit_a_word_are_named_and_others_are_not() -> None:
    shown = [("pet", 0, "cat"), ("pet", 1, None), ("bird", 0, "duck"), ("bird", 1, "car")]
    images = np.concatenate([images_of(word, 20) for *_, word in shown])
    labels = np.repeat(np.array([label for label, *_ in shown], dtype=object), 20)
    clusters = np.repeat([cluster for _, cluster, _ in shown], 20)
    found = name_parts(zero_shot_scores(images, space()), labels, clusters, WORDS)
    named = {(one.label, one.cluster): one.name for one in found}
    assert named == {("pet", 0): "cat", ("bird", 0): "duck", ("bird", 1): "car"}


def test_a_list_is_read_with_care(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\ufeffsports car\n\n# animals\n cat \ncat\nspotted\tcat\r\nЖук\n", "utf-8")
    assert read_words(file) == ("sports car", "cat", "spotted cat", "Жук")
    for content, said in (
        (b"", "holds no words"),
        (b"# only this\n", "holds no words"),
        (b"\xff\xfe\x00", "can't be read as a list"),
        (b"x" * 200, "no word"),
        (b"".join(b"w%d\n" % n for n in range(20_001)), "20,001 words"),
        (b"a\n" * 3_000_000, "too large"),
    ):
        file.write_bytes(content)
        with pytest.raises(UsageError, match=said) as caught:
            read_words(file)
        assert caught.value.hint
    with pytest.raises(UsageError, match="can't be read as a list"):
        read_words(tmp_path)
