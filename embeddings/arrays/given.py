"""Embeddings and labels as callers give them: pandas, NumPy, PyTorch, lists; read and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.matrix import Picked, Rows, StoredRows, blocks
from embeddings.columns import NO_LABEL
from embeddings.errors import UsageError


class HasArray(Protocol):
    """What NumPy makes an array of: a frame or series of pandas or Polars, a tensor."""

    def __array__(self) -> NDArray[Any]:
        """Return it as an array."""


Matrix: TypeAlias = Rows | HasArray | Sequence[Sequence[float]]
Labels: TypeAlias = Sequence[Any] | NDArray[Any] | HasArray

Given = ParamSpec("Given")
Record = TypeVar("Record")


def rows_of(X: Matrix) -> Rows:
    """Return ``X`` as something with rows, checked: two-dimensional, every number finite.

    Raises
    ------
    UsageError
        If the shape is another, there are no numbers, or one is NaN or infinite.
    """
    rows: Rows = X if isinstance(X, StoredRows | Picked) else _numbers(X)
    if len(rows.shape) != 2 or not all(rows.shape):
        raise UsageError(
            f"Embeddings must be (items, width), not of shape {tuple(rows.shape)}.",
            hint="Give one row per item, and at least one.",
        )
    bad, first = 0, -1
    for at, block in blocks(rows):
        wrong = np.flatnonzero(~np.isfinite(block).all(axis=1))
        if len(wrong):
            first = at.start + int(wrong[0]) if first < 0 else first
            bad += len(wrong)
    if bad:
        raise UsageError(
            f"{bad} of {len(rows)} embeddings hold NaN or infinity, the first in row {first}.",
            hint="Leave those items out.",
        )
    return rows


def _numbers(X: Any) -> NDArray[Any]:
    """Return an array of real numbers; columns of objects, as pandas has them, are converted."""
    array = _array(X, "Embeddings")
    if array.dtype.kind in "fiub":
        return array
    try:
        if array.dtype.kind == "O":
            return array.astype(np.float32)
    except (TypeError, ValueError):
        pass  # said below
    raise UsageError(
        f"Embeddings must be real numbers, not {array.dtype}.",
        hint="Give the columns of numbers alone.",
    )


def _array(values: Any, what: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError: a tensor with gradients
        raise UsageError(
            f"{what} of the type {type(values).__name__} can't be made an array ({error}).",
            hint="Give a NumPy array; of PyTorch: tensor.detach().cpu().numpy().",
        ) from error


def labels_of(labels: Labels | None, n: int) -> NDArray[np.str_]:
    """Return (n,) ``labels`` as text, one per item; None puts all under one.

    None, NaN, NaT and ``pandas.NA`` are ``columns.NO_LABEL``. A whole number has no point, even
    where a missing label made pandas keep the column as floats.

    Raises
    ------
    UsageError
        If there are more or fewer, or each is a row of numbers, as in one-hot coding.
    """
    if labels is None:
        return np.full(n, NO_LABEL)
    texts = label_texts(labels)
    if len(texts) != n:
        raise UsageError(
            f"There are {n} embeddings and {len(texts)} labels.",
            hint="Give one label per embedding.",
        )
    return np.array(texts)


def label_texts(labels: Labels) -> list[str]:
    """Return labels as :func:`labels_of` writes them, however many there are."""
    return [_text(value) for value in _values(labels)]


def _values(labels: Any) -> Sequence[Any] | NDArray[Any]:
    """Return one label per item, as Python or NumPy has them."""
    if isinstance(labels, str):
        raise UsageError(
            f"The labels are one text, {labels[:40]!r}.",
            hint="Give a list with one label per item.",
        )
    if not hasattr(labels, "__array__"):
        listed = list(labels)
        if any(isinstance(one, list | tuple | np.ndarray) and np.ndim(one) for one in listed):
            raise _rows_for_labels("a list of rows")
        return listed
    array = _array(labels, "Labels")
    if array.ndim != 1:
        raise _rows_for_labels(f"an array of shape {array.shape}")
    if array.dtype.kind == "f":
        there = array[np.isfinite(array)]
        if len(there) < len(array) and (there == np.trunc(there)).all():
            return [int(value) if np.isfinite(value) else None for value in array]
    return array


def _rows_for_labels(what: str) -> UsageError:
    return UsageError(
        f"The labels are {what}, not one label per item.",
        hint="Of one-hot rows take `labels.argmax(axis=1)`; of a frame, its column of labels.",
    )


def _text(label: Any) -> str:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return NO_LABEL
    if not isinstance(label, str | bytes | np.generic) and hasattr(label, "item"):
        label = label.item()  # of a list of tensors
    if isinstance(label, float | np.floating | np.datetime64) and label != label:
        return NO_LABEL
    return str(label)


def index_of(*given: Any) -> Any:
    """Return the index of the first pandas object, None where there is none or it only counts."""
    for one in given:
        index = getattr(one, "index", None)
        if index is not None and not callable(index):
            counts = type(index).__name__ == "RangeIndex" and index[:1].tolist() == [0]
            return None if counts and index.step == 1 and index.name is None else index
    return None


def keeps_index(function: Callable[Given, Record]) -> Callable[Given, Record]:
    """Decorate a function of ``(X, labels, …)`` whose record has a field ``index``.

    Where one of the two is a frame or series of pandas, the record keeps its index.
    """

    @wraps(function)
    def with_index(*args: Given.args, **kwargs: Given.kwargs) -> Record:
        found: Any = function(*args, **kwargs)
        given = {**dict(zip(("X", "labels"), args, strict=False)), **kwargs}
        index = index_of(given.get("labels"), given.get("X"))
        made: Record = found if index is None else replace(found, index=index)
        return made

    return with_index
