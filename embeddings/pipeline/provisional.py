"""Findings on what is embedded so far, while the rest is embedded.

Images are then taken in rounds, some of each label in each, so that labels fill side by side. The
embedding pauses when the images seen have doubled: what was gathered goes to the disk, and from
some hundred images on a provisional run is made of it. Since the pauses double, all provisional
runs together cost about what one run on two thirds of the images costs. The last run is made of all
images in the order of their files, as if there had been none before it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from embeddings import columns as c
from embeddings.errors import RosetteError
from embeddings.records import SeenSoFar
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

OF_A_LABEL: Final = 64  # images of each label in a round: enough to see a second kind of a tenth
FIRST_PAUSE: Final = 64  # images, for the first pictures on the screen
FIRST_RUN: Final = 512  # images, for the first findings
LAST_SHARE: Final = 2 / 3  # of the images: after that the last run is near

Pause = Callable[[int, int], None]  # told (images seen, of how many) between two of them


def in_rounds(frame: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Return the rows of a manifest in rounds of ``OF_A_LABEL`` of each label.

    Within a label the order is random: files that stand side by side are often alike. Items
    without a label come last in each round.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    mixed = frame.iloc[rng.permutation(len(frame))]
    labels = mixed[c.LABEL].to_numpy(dtype=object)
    codes, names = pd.factorize(labels)
    turn = rng.permutation(len(names))
    turn[np.asarray(names == "", dtype=bool)] = len(names)
    place = mixed.groupby(codes, sort=False).cumcount().to_numpy()
    return mixed.iloc[np.lexsort((place, turn[codes], place // OF_A_LABEL))]


def pausing(workspace: Workspace, make: Callable[[SeenSoFar], object]) -> Pause | None:
    """Return what is to be done at each pause: ``make`` makes a provisional run.

    None where the workspace has findings of a whole data set, which provisional ones must not
    replace. What goes wrong in a provisional run stops nothing; it is logged.
    """
    if workspace.info.run_id is not None and workspace.seen is None:
        return None

    def pause(done: int, of: int) -> None:
        if done < FIRST_RUN or done > LAST_SHARE * of:
            return
        try:
            make(SeenSoFar(done, of))
        except RosetteError as error:
            log.warning("No provisional findings on %s of %s images: %s", done, of, error)

    return pause
