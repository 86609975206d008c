"""The face of scikit-learn: its own checks, and the report of `find_splits`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from embeddings.api import SplitFinder
from embeddings.splits import find_splits
from tests.embeddings.api.test_workspace import kinds


@parametrize_with_checks([SplitFinder()])  # type: ignore[untyped-decorator]
def test_the_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_says_what_the_function_says() -> None:
    X, y = kinds()
    finder = SplitFinder(seed=3).fit(pd.DataFrame(X, index=[f"i{i}" for i in range(80)]), y)
    report = find_splits(X, y, seed=3)
    assert finder.labels_.tolist() == report.cluster.tolist()
    assert finder.classes_.tolist() == ["cat", "dog", "owl"]
    assert finder.classes_[finder.scores_ > 0.5].tolist() == ["cat"]
    assert finder.report_.items().index[0] == "i0"
    assert not hasattr(clone(finder), "labels_")


def test_it_stands_at_the_end_of_a_pipeline() -> None:
    X, y = kinds()
    found = make_pipeline(StandardScaler(), SplitFinder()).fit(X, y)
    assert found[-1].scores_.max() > 0.5


def test_without_y_there_is_one_label() -> None:
    assert len(SplitFinder().fit(kinds()[0]).classes_) == 1


def test_what_does_not_fit_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="inconsistent"):
        SplitFinder().fit(kinds()[0], ["a"])
