"""Images to collect: for which items, and what is told of the list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from embeddings.errors import UsageError
from explorer.plain_text import printable

if TYPE_CHECKING:
    import pandas as pd

    from embeddings import Workspace

SHOWN: Final = 10  # images that are named beside a file that is written


def items_asked_for(
    ws: Workspace,
    number: int | None,
    label: str | None,
    cluster: int | None,
    selection: str | None,
    store: str | None,
) -> pd.DataFrame:
    """Return the items that are to be collected for, by one of the ways to say it.

    Raises
    ------
    UsageError
        Not one of the ways was taken, or there are no such items.
    """
    from embeddings import columns as c

    if [number, label, selection].count(None) != 2 or (cluster is not None and label is None):
        raise UsageError(
            "Say what is to be collected for.",
            hint="Give one of --slice N, --label NAME (with --cluster K for a part) and "
            "--selection NAME.",
        )
    items = ws.items(store=store)
    if number is not None:
        report = ws.slices()
        failing = report.failing if report else ()
        if number > len(failing):
            raise UsageError(
                f"There is no slice {number}: your model fails on {len(failing)}.",
                hint="See their numbers with `rosette report --slices WS`.",
            )
        return items.iloc[failing[number - 1].items]
    if selection is not None:
        with ws.open_store(store, read_only=True) as decisions:
            files = {item.file for item in decisions.selection(selection).items}
        chosen = items[items[c.FILE].isin(files)]
    else:
        chosen = items[items[c.LABEL] == label]
        if cluster is not None:
            chosen = chosen[chosen[c.CLUSTER] == cluster]
    if chosen.empty:
        raise UsageError(
            "There are no such items.",
            hint="See the labels and clusters with `rosette report WS --all`.",
        )
    return chosen


def collected_text(found: pd.DataFrame, asked: int, out: Path) -> str:
    """Say what was written to a file, and name the first images of it."""
    images = f"{len(found):,} image{'' if len(found) == 1 else 's'}"
    lines = [f"{out}: {images} to collect for {asked:,}, the most helpful first."]
    lines += [
        f"  {line.nearness:.2f}  {printable(str(line.file))}"
        for line in found.head(SHOWN).itertuples()
    ]
    return "\n".join(lines) + "\n"
