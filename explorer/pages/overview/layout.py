"""The Overview page: one sentence, the findings by weight, the balance, and random browsing."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components import at, empty, icon, label_link, thumbnail
from explorer.pages.overview.view import Line, OverviewView, Picture, Spread


def overview_layout(view: OverviewView, run: str) -> Any:
    """Return the page."""
    return html.Div(
        [
            html.Div(html.Div([html.H1(view.heading), html.P(view.sentence)]), className="head"),
            html.Div(
                [
                    html.Div(
                        [_not_checked(view), _findings(view, run), _fine(view, run), *_clean(view)],
                        className="stack",
                    ),
                    html.Div([_balance(view), _files(view)], className="stack"),
                ],
                className="two-col",
            ),
            html.Div(
                [
                    html.H2("Some images"),
                    html.A(
                        [icon("icon-again"), "Others"],
                        href=at(f"/overview?seed={view.seed + 1}"),
                        className="btn sm",
                    ),
                    html.A("All, shuffled", href=at("/images?order=random"), className="btn sm"),
                ],
                className="sect",
            ),
            html.Div([_picture(one, run) for one in view.wall], className="wall"),
        ],
        className="page",
        id="overview-page",
    )


def _findings(view: OverviewView, run: str) -> Any:
    if not view.findings:
        return html.Section(
            empty("Nothing odd was found", "All labels hold together, all files can be read."),
            className="panel",
        )
    return html.Section(
        [_line(one, run) for one in view.findings],
        className="panel",
        **{"aria-label": "Findings"},
    )


def _line(one: Line, run: str) -> Any:
    return html.A(
        [
            html.Span(f"{one.count:,}", className="n"),
            html.B(one.title),
            html.Span(one.said, className="d"),
            html.Span([thumbnail(run, row) for row in one.images], className="pk"),
        ],
        href=at(one.href),
        className="finding lead" if one.lead else "finding",
    )


def _not_checked(view: OverviewView) -> Any:
    if view.checked:
        return None
    said = "Files and pictures are not checked yet. Run "
    return html.P(
        [icon("icon-ring"), html.Span([said, html.Code("rosette check"), " on this workspace."])],
        className="muted sm row",
    )


def _fine(view: OverviewView, run: str) -> Any:
    if not view.probably_fine:
        return None
    return html.Section(
        [
            html.Div(html.H2("Probably fine"), className="row panelhead"),
            *(_line(one, run) for one in view.probably_fine),
        ],
        className="panel quiet",
        **{"aria-label": "Probably fine"},
    )


def _clean(view: OverviewView) -> Any:
    lines = []
    if view.clean:
        lines.append(f"Looked for and not found: {', '.join(view.clean)}.")
    return [
        html.P([icon("icon-check"), html.Span(line)], className="muted sm row fine")
        for line in lines
    ] + [html.P(note, className="muted sm") for note in view.notes]


def _files(view: OverviewView) -> Any:
    if not view.spreads:
        return None
    said = [_spread(one) for one in view.spreads]
    if view.formats:
        said.append(html.P([html.B("Formats"), f" {view.formats}"], className="sm"))
    return html.Section(
        [html.H2("Files"), *said], className="panel balance", **{"aria-label": "Files"}
    )


def _spread(one: Spread) -> Any:
    bars = [html.I(style={"height": f"{max(2.0, 100 * share):.0f}%"}) for share in one.bins]
    return html.Div(
        [
            html.P([html.B(one.name), f" {one.words}"], className="sm"),
            html.Div(bars, className="spread", **{"aria-hidden": "true"}),
        ]
    )


def _balance(view: OverviewView) -> Any:
    largest = max((one.size for one in view.bars), default=1)
    bars = [
        html.A(
            [
                html.Span(one.label),
                html.U(
                    style={
                        "width": f"{max(1.0, 100 * one.size / largest):.1f}%",
                        "--a": f"{100 * (1 - one.odd):.1f}%",
                    }
                ),
                html.Em(f"{one.size:,}"),
            ],
            href=label_link(one.label),
            className="w" if one.odd else "",
            title=f"{one.label}: {one.size:,} images"
            + (f", {one.odd:.0%} in the odd group" if one.odd else ""),
        )
        for one in view.bars
    ]
    more = view.n_labels - len(view.bars)
    return html.Section(
        [
            html.H2("Balance"),
            html.P(view.balance, className="muted sm"),
            html.Div(bars, className="bars"),
            html.P(f"and {more:,} smaller labels", className="muted xs") if more > 0 else None,
        ],
        className="panel balance",
        **{"aria-label": "Balance"},
    )


def _picture(one: Picture, run: str) -> Any:
    return html.A(
        html.Img(src=at(f"/img/{run}/{one.row}"), alt=one.label),
        href=f"{label_link(one.label)}?item={one.row}",
        style={"aspectRatio": f"{one.ratio:.3f}"},
        title=one.label,
    )
