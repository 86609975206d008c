"""One label, the ranking and the whole data set as Plotly figures, drawn as the app draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings import columns as c
from embeddings.errors import UsageError
from explorer.plot.found import Found, found_in

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from embeddings.arrays import Labels, Matrix
    from embeddings.records import SplitReport
    from embeddings.workspace import Workspace

FINDINGS = "findings"  # the colouring by what was found


def label(
    source: Workspace | SplitReport | str | Path,
    name: str,
    *,
    X: Matrix | None = None,
    labels: Labels | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw the map of one label: a dot per item, a colour and a name per cluster.

    Parameters
    ----------
    source
        A workspace, its folder, or a report of ``embeddings.find_splits``.
    name
        The label.
    X, labels
        With a report only: the (n, d) embeddings and (n,) labels that it was made of.
    dark
        Draw it for a dark page.

    Returns
    -------
    A Plotly figure: ``.show()``, ``.write_html(file)``, or the last line of a cell.

    Raises
    ------
    UsageError
        There is no such label, or a report comes without its embeddings.

    Examples
    --------
    >>> import explorer
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(4), 20)
    >>> X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    >>> labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    >>> report = embeddings.find_splits(X, labels)
    >>> figure = explorer.plot.label(report, "cat", X=X, labels=labels)
    >>> [(trace.name, len(trace.x)) for trace in figure.data]
    [('A', 20), ('B', 20)]
    """
    from explorer.figures import map_by_itself, part_groups, part_signs

    found = found_in(source, X=X, labels=labels, places_of=name)
    parts = found.parts(name, found.label_xy)
    return map_by_itself(
        part_groups(parts),
        part_signs(parts),
        _palette(dark),
        title=f"{name}: {found.verdict(name)}",
        names=found.names,
    )


def ranking(
    source: Workspace | SplitReport | str | Path, *, most: int = 40, dark: bool = False
) -> go.Figure:
    """Draw the ranking: a bar per label, as long as it is likely to hide two kinds.

    Parameters
    ----------
    source
        A workspace, its folder, or a report of ``embeddings.find_splits``.
    most
        Labels that are drawn, the likeliest.
    dark
        Draw it for a dark page.

    Returns
    -------
    A Plotly figure, whose colours are those of the verdicts.

    Raises
    ------
    UsageError
        ``most`` is below 1.

    Examples
    --------
    >>> import explorer
    >>> X = np.repeat(np.eye(4, 16), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (80, 16))
    >>> report = embeddings.find_splits(X, np.repeat(["cat", "cat", "dog", "owl"], 20))
    >>> [(bar.name, sorted(bar.customdata)) for bar in explorer.plot.ranking(report).data]
    [('two kinds', ['cat']), ('one kind', ['dog', 'owl'])]
    """
    from explorer.figures import ranking_by_itself

    if most < 1:
        raise UsageError(f"most={most} draws no label.", hint="Give 1 or more.")
    classes = found_in(source).classes
    first = classes.head(most)
    rest = f", the first {most:,}" if len(classes) > most else ""
    return ranking_by_itself(
        first[c.LABEL].astype(str).tolist(),
        first[c.SPLIT_SCORE].astype(float).tolist(),
        first[c.VERDICT].astype(str).tolist(),
        _palette(dark),
        title=f"Which of {len(classes):,} labels hide two kinds{rest}",
    )


def map(
    source: Workspace | SplitReport | str | Path,
    *,
    colour: str = FINDINGS,
    X: Matrix | None = None,
    labels: Labels | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw the map of the whole data set: a dot per item.

    Parameters
    ----------
    source
        A workspace, its folder, or a report of ``embeddings.find_splits``.
    colour
        ``findings``, or a column of ``items()``: ``label``, ``predicted``, ``decision`` …; its
        ten most common values have a colour.
    X, labels
        With a report only: the (n, d) embeddings and (n,) labels that it was made of.
    dark
        Draw it for a dark page.

    Returns
    -------
    A Plotly figure.

    Raises
    ------
    UsageError
        There is no such column, or a report comes without its embeddings.

    Examples
    --------
    >>> import explorer
    >>> X = np.repeat(np.eye(4, 16), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (80, 16))
    >>> labels = np.repeat(["cat", "cat", "dog", "owl"], 20)
    >>> report = embeddings.find_splits(X, labels)
    >>> figure = explorer.plot.map(report, X=X, labels=labels)
    >>> {trace.name: len(trace.x) for trace in figure.data}
    {'nothing found': 40, 'larger group': 20, 'odd group': 20}
    """
    from explorer.figures import by_finding, by_value, coloured_groups, map_by_itself, split_signs

    found = found_in(source, X=X, labels=labels, places_of=None)
    if colour == FINDINGS:
        colouring = by_finding(found.split, found.odd, found.cluster, found.suspicion)
    elif colour in found.items.columns:
        colouring = by_value(found.items[colour])
    else:
        known = ", ".join([FINDINGS, *found.items.columns.astype(str)])
        raise UsageError(f"The items have no column {colour!r}.", hint=f"There are {known}.")
    placed = np.flatnonzero(np.isfinite(found.map_xy[:, 0]))
    groups = [g for g in coloured_groups(colouring, placed, found.map_xy) if len(g.rows)]
    signs = [
        sign for name in found.split_labels for sign in split_signs(found.parts(name, found.map_xy))
    ]
    title = f"{_name_of(found)}{len(placed):,} items, coloured by {colour}"
    return map_by_itself(groups, signs, _palette(dark), title=title, names=found.names)


def _name_of(found: Found) -> str:
    return f"{found.name}: " if found.name else ""


def _palette(dark: bool) -> dict[str, str]:
    from explorer.components import palette_of

    return dict(palette_of(dark=dark))
