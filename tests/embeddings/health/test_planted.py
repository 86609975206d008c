"""Thirty planted faults of every kind are found, and hardly anything else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings.health import Health, assess
from embeddings.health import records as r
from tests.embeddings.health.pictures import EACH, Planted, looked_at, planted

KINDS = {
    "wrong name": r.WRONG_NAME,
    "tiny": r.TINY,
    "dark": r.DARK,
    "bright": r.BRIGHT,
    "blank": r.BLANK,
    "blurred": r.BLURRED,
    "grey": r.GREY,
    "odd shape": r.ODD_SHAPE,
    "unreadable": r.UNREADABLE,
    "same": r.SAME_ACROSS_LABELS,
    "near": r.NEAR_ACROSS_LABELS,
}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Planted, pd.DataFrame, Health]:
    folder = tmp_path_factory.mktemp("planted")
    data = planted(folder / "images")
    items = data.items()
    measures = looked_at(items, data.root, folder)
    embeddings = np.full((len(items), 192), np.nan, dtype=np.float32)
    for place, file in enumerate(items[c.FILE]):
        if items[c.STATUS].iloc[place] == c.OK:  # coarse colours stand in for a model
            small = Image.open(data.root / file).convert("RGB").resize((8, 8))
            embeddings[place] = np.asarray(small, dtype=np.float32).ravel()
    return data, items, assess(items, measures, embeddings)


@pytest.mark.parametrize("fault", KINDS)
def test_planted_faults_are_found(
    assessed: tuple[Planted, pd.DataFrame, Health], fault: str
) -> None:
    data, items, health = assessed
    wanted = data.faults[fault]
    assert len(wanted) >= EACH
    finding = health.of(KINDS[fault])
    assert finding is not None
    found = set(items[c.FILE].iloc[list(finding.items)])
    assert len(wanted & found) / len(wanted) >= 0.95
    assert len(wanted & found) / len(found) >= 0.9


def test_nothing_is_found_that_was_not_planted(
    assessed: tuple[Planted, pd.DataFrame, Health],
) -> None:
    _, _, health = assessed
    assert {f.kind for f in health.findings} == set(KINDS.values())


def test_what_matters_most_comes_first(assessed: tuple[Planted, pd.DataFrame, Health]) -> None:
    _, items, health = assessed
    weights = [f.weight for f in health.findings]
    assert weights == sorted(weights, reverse=True)
    assert health.findings[0].kind == r.SAME_ACROSS_LABELS
    assert health.findings[0].title == "30 pictures are under different labels (60 images)"
    assert r.GREY in {f.kind for f in health.probably_fine}
    assert health.summary.endswith("files could be read.")
    frame = health.frame(items)
    assert set(frame["kind"]) == set(KINDS.values())
    assert (frame[frame["kind"] == r.SAME_ACROSS_LABELS].groupby("group").size() == 2).all()
    assert (frame[frame["kind"] == r.BLANK]["group"] == -1).all()
