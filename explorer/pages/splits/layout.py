"""The Splits page: ranked cards, then the labels that are one kind."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from embeddings.health import counted
from explorer.components import (
    VERDICTS,
    at,
    choice,
    colour_class,
    empty,
    icon,
    label_link,
    meter,
    small_map,
    thumbnail,
    verdict,
    wrapping,
)
from explorer.pages.splits.query import DONE, SHOWS, SORTS, Query
from explorer.pages.splits.view import CHUNK, Chunk, ClusterView, LabelView, SplitsView

SIZES = (20, 50, 100, 500)  # choices of the filter by size


def splits_layout(view: SplitsView, run: str) -> Any:
    """Return the page."""
    return html.Div(
        [
            html.Div(
                [html.Div([html.H1(view.heading), html.P(view.explanation)]), _distribution(view)],
                className="head",
            ),
            _filters(view),
            html.Div(splits_list(view, run), id="splits-list"),
            dcc.Store(id="splits-end", data=view.first.end),
        ],
        className="page",
        id="splits-page",
    )


def splits_list(view: SplitsView, run: str) -> list[Any]:
    """Return what the filters leave."""
    found = view.first
    said: Any = f"{view.n_one_kind:,} labels, nothing to do."
    if view.n_suspects:
        wrong = f"{view.n_suspects:,} single image{'' if view.n_suspects == 1 else 's'} of them"
        link = html.A(f"{wrong} may be wrong", href=at("/strays"), className="link")
        said = [f"{view.n_one_kind:,} labels; ", link, "."]
    return [
        None if view.n_found else _nothing(view),
        html.Div(cards(found, run, view.may_decide), className="cards two", id="splits-cards"),
        html.Div([html.H2("One kind"), html.P(said)], className="sect", hidden=not view.n_one_kind),
        html.Div(
            lines(found, run), className="lines", id="splits-lines", hidden=not view.n_one_kind
        ),
        html.Button(
            more_words(found), id="splits-more", className="btn more", hidden=not found.more
        ),
        *_unreadable(view),
        _about(view),
    ]


def _about(view: SplitsView) -> Any:
    """Return what the run assumed, for who asks."""
    if not view.notes:
        return None
    return html.Details(
        [html.Summary("About this run"), html.Ul([html.Li(note) for note in view.notes])],
        className="about muted sm",
    )


def more_words(chunk: Chunk) -> str:
    """Say how many labels are still to come."""
    return f"Show {min(chunk.more, CHUNK):,} of {chunk.more:,} more labels"


def cards(chunk: Chunk, run: str, may_decide: bool) -> list[Any]:
    """Return the cards of some labels."""
    return [_card(card, run, may_decide) for card in chunk.cards]


def lines(chunk: Chunk, run: str) -> list[Any]:
    """Return the lines of some labels."""
    return [_line(line, run) for line in chunk.lines]


def _nothing(view: SplitsView) -> Any:
    if view.query == Query():
        return empty("There are no labels yet", "Run `rosette run` on a folder of images.")
    return empty(
        "No label fits these filters",
        "Others do.",
        html.A("Show all labels", href=at("/splits"), className="btn"),
    )


def _distribution(view: SplitsView) -> Any:
    highest = max((b.count for b in view.bins), default=1) or 1
    two, perhaps, one = (view.counts[name] for name in ("two", "perhaps", "one"))
    bars = [
        html.Span(  # for the mouse; the address and the filters say it to everybody
            html.I(style={"height": f"{max(6, 100 * b.count / highest):.0f}%"} if b.count else {}),
            className=f"bin {VERDICTS[b.verdict][1]}",
            title=f"{b.count:,} labels score {b.low:.2f} to {b.high:.2f}",
            **{"data-go": at(view.query.link(show="", low=round(b.low, 2), high=round(b.high, 2)))},
        )
        for b in view.bins
    ]
    return html.Figure(
        [
            html.Div(bars, className="bins"),
            html.Div(
                [
                    html.Span(f"{one:,} one kind"),
                    html.Span(f"{perhaps:,} perhaps"),
                    html.Span(f"{two:,} two kinds"),
                ],
                className="lab",
            ),
        ],
        className="dist",
        role="img",
        **{
            "aria-label": f"Distribution of scores: {two:,} labels are two kinds, {perhaps:,} "
            f"perhaps, {one:,} one kind"
        },
    )


def _filters(view: SplitsView) -> Any:
    query = view.query
    return html.Div(
        [
            html.Span(chips(view), id="splits-chips", className="row chips"),
            html.Span(className="sep"),
            html.Label(
                [
                    html.Span("Name contains"),
                    dcc.Input(
                        id="splits-q",
                        type="search",
                        value=query.q,
                        placeholder="any part",
                        autoComplete="off",
                    ),
                ],
                className="chip in",
            ),
            choice("least", "Size", query.least, [(0, "any"), *((n, f"{n}+") for n in SIZES)]),
            choice("done", "Decided", query.done, list(DONE.items())) if view.may_decide else None,
            choice("sort", "Sort", query.sort, list(SORTS.items())),
        ],
        className="filters",
        role="group",
        **{"aria-label": "Filters"},
    )


def chips(view: SplitsView) -> list[Any]:
    """Return the filters by verdict, and one that lifts a filter by score."""
    query = view.query
    out = [
        html.A(
            [words, html.I(f"{view.counts[name]:,}")],
            href=at(query.link(show=name)),
            className="chip",
            **{"aria-current": "true" if name == query.show else "false"},
        )
        for name, (words, _) in SHOWS.items()
    ]
    if (query.low, query.high) != (0.0, 1.0):
        out.append(
            html.A(
                f"score {query.low:.2f} to {query.high:.2f} ×",
                href=at(query.link(low=0.0, high=1.0)),
                className="chip",
                **{"aria-current": "true", "aria-label": "Lift the filter by score"},
            )
        )
    return out


def _card(card: LabelView, run: str, may_decide: bool) -> Any:
    numbers = [cluster.number for cluster in card.clusters]
    if card.noise:
        numbers = [-1, *numbers]
    # the largest that stays beside the largest in question
    sides = [
        next((one for one in card.clusters if one.is_odd is odd), None) for odd in (False, True)
    ]
    two = [one for one in sides if one is not None]
    shown = may_decide or card.decided  # what was decided stands there too
    return html.Article(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(
                                html.A(wrapping(card.label), href=label_link(card.label)),
                                className="name",
                            ),
                            verdict(card.verdict, card.reason, len(card.clusters)),
                        ],
                        className="row wrap",
                    ),
                    html.Div(
                        [meter(card.score, card.verdict), html.Span(f"{card.size:,} images")],
                        className="row sub wrap",
                    ),
                    html.P(card.evidence, className="evidence sm ev"),
                    _others(card),
                    html.Div(_actions(card), className="act2") if shown else None,
                ],
                className="id",
            ),
            small_map(run, card.place, numbers, card.label),
            html.P(card.evidence, className="evidence sm ev"),
            *(_kind(cluster, card.label, run) for cluster in two),
            html.Div(_actions(card), className="act") if shown else None,
        ],
        className="card panel",
    )


def _actions(card: LabelView) -> list[Any]:
    """One click decides on the odd group; a group without a suggestion is looked at first."""
    if card.decided:
        return [
            html.Span(
                [icon("icon-check"), f"{card.decided:,} of {card.size:,} decided"],
                className="row is-decided sm",
            )
        ]
    odd = next((one for one in card.clusters if one.is_odd and (one.suggestion or one.new)), None)
    if odd is None:
        return [html.A("Look", href=label_link(card.label), className="btn sm")]
    about = {"data-label": card.label, "data-cluster": str(odd.number)}
    return [
        html.Button(
            f"Relabel {odd.letter} to {odd.suggestion}"
            if odd.suggestion
            else f"Relabel {odd.letter} to “{odd.new}”, a new label",
            className="btn sm",
            **{"data-decide": "relabel", "data-to": odd.suggestion or odd.new, **about},
        ),
        html.Button("Label is right", className="btn sm ghost", **{"data-decide": "keep", **about}),
    ]


def _others(card: LabelView) -> Any:
    sides = ([one.letter for one in card.clusters if one.is_odd is odd] for odd in (False, True))
    shown = {letters[0] for letters in sides if letters}
    rest = [f"{one.letter} {one.size:,}" for one in card.clusters if one.letter not in shown]
    said = [f"also {', '.join(rest)}"] if rest else []
    said += [f"{card.noise:,} in no group"] if card.noise and len(card.clusters) > 1 else []
    return html.P("; ".join(said), className="sub") if said else None


def _kind(cluster: ClusterView, label: str, run: str) -> Any:
    head: list[Any] = [html.Span(cluster.letter, className="key sm")]
    images = counted(cluster.size, "image", "images")
    if not cluster.is_odd:
        head += [html.B(label, className="nm", title=label), html.Span(images)]
    elif cluster.suggestion:
        head += [
            html.Span(f"{images} →"),
            html.Span(cluster.suggestion, className="to", title=cluster.suggestion),
        ]
    else:
        head += [html.Span(images), html.Span("no label fits")]
    side = "kB" if cluster.is_odd else "kA"
    return html.Div(
        [
            html.Div(head, className="kindh"),
            html.P(f"seen as {cluster.kind}" if cluster.kind else None, className="seen"),
            html.Div([thumbnail(run, row) for row in cluster.images], className="three"),
        ],
        className=f"{side} {colour_class(cluster.number)}",
    )


def _line(line: LabelView, run: str) -> Any:
    images = line.clusters[0].images if line.clusters else ()
    return html.A(
        [
            html.B(line.label),
            html.Span([thumbnail(run, row) for row in images], className="peek"),
            html.Span(meter(line.score, line.verdict)),
            html.Span(
                [line.evidence, *_suspected(line)],
                className="ev",
            ),
            verdict(line.verdict, line.reason),
        ],
        className="line",
        href=label_link(line.label),
    )


def _suspected(line: LabelView) -> list[Any]:
    if not line.suspects:
        return []
    looks = "image looks" if line.suspects == 1 else "images look"
    return [
        " ",
        html.B(f"{line.suspects:,} single {looks} like another label.", className="is-susp"),
    ]


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
