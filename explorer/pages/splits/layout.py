"""The Splits page: ranked cards, then the labels that are one kind."""

from __future__ import annotations

from typing import Any

from dash import html

from explorer.components.parts import colour_class, icon, meter, small_map, thumbnail, verdict
from explorer.pages.splits.view import ClusterView, LabelView, SplitsView


def splits_layout(view: SplitsView, run: str) -> Any:
    """Return the page."""
    body: list[Any] = [
        html.Div(
            html.Div([html.H1(view.heading), html.P(view.explanation)]),
            className="head",
        )
    ]
    if view.cards:
        body.append(html.Div([_card(card, run) for card in view.cards], className="cards two"))
    if view.lines:
        said = f"{len(view.lines):,} labels, nothing to do. The highest scores first."
        body += [
            html.Div([html.H2("One kind"), html.P(said)], className="sect"),
            html.Div([_line(line, run) for line in view.lines], className="lines"),
        ]
    if view.left_out:
        text = f"{view.left_out:,} more labels are in the report and the export."
        body.append(html.P(text, className="muted more"))
    body += _unreadable(view)
    body += [
        html.Div([icon("icon-ring"), html.Span(note)], className="notice") for note in view.notes
    ]
    return html.Div(body, className="page")


def _card(card: LabelView, run: str) -> Any:
    numbers = [cluster.number for cluster in card.clusters]
    if card.noise:
        numbers = [-1, *numbers]
    two = card.clusters[:2]
    return html.Article(
        [
            html.Div(
                [
                    html.Div(
                        [html.H2(card.label, className="name"), verdict(card.verdict, card.reason)],
                        className="row wrap",
                    ),
                    html.Div(
                        [meter(card.score, card.verdict), html.Span(f"{card.size:,} images")],
                        className="row sub wrap",
                    ),
                    html.P(card.evidence, className="evidence sm ev"),
                    _others(card),
                ],
                className="id",
            ),
            small_map(run, card.place, numbers, card.label),
            html.P(card.evidence, className="evidence sm ev"),
            *(_kind(cluster, card.label, run) for cluster in two),
        ],
        className="card panel",
    )


def _others(card: LabelView) -> Any:
    rest = [f"{one.letter} {one.size:,}" for one in card.clusters[2:]]
    said = [f"also {', '.join(rest)}"] if rest else []
    said += [f"{card.noise:,} in neither"] if card.noise and len(card.clusters) > 1 else []
    return html.P("; ".join(said), className="sub") if said else None


def _kind(cluster: ClusterView, label: str, run: str) -> Any:
    head: list[Any] = [html.Span(cluster.letter, className="key sm")]
    if cluster.number == 0:
        head += [html.B(label), html.Span(f"{cluster.size:,} images")]
    elif cluster.suggestion:
        head += [
            html.Span(f"{cluster.size:,} images →"),
            html.Span(cluster.suggestion, className="to"),
        ]
    else:
        head += [html.Span(f"{cluster.size:,} images"), html.Span("no label fits")]
    side = "kA" if cluster.number == 0 else "kB"
    return html.Div(
        [
            html.Div(head, className="kindh"),
            html.Div([thumbnail(run, sha) for sha in cluster.images], className="three"),
        ],
        className=f"{side} {colour_class(cluster.number)}",
    )


def _line(line: LabelView, run: str) -> Any:
    images = line.clusters[0].images if line.clusters else ()
    return html.Div(
        [
            html.B(line.label),
            html.Span([thumbnail(run, sha) for sha in images], className="peek"),
            html.Span(meter(line.score, line.verdict)),
            html.Span(line.evidence, className="ev"),
            verdict(line.verdict, line.reason),
        ],
        className="line",
    )


def _unreadable(view: SplitsView) -> list[Any]:
    if not view.n_unreadable:
        return []
    files = [html.Li([html.B(file), f": {reason}"]) for file, reason in view.unreadable]
    more = view.n_unreadable - len(view.unreadable)
    if more > 0:
        files.append(html.Li(f"and {more:,} more, in the export"))
    return [
        html.Div(
            [
                html.H2("Could not be read"),
                html.P(f"{view.n_unreadable:,} files, left out of everything above."),
            ],
            className="sect",
        ),
        html.Ul(files, className="files panel"),
    ]
