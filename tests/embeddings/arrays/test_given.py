"""Embeddings and labels of pandas, NumPy, tensors and lists, and those that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from embeddings.arrays import index_of, labels_of, rows_of
from embeddings.columns import NO_LABEL
from embeddings.errors import RosetteError, UsageError


class Tensor:
    """What a tensor of PyTorch is to NumPy; its text is not the number that it holds."""

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._values, dtype=dtype)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"tensor({self._values})"

    def item(self) -> Any:
        return self._values.item()


@pytest.mark.parametrize(
    "labels",
    [
        ["a", None, "b"],
        ["a", float("nan"), "b"],
        np.array(["a", np.nan, "b"], dtype=object),
        pd.Series(["a", pd.NA, "b"]),
        pd.Series(["a", None, "b"], dtype="category"),
        pd.Series(["a", None, "b"], dtype="string"),
    ],
    ids=["None", "nan", "object array", "pandas NA", "category", "string"],
)
def test_missing_labels_are_unlabelled(labels: Any) -> None:
    assert labels_of(labels, 3).tolist() == ["a", NO_LABEL, "b"]


def test_a_time_that_is_missing_is_unlabelled() -> None:
    days = pd.to_datetime(pd.Series(["2024-01-01", None]))
    assert labels_of(days, 2).tolist()[1] == NO_LABEL


def test_whole_numbers_have_no_point_where_one_is_missing() -> None:
    assert labels_of(pd.Series([1, None, 3]), 3).tolist() == ["1", NO_LABEL, "3"]
    assert labels_of(pd.Series([1, None, 3], dtype="Int64"), 3).tolist() == ["1", NO_LABEL, "3"]
    assert labels_of(np.array([1.5, np.nan]), 2).tolist() == ["1.5", NO_LABEL]


def test_labels_of_tensors_are_their_numbers() -> None:
    assert labels_of(Tensor([3, 1]), 2).tolist() == ["3", "1"]
    assert labels_of([Tensor(3), Tensor(1)], 2).tolist() == ["3", "1"]


@pytest.mark.parametrize(
    "labels",
    [np.eye(3), [[1, 0, 0], [0, 1, 0], [0, 0, 1]], Tensor(np.eye(3)), pd.DataFrame(np.eye(3))],
    ids=["array", "lists", "tensor", "frame"],
)
def test_one_hot_rows_are_refused_with_what_to_do(labels: Any) -> None:
    with pytest.raises(UsageError, match="argmax"):
        labels_of(labels, 3)


def test_one_text_is_not_one_label_per_letter() -> None:
    with pytest.raises(UsageError, match="one text"):
        labels_of("cat", 3)


def test_what_is_put_wrongly_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="one label per embedding") as raised:
        labels_of(["a"], 2)
    assert isinstance(raised.value, RosetteError)


def test_embeddings_come_as_frames_tensors_and_lists() -> None:
    values = [[1.0, 2.0], [3.0, 4.0]]
    mixed = pd.DataFrame({"a": [1, 3], "b": [2.0, 4.0]}).astype(object)
    for X in (values, np.array(values), pd.DataFrame(values), Tensor(values), mixed):
        assert np.asarray(rows_of(X)[:]).tolist() == values


@pytest.mark.parametrize("X", [pd.DataFrame({"a": ["x", "y"]}), np.array([["x"], ["y"]])])
def test_embeddings_of_text_are_refused(X: Any) -> None:
    with pytest.raises(UsageError, match="real numbers"):
        rows_of(X)


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="can't be made an array"):
        rows_of([[1.0], [2.0, 3.0]])


def test_an_index_that_only_counts_is_none() -> None:
    assert index_of([1, 2], np.zeros(2), pd.Series([1, 2])) is None
    assert index_of(None, pd.Series([1, 2], index=["x", "y"])).tolist() == ["x", "y"]
    assert index_of(pd.Series([1, 2], index=pd.RangeIndex(5, 7))).tolist() == [5, 6]
