"""What people would look for failing slices with: a tree, an error-aware mixture, cleanlab.

Each gives sets of items, the worst first; none says that there is no slice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from parts.planted_slices import Planted

AXES = 32
LEAVES, FEWEST = 40, 5
PARTS = 25
WEIGHT = 10.0  # of label and prediction beside the embedding, as in Domino's code


def decision_tree(one: Planted) -> list[NDArray[np.intp]]:
    """Return the leaves of a tree on the principal axes that says where the model is wrong."""
    from sklearn.tree import DecisionTreeClassifier

    axes = _axes(one)
    tree = DecisionTreeClassifier(max_leaf_nodes=LEAVES, min_samples_leaf=FEWEST, random_state=0)
    return _ranked(one, tree.fit(axes, one.wrong).apply(axes))


def mixture(one: Planted) -> list[NDArray[np.intp]]:
    """Return the parts of a mixture over embedding, label and prediction (Eyuboglu et al. 2022)."""
    from sklearn.mixture import GaussianMixture

    axes = _axes(one)
    truth = np.searchsorted(one.classes, one.labels)
    named = np.eye(len(one.classes))[truth]
    spread = float(axes.std())
    both = np.hstack([axes, WEIGHT * spread * named, WEIGHT * spread * one.probabilities])
    model = GaussianMixture(PARTS, covariance_type="diag", reg_covar=1e-4, random_state=0)
    return _ranked(one, model.fit_predict(both))


def cleanlab(one: Planted) -> list[NDArray[np.intp]]:
    """Return the one group that cleanlab's Datalab calls underperforming."""
    import contextlib
    import io

    from cleanlab import Datalab

    with contextlib.redirect_stdout(io.StringIO()):
        lab = Datalab({"label": list(one.labels)}, label_name="label")
        lab.find_issues(
            features=one.X,
            pred_probs=one.probabilities.astype(np.float64),
            issue_types={"underperforming_group": {}},
        )
    found = lab.get_issues("underperforming_group")["is_underperforming_group_issue"].to_numpy()
    return [np.flatnonzero(found)] if found.any() else []


def _axes(one: Planted) -> NDArray[Any]:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import normalize

    return np.asarray(PCA(AXES, random_state=0).fit_transform(normalize(one.X)))


def _ranked(one: Planted, part: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Return the parts, most errors above the mean first."""
    usual = one.wrong.mean()
    members = [np.flatnonzero(part == number) for number in np.unique(part)]
    return sorted(members, key=lambda rows: -float((one.wrong[rows] - usual).sum()))


RIVALS = {"decision tree": decision_tree, "mixture": mixture, "cleanlab": cleanlab}
