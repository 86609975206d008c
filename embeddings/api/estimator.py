"""The split finder as an estimator of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_consistent_length, validate_data

from embeddings.arrays import index_of, labels_of
from embeddings.splits import find_splits

if TYPE_CHECKING:
    from embeddings.records import SplitReport


class SplitFinder(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Find the labels that hide two kinds, as ``find_splits`` does, by ``fit(X, y)``.

    Parameters
    ----------
    seed
        Of the resampling behind the stability of clusters; nothing else is random.

    Attributes
    ----------
    labels_
        (n,) int32 cluster of each item within its own label; 0 is the largest.
    scores_
        (n_labels,) float64 in [0, 1]: how surely each of ``classes_`` hides two kinds.
    classes_
        (n_labels,) the labels, sorted.
    report_
        The whole :class:`SplitReport`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(4), 20)
    >>> X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    >>> y = np.array(["cat", "cat", "dog", "owl"])[kind]
    >>> finder = SplitFinder().fit(X, y)
    >>> [str(label) for label in finder.classes_[finder.scores_ > 0.5]]
    ['cat']
    """

    classes_: NDArray[np.str_]
    labels_: NDArray[np.int32]
    scores_: NDArray[np.float64]
    report_: SplitReport

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> SplitFinder:
        """Judge the labels ``y`` (n,) by the embeddings ``X`` (n, d); without y there is one.

        Raises
        ------
        ValueError
            The shapes do not fit, or an embedding holds NaN or infinity.
        """
        index = index_of(y, X)
        rows = validate_data(self, X, dtype="numeric")
        if y is not None:
            check_consistent_length(rows, y)
        names = labels_of(y, len(rows))
        report = find_splits(rows, names, seed=self.seed)
        of_label = {finding.label: finding.split_score for finding in report.labels}
        self.classes_ = np.unique(names)
        self.scores_ = np.array([of_label[str(name)] for name in self.classes_])
        self.labels_ = report.cluster
        self.report_ = report if index is None else report.at(index)
        return self
