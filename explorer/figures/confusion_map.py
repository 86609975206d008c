"""The confusion matrix as a heat map: one hue, agreement nearly invisible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

MOST_NAMES = 45  # labels; beyond, names appear on hovering
CELL = 15  # px


def confusion_map(
    labels: Sequence[str],
    counts: NDArray[np.int64],
    palette: Mapping[str, str],
    *,
    share: bool,
) -> go.Figure:
    """Draw (n, n) ``counts``, given labels by row; ``share`` divides each row by its sum."""
    n = len(labels)
    off = counts.astype(np.float64)
    right = np.diag(counts).copy()
    np.fill_diagonal(off, 0)
    rows = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = off / rows if share else np.log1p(off)
    shown[off == 0] = np.nan
    diagonal = np.full((n, n), np.nan)
    np.fill_diagonal(diagonal, np.where(right > 0, 1.0, np.nan))
    places = list(range(n))
    names: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [_text(label[:24]) for label in labels],
        "showticklabels": n <= MOST_NAMES,
        "tickfont": {"size": 10, "color": palette["--ink-2"]},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    said = np.array(
        [
            [f"{_text(given)} look like {_text(looks)}: {counts[i, j]:,}"
             for j, looks in enumerate(labels)]
            for i, given in enumerate(labels)
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
        xaxis={**names, "side": "top", "tickangle": -60, "constrain": "domain"},
        yaxis={
            **names,
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
        height=max(360, min(900, 130 + CELL * n)),
        dragmode="pan",
        meta={"labels": list(labels)},
        font={"color": palette["--ink-2"]},
    )
    return figure


def _text(label: str) -> str:
    """Return a label for a tooltip, which Plotly reads as a kind of HTML."""
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
