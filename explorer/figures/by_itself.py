"""Figures that stand by themselves, without the app around them: in a notebook or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.figures.scatter_map import Group, Sign, dot_size, scatter_map

SIDE = 0.1  # of the width, for names that reach beyond the dots
HEAD = 44  # px above the plot, for the title
LINE = 22  # px of one bar of the ranking


def map_by_itself(
    groups: Sequence[Group],
    signs: Sequence[Sign],
    palette: Mapping[str, str],
    *,
    title: str,
    names: NDArray[Any],
) -> go.Figure:
    """Draw the app's map with a title, a legend, its signs, and each item's name under the mouse.

    ``names`` (N,) are those of all items; the rows of the groups point into it.
    """
    n = sum(len(group.rows) for group in groups)
    figure = scatter_map(groups, signs, palette, dot=dot_size(n))
    for trace, group in zip(figure.data, groups, strict=True):
        trace.update(
            name=_plain(group.name),
            text=[_plain(str(name)) for name in names[group.rows]],
            hoverinfo=None,
            hovertemplate="%{text}<extra>" + _plain(group.name) + "</extra>",
        )
    for sign in signs:
        figure.add_annotation(
            x=sign.x, y=sign.y, text=_plain(sign.text), showarrow=False, yshift=10,
            font={"size": 13 if sign.strong else 11},
        )  # fmt: skip
    _framed(figure, title, palette)
    low, high = figure.layout.xaxis.range
    wider = SIDE * (high - low)
    return figure.update_layout(
        showlegend=True,
        legend={"itemsizing": "constant"},
        margin={"l": 8, "r": 8, "t": HEAD, "b": 8},
        xaxis={"range": [low - wider, high + wider]},
    )


def ranking_by_itself(
    labels: Sequence[str],
    scores: Sequence[float],
    verdicts: Sequence[str],
    palette: Mapping[str, str],
    *,
    title: str,
) -> go.Figure:
    """Draw a bar per label, the first on top, in the colour of its verdict.

    ``scores`` are probabilities that the labels hide two kinds.
    """
    colours = {"two kinds": "--split", "perhaps two": "--susp", "one kind": "--bar-fill"}
    shown = dict.fromkeys(verdicts)
    traces = []
    for verdict in shown:
        own = [place for place, one in enumerate(verdicts) if one == verdict]
        traces.append(
            go.Bar(
                x=[scores[place] for place in own],
                y=own,
                name=verdict,
                text=[f"{scores[place]:.2f}" for place in own],
                customdata=[labels[place] for place in own],
                hovertext=[_plain(labels[place]) for place in own],
                orientation="h",
                marker={"color": palette[colours.get(verdict, "--bar-fill")]},
                hovertemplate="%{hovertext}: %{x:.2f}<extra>" + verdict + "</extra>",
            )
        )
    figure = go.Figure(traces)
    _framed(figure, title, palette)
    return figure.update_layout(
        height=max(240, HEAD + 60 + LINE * len(labels)),
        xaxis={
            "range": [0, 1.08],
            "title": "how likely it hides two kinds",
            "gridcolor": palette["--line"],
        },
        yaxis={
            "tickvals": list(range(len(labels))),
            "ticktext": [_plain(label) for label in labels],
            "autorange": "reversed",
        },
        margin={"t": HEAD},
    )


def _framed(figure: go.Figure, title: str, palette: Mapping[str, str]) -> None:
    figure.update_layout(
        title={"text": _plain(title), "font": {"size": 16}},
        font={"color": palette["--ink"]},
        paper_bgcolor=palette["--surface"],
        plot_bgcolor=palette["--surface"],
    )


def _plain(text: str) -> str:
    """Return a text as Plotly writes it: it reads its own as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
