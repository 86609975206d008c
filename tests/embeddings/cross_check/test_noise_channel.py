"""The noise channel between what items show and what they are called."""

from __future__ import annotations

import numpy as np

from embeddings.cross_check.noise_channel import explain


def looks(
    shown: np.ndarray, n_labels: int, sure: float = 6.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Candidates and log-likelihoods that point, with some noise, at what is shown."""
    rng = np.random.default_rng(seed)
    label = np.tile(np.arange(n_labels, dtype=np.int32), (len(shown), 1))
    logs = sure * (label == shown[:, None]) + rng.normal(size=label.shape)
    return label, logs.astype(np.float32)


def test_a_wrong_label_is_told_from_what_is_seen() -> None:
    shown = np.repeat(np.arange(5), 100)
    given = shown.copy()
    given[::10] = (given[::10] + 1) % 5
    label, logs = looks(shown, 5)
    found = explain(label, [logs], given, 5)
    own = found.posterior.weight[np.arange(500), given]
    assert (own[::10] < 0.5).mean() > 0.95
    assert (np.delete(own, np.s_[::10]) > 0.5).mean() > 0.99


def test_wavering_looks_need_no_mistake() -> None:
    rng = np.random.default_rng(0)
    given = rng.integers(0, 2, 600)
    label = np.tile(np.arange(2, dtype=np.int32), (600, 1))
    nothing = rng.normal(size=(600, 2)).astype(np.float32)
    found = explain(label, [nothing], given, 2)
    assert found.posterior.weight[np.arange(600), given].mean() > 0.8
    assert found.trust[0] < 0.2


def test_a_source_that_knows_nothing_is_not_trusted() -> None:
    shown = np.repeat(np.arange(4), 80)
    label, logs = looks(shown, 4)
    nothing = np.random.default_rng(1).normal(size=logs.shape).astype(np.float32)
    found = explain(label, [logs, nothing], shown, 4)
    assert found.trust[1] < 0.3 * found.trust[0]


def test_rows_are_probabilities() -> None:
    shown = np.repeat(np.arange(3), 10)
    label, logs = looks(shown, 3)
    found = explain(label, [logs * 100], shown, 3)
    np.testing.assert_allclose(found.posterior.weight.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(found.likely.sum(axis=1), 1, rtol=1e-5)
    assert np.isfinite(found.fit)


def test_one_label_explains_itself() -> None:
    label = np.zeros((4, 1), dtype=np.int32)
    found = explain(label, [np.zeros((4, 1), np.float32)], np.zeros(4, dtype=np.intp), 1)
    assert (found.posterior.weight == 1).all()
