"""The confusion matrix as a heat map: one hue, agreement nearly invisible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

MOST_NAMES = 45  # labels; beyond, names appear on hovering
SIDE = 480  # px of the cells together
CELL = (7, 26)  # px of one, at least and at most


def confusion_map(
    names: Sequence[str],
    wrong: NDArray[np.int64],
    right: NDArray[np.int64],
    palette: Mapping[str, str],
    *,
    share: bool,
) -> go.Figure:
    """Draw the matrix of labels, or of groups of them.

    Parameters
    ----------
    names
        n labels.
    wrong, right
        (n, n) and (n,): images that look like another label, given labels by row, and others.
    share
        Divide each row by its images rather than show counts on a logarithmic scale.
    """
    n = len(names)
    off = wrong.astype(np.float64)
    rows = np.maximum(wrong.sum(axis=1) + right, 1)[:, None]
    shown = off / rows if share else np.log1p(off)
    shown[off == 0] = np.nan
    diagonal = np.full((n, n), np.nan)
    np.fill_diagonal(diagonal, np.where(right > 0, 1.0, np.nan))
    places = list(range(n))
    axis: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [_text(name[:24]) for name in names],
        "showticklabels": n <= MOST_NAMES,
        "tickfont": {"size": 10, "color": palette["--ink-2"]},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    said = np.array(
        [
            [f"{_text(given)} look like {_text(looks)}: {wrong[i, j]:,}"
             for j, looks in enumerate(names)]
            for i, given in enumerate(names)
        ],
        dtype=object,
    )  # fmt: skip
    common = {"x": places, "y": places, "xgap": 1, "ygap": 1, "showscale": False}
    figure = go.Figure(
        [
            go.Heatmap(
                z=diagonal.astype(np.float32), hoverinfo="skip",
                colorscale=[[0, palette["--heat-diag"]], [1, palette["--heat-diag"]]], **common,
            ),
            go.Heatmap(
                z=shown.astype(np.float32), text=said, customdata=None,
                colorscale=[[0, palette["--track"]], [1, palette["--heat"]]],
                hovertemplate="%{text}<extra></extra>", zmin=0, **common,
            ),
        ]
    )  # fmt: skip
    figure.update_layout(
        xaxis={**axis, "side": "top", "tickangle": -60, "constrain": "domain"},
        yaxis={
            **axis,
            "autorange": "reversed",
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 130, "r": 8, "t": 110, "b": 8}
        if n <= MOST_NAMES
        else {"l": 8, "r": 8, "t": 8, "b": 8},
        height=max(360, 130 + round(n * float(np.clip(SIDE / n, *CELL)))),
        dragmode="pan",
        font={"color": palette["--ink-2"]},
    )
    return figure


def _text(label: str) -> str:
    """Return a label for a tooltip, which Plotly reads as a kind of HTML."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
