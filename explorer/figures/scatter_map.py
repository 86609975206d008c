"""A map of images as one WebGL scatter: a trace per group, no axes, selectable by lasso."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.figures.density import Density


@dataclass(frozen=True, slots=True)
class Group:
    """Dots of one colour: ``rows`` (n,) names the items, ``xy`` (n, 2) float32 places them.

    ``token`` is the colour's name in the style sheet; the page draws it again when the theme
    changes.
    """

    name: str
    token: str
    rows: NDArray[np.intp]
    xy: NDArray[np.float32]
    opacity: float = 0.85


@dataclass(frozen=True, slots=True)
class Sign:
    """A name written on the map near (x, y), in the map's own coordinates; ``strong`` stands out.

    What follows " · " in the text is drawn in the colour ``token``, where there is one.
    """

    text: str
    x: float
    y: float
    strong: bool = False
    token: str = ""


MARGIN = 0.06  # of the spread of the items, around them


def dot_size(n: int) -> int:
    """Return the diameter of a dot in px for ``n`` dots."""
    return 8 if n <= 1_000 else 5 if n <= 10_000 else 3


def scatter_map(
    groups: Sequence[Group],
    signs: Sequence[Sign],
    palette: Mapping[str, str],
    *,
    dot: int,
    above: float = MARGIN,
    density: Density | None = None,
) -> go.Figure:
    """Draw the groups in order, the last on top.

    ``above`` is the share of the height that stays empty above them, for controls on the map.

    ``customdata`` of a trace holds its rows, ``meta`` the token of its colour; ``layout.meta``
    holds the signs, which the page sets so that they do not overlap, and the ``density`` that the
    page draws below the dots.
    """
    traces = [
        go.Scattergl(
            x=group.xy[:, 0],
            y=group.xy[:, 1],
            customdata=group.rows.astype(np.int32),
            meta=group.token,
            name=group.name,
            mode="markers",
            hoverinfo="none",
            marker={
                "color": palette[group.token],
                "size": dot,
                "opacity": group.opacity,
                "line": {"width": 0},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": min(0.3, group.opacity)}},
        )
        for group in groups
    ]
    hidden: dict[str, Any] = {"visible": False, "fixedrange": False}
    layout = go.Layout(
        dragmode="lasso",
        hovermode="closest",
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={**hidden, "range": _range(groups, 0)},
        yaxis={**hidden, "range": _range(groups, 1, above), "scaleanchor": "x", "scaleratio": 1},
        newselection={"line": {"color": palette["--ink-2"], "width": 1.5, "dash": "dot"}},
        activeselection={"fillcolor": palette["--ink-2"], "opacity": 0.08},
        uirevision="kept",
        font={"color": palette["--ink"]},
        meta={
            "signs": [[s.text, s.x, s.y, int(s.strong), s.token] for s in signs],
            "density": density.plain() if density else None,
        },
    )
    return go.Figure(traces, layout)


def _range(groups: Sequence[Group], axis: int, above: float = MARGIN) -> list[float]:
    values = np.concatenate([g.xy[:, axis] for g in groups]) if groups else np.zeros(0)
    if not len(values):
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 1.0
    return [low - MARGIN * span, high + above * span]
