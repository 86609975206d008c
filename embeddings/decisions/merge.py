"""Merge decisions with the items of a run, for the app and the exports alike.

An item is matched by content and given label, so that a file which was renamed or moved, or a run
with another model, keeps what was decided. Where there is no image the file name stands for the
content. Once the data set itself gives an item another label, the old decision no longer applies:
it counts as another, undecided item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from embeddings import columns as c
from embeddings.decisions.records import Item
from embeddings.decisions.sql import queries as q

if TYPE_CHECKING:
    import pandas as pd

DECISION_NOTE: Final = "decision_note"
DECIDED_BY: Final = "decided_by"
DECIDED_AT: Final = "decided_at"  # UTC
DECISION_BATCH: Final = "decision_batch"  # 0 where undecided
DECISION_ALONE: Final = "decision_only_this_file"  # True: not on its equal files
FINAL_LABEL: Final = "final_label"  # the label after decisions; "" where removed
MERGED_COLUMNS: Final = (
    c.DECISION,
    DECISION_NOTE,
    DECIDED_BY,
    DECIDED_AT,
    DECISION_BATCH,
    DECISION_ALONE,
    FINAL_LABEL,
)


def items_of(items: pd.DataFrame, *, only_this_file: bool = False) -> list[Item]:
    """Return what to decide on, for rows of the items or of the manifest, in their order."""
    contents = items[c.SHA256] if c.SHA256 in items else [""] * len(items)
    return [
        Item(str(file), str(label), str(sha256 or ""), only_this_file)
        for file, label, sha256 in zip(items[c.FILE], items[c.LABEL], contents, strict=True)
    ]


def keys_of(items: pd.DataFrame) -> list[str]:
    """Return each row's key, as ``Changes.now`` and ``Store.current`` have it."""
    return [item.key for item in items_of(items)]


def with_decisions(items: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return ``items`` with what was decided on each.

    Parameters
    ----------
    items
        n rows with ``file``, ``label`` and ``sha256``, in any order.
    current
        What ``Store.current`` gives.

    Returns
    -------
    The same rows and index; ``MERGED_COLUMNS`` are put in place or added. ``decision`` is
    ``relabel: LABEL``, ``remove``, ``keep``, ``unsure`` or empty; ``final_label`` is the label
    that the item has after all decisions, empty where it is removed.
    """
    import pandas as pd

    rows = _rows_in_force(items, current)

    def spread(name: str, missing: Any) -> Any:
        return current[name].array.take(rows, allow_fill=True, fill_value=missing)

    choices = pd.Series(spread(q.ACTION, ""))
    final = items[c.LABEL].astype("str").reset_index(drop=True)
    final = final.mask(choices == "relabel", pd.Series(spread(q.TO_LABEL, "")))
    added: dict[str, Any] = {
        c.DECISION: spread(c.DECISION, ""),
        DECISION_NOTE: spread(q.NOTE, ""),
        DECIDED_BY: spread(q.REVIEWER, ""),
        DECIDED_AT: spread(q.AT, pd.NaT),
        DECISION_BATCH: spread(q.BATCH, 0),
        DECISION_ALONE: spread(q.ONLY_THIS_FILE, False),
        FINAL_LABEL: final.mask(choices == "remove", "").array,
    }
    return items.assign(**added)


def unmatched(items: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions in force that are about none of ``items``.

    Their files are gone, or lie under another label by now, or one that was decided on *as this
    file only* has another name.
    """
    of_items = items_of(items)
    keys = {item.key for item in of_items}
    if current[q.ONLY_THIS_FILE].any():
        keys |= {item.key for item in items_of(items, only_this_file=True)}
    return current[~current[q.KEY].isin(keys)]


def _rows_in_force(items: pd.DataFrame, current: pd.DataFrame) -> Any:
    """Return (n,) int: the row of ``current`` that is in force for each item, -1 for none.

    ``current`` is in the order of deciding, so of two rows the one further down is in force.
    """
    import numpy as np
    import pandas as pd

    row_of = pd.Series(np.arange(len(current)), index=current[q.KEY].to_numpy())

    def rows(keys: list[str]) -> Any:
        return row_of.reindex(keys, fill_value=-1).to_numpy()

    found = rows(keys_of(items))
    if current[q.ONLY_THIS_FILE].any():
        alone = rows([item.key for item in items_of(items, only_this_file=True)])
        found = np.maximum(found, alone)
    return found
