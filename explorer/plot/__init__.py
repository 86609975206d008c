"""Plotly figures of the findings, for a notebook or a page of your own.

Of a workspace, its folder, or the report that ``embeddings.find_splits`` returns::

    explorer.plot.label(ws, "jaguar")   # the map of one label, a colour per cluster
    explorer.plot.ranking(ws)           # a bar per label, the likeliest split on top
    explorer.plot.map(ws)               # the whole data set, coloured by what was found

A report keeps no embeddings, so that its maps are drawn from those that were judged:
``explorer.plot.label(report, "jaguar", X=X, labels=labels)``.
"""

from __future__ import annotations

from explorer.plot.draw import label, map, ranking

__all__ = ["label", "map", "ranking"]
