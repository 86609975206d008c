"""The different items of one label, read once for its map and its candidate cuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays.content_hash import different
from embeddings.arrays.matrix import wide
from embeddings.arrays.unit_rows import unit_rows
from embeddings.errors import UsageError

MOST_PAIRED: Final = 3000  # items of which all pairs are held, 36 MB


@dataclass(frozen=True)  # no slots: products are kept in the instance
class LabelItems:
    """The different items of a label.

    ``rows`` (m, d) float32 have length 1; ``first`` (m,) are their places in what was given, and
    ``place`` (n,) says of each row given which of the m it is.
    """

    rows: NDArray[np.float32]
    first: NDArray[np.intp]
    place: NDArray[np.intp]

    @staticmethod
    def of(X: NDArray[Any]) -> LabelItems:
        """Read (n, d) embeddings, any real dtype and scale; any n.

        Raises
        ------
        UsageError
            If ``X`` is not two-dimensional or holds NaN or infinity.
        """
        rows = wide(np.asarray(X))
        if rows.ndim != 2:
            raise UsageError(
                f"Embeddings must be (items, width), not of shape {rows.shape}.",
                hint="Give one row per item.",
            )
        if not np.isfinite(rows).all():
            raise UsageError(
                "Some embeddings hold NaN or infinity.", hint="Leave those items out first."
            )
        rows = unit_rows(rows)
        first, place = different(rows)
        return LabelItems(rows[first], first, place)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def products(self) -> NDArray[np.float32] | None:
        """(m, m) float32 of the rows with one another; None where they are too many."""
        return self.rows @ self.rows.T if len(self) <= MOST_PAIRED else None
