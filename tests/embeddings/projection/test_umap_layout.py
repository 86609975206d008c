"""The layout of maps: what it keeps, and that it is UMAP's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from embeddings.neighbors.exact import nearest_points
from embeddings.projection import plane
from embeddings.projection.umap_layout import _memberships, fuzzy_graph, lay_out, principal_axes
from embeddings.projection.umap_learn import lay_out_by_umap_learn


def clouds(n: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % 3
    X = rng.normal(size=(3, 30))[kind] * 2 + rng.normal(size=(n, 30))
    return X.astype(np.float32), kind


def test_kinds_stay_together() -> None:
    X, kind = clouds()
    index, _ = nearest_points(plane(X, seed=0), 5)
    assert (kind[index] == kind[:, None]).mean() > 0.95


def test_the_graph_is_that_of_the_paper() -> None:
    X, _ = clouds()
    index, distance = nearest_points(X, 15)
    graph = fuzzy_graph(index, distance).toarray()
    assert (graph == graph.T).all()
    # the nearest is a neighbour for sure (section 3.1)
    assert graph[np.arange(len(X)), index[:, 0]] == pytest.approx(1.0)
    # memberships before both directions are joined add up to log2 of the neighbours
    away = distance - distance[:, :1]
    one_way = _memberships(distance)
    assert one_way.sum(axis=1) == pytest.approx(np.log2(16), rel=1e-3)
    assert (np.diff(one_way, axis=1) <= 0).all()
    assert (one_way[away == 0] == 1).all()


def test_a_seed_gives_the_same_bits_and_another_gives_others() -> None:
    X, _ = clouds()
    assert (plane(X, seed=1) == plane(X, seed=1)).all()
    assert (plane(X, seed=1) != plane(X, seed=2)).any()


@pytest.mark.parametrize("n", [2, 3, 9])
def test_few_items(n: int) -> None:
    X, _ = clouds(n)
    xy = plane(X, seed=0)
    assert xy.shape == (n, 2)
    assert np.isfinite(xy).all()


def test_items_without_neighbours_stay_finite() -> None:
    index = np.full((5, 3), -1)
    xy = lay_out(index, np.zeros((5, 3), np.float32), np.zeros((5, 2), np.float32), seed=0)
    assert np.isfinite(xy).all()


def test_missing_axes_are_zero() -> None:
    assert (principal_axes(np.ones((1, 4), np.float32), 2) == 0).all()
    two = principal_axes(np.eye(2, dtype=np.float32), 2)
    assert (two[:, 1] == 0).all()
    assert abs(two[0, 0]) > 0.5


def test_it_keeps_neighbours_as_well_as_umap_learn() -> None:
    from sklearn.manifold import trustworthiness

    X, _ = clouds(400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap-learn's own, and of what it imports
        import umap

        theirs = umap.UMAP(random_state=0).fit_transform(X)
    kept = {name: trustworthiness(X, xy, n_neighbors=15) for name, xy in
            (("ours", plane(X, seed=0)), ("theirs", theirs))}  # fmt: skip
    assert kept["ours"] > kept["theirs"] - 0.02, kept


@pytest.mark.parametrize("n", [8, 120])
def test_umap_learn_draws_from_our_neighbours_and_start(n: int) -> None:
    X, kind = clouds(n)
    xy = plane(X, seed=3, layout="umap-learn")
    assert xy.shape == (n, 2)
    assert xy.dtype == np.float32
    assert np.isfinite(xy).all()
    assert (xy == plane(X, seed=3, layout="umap-learn")).all()
    if n > 100:
        index, _ = nearest_points(xy, 5)
        assert (kind[index] == kind[:, None]).mean() > 0.95


def test_umap_learn_bears_items_without_neighbours() -> None:
    X, _ = clouds(40)
    index, distance = nearest_points(X, 15)
    index[3, 5:], distance[3, 5:] = -1, np.inf
    xy = lay_out_by_umap_learn(X, index, distance, principal_axes(X, 2), seed=0)
    assert np.isfinite(xy).all()
