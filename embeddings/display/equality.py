"""Comparison of records by value, where a field may be an array."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def equal_records(one: Any, other: object) -> bool:
    """Say whether two records of one class hold the same: arrays by their values, NaN is NaN.

    Fields that take no part in comparisons (``compare=False``) are left out.
    """
    if type(one) is not type(other):
        return False
    record: Any = one
    return all(
        _equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(record)
        if field.compare
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        same_sort = one.dtype == other.dtype and one.shape == other.shape
        return same_sort and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "equals"):  # an index of pandas
        return bool(one.equals(other))
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return equal_records(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other) or (one != one and other != other)
