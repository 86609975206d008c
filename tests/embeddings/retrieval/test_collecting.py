"""What is worth collecting: near what is asked about, and no near-copy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embeddings.retrieval import worth_collecting


def clouds(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images asked about, others that are labelled, and a pool of 20 of each sort."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(3, 32)) * 2

    def of(place: int, n: int) -> np.ndarray:
        return (centres[place] + rng.normal(size=(n, 32))).astype(np.float32)

    return of(0, 12), of(1, 30), np.concatenate([of(2, 20), of(1, 20), of(0, 20)])


def test_what_is_like_the_images_asked_about_comes_first() -> None:
    asked, known, pool = clouds()
    found = worth_collecting(asked, [pool[:25], pool[25:]], [known], most=20)
    assert set(found.places.tolist()) == set(range(40, 60))
    assert (np.diff(found.score) <= 1e-6).all()
    assert found.copies == 0
    cosines = (pool[found.places[0]] @ asked.T) / np.linalg.norm(asked, axis=1)
    assert found.like[0] == cosines.argmax()


def test_near_copies_of_each_other_and_of_what_is_labelled_are_left_out() -> None:
    asked, known, pool = clouds()
    twice = pool[40] * 1.5  # the same direction: the same image, brighter
    again = asked[3] + 0.001
    of_known = known[2] + 0.001
    more = np.concatenate([pool, [twice], [again], [of_known]]).astype(np.float32)
    found = worth_collecting(asked, [more], [known], most=len(more))
    assert len({40, 60} & set(found.places.tolist())) == 1
    assert not {61, 62} & set(found.places.tolist())
    assert found.copies == 3


def test_what_is_nearer_to_other_labels_comes_later() -> None:
    rng = np.random.default_rng(0)
    centre, other = np.eye(16, dtype=np.float32)[:2] * 4
    asked = centre + 0.3 * rng.normal(size=(10, 16)).astype(np.float32)
    known = other + 0.3 * rng.normal(size=(10, 16)).astype(np.float32)
    between = (0.45 * centre + 0.55 * other)[None] + 0.3 * rng.normal(size=(1, 16))
    beside = (0.5 * centre + 0.55 * np.eye(16)[5] * 4)[None]
    pool = np.concatenate([between, beside]).astype(np.float32)
    alone = worth_collecting(asked, [pool], [], most=2)
    found = worth_collecting(asked, [pool], [known], most=2)
    assert alone.score[alone.places == 0] > found.score[found.places == 0]
    assert alone.score[alone.places == 1] == found.score[found.places == 1]


def test_a_collapsed_model_does_not_make_everything_a_copy() -> None:
    rng = np.random.default_rng(0)
    centre = np.ones(32, dtype=np.float32) * 20  # all cosines above 0.99
    asked, pool = (centre + rng.normal(size=(n, 32)).astype(np.float32) for n in (10, 30))
    found = worth_collecting(asked, [pool], [], most=30)
    assert len(found.places) == 30


@given(st.integers(0, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 6))
def test_any_sizes_do(n_pool: int, n_asked: int, n_known: int, most: int) -> None:
    rng = np.random.default_rng(n_pool + 7 * n_asked)
    rows = [rng.normal(size=(n, 8)).astype(np.float32) for n in (n_asked, n_pool, n_known)]
    found = worth_collecting(rows[0], [rows[1]], [rows[2]], most=most)
    assert len(found.places) <= min(most, n_pool)
    assert len(set(found.places.tolist())) == len(found.places)
