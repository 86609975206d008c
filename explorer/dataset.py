"""Read-only questions to one run of one workspace."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


class Dataset:
    """The frames of the run that was current when the app started, and its pictures.

    Parameters
    ----------
    path
        The workspace folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.workspace = Workspace.open(path)
        self.run_id = self.workspace.run_id
        self.items: pd.DataFrame = self.workspace.items()
        self.classes: pd.DataFrame = self.workspace.classes()
        self.clusters: pd.DataFrame = self.workspace.clusters()

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.intp]]:
        groups = self.items.groupby(c.LABEL, sort=False, observed=True).indices
        return {str(label): np.asarray(rows) for label, rows in groups.items()}

    def rows(self, label: str) -> pd.DataFrame:
        """Return the items of a label."""
        return self.items.iloc[self._rows.get(label, np.zeros(0, np.intp))]

    def label_at(self, place: int) -> str | None:
        """Return the label at a place of the ranking, or None."""
        return str(self.classes[c.LABEL].iloc[place]) if 0 <= place < len(self.classes) else None

    def typical(self, label: str, cluster: int, most: int) -> list[str]:
        """Return the contents of a cluster's most typical images, one file of each content."""
        rows = self.rows(label)
        own = rows[rows[c.CLUSTER] == cluster].drop_duplicates(c.SHA256)
        best = own.sort_values([c.TYPICALITY, c.FILE], ascending=[False, True], kind="stable")
        return [str(sha) for sha in best[c.SHA256].head(most)]

    def points(self, label: str, cluster: int) -> NDArray[np.float32]:
        """Return (n, 2) places on the label's map of a cluster's images; -1 is noise."""
        rows = self.rows(label)
        own = rows[(rows[c.CLUSTER] == cluster) & rows[c.X].notna()]
        return own[[c.X, c.Y]].to_numpy(dtype=np.float32)

    def unreadable(self) -> pd.DataFrame:
        """Return the items whose files could not be read."""
        return self.items[~self.items[c.STATUS].isin([c.OK, c.NO_IMAGE])]
