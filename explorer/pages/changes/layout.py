"""The Changes page: what decisions, or another run, did to accuracy, labels and splits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from explorer.components import at, empty, icon, label_link
from explorer.pages.changes.view import ChangesView, Gain, Mistakes, SplitLine, changes_view

if TYPE_CHECKING:
    from embeddings.comparison import Comparison

MOST_SPLITS = 100
WORDS = {"gone": "went away", "stayed": "stayed", "appeared": "new"}


def changes_layout(against: str) -> Any:
    """Return the page, before anything is worked out."""
    crumb = html.Nav(
        [html.A("Queue", href=at("/queue")), icon("icon-next"),
         html.A("History and export", href=at("/review")), icon("icon-next"),
         html.Span("What changed")],
        className="crumb",
        **{"aria-label": "You are here"},
    )  # fmt: skip
    said = f"against {against}" if against else "by your decisions"
    return html.Div(
        [
            crumb,
            html.Div(
                [
                    html.Div(html.H1(f"What changed {said}"), className="head"),
                    html.P("Training a small classifier on both…", className="muted"),
                    html.Div(className="sk", style={"height": "190px"}),
                ],
                id="changes-body",
                **{"aria-live": "polite"},
            ),
            dcc.Store(id="changes-start", data=1),
        ],
        className="page",
        id="changes-page",
    )


def nothing_decided() -> list[Any]:
    """Return what stands where nothing was decided yet."""
    action = html.A("To the queue", href=at("/queue"), className="btn")
    return [
        html.H1("What changed", className="vh"),
        empty("Nothing is decided yet", "Decide on something, then look again.", action),
    ]


def changes_parts(found: Comparison) -> list[Any]:
    """Return what was worked out."""
    view = changes_view(found)
    return [
        html.Div(
            html.Div([html.H1(view.heading), html.P(view.sentence)]),
            className="head",
        ),
        _accuracy(view.gain) if view.gain else None,
        html.Div(
            [_mistakes(view.mistakes), html.Div([_moves(view), _splits(view)], className="stack")],
            className="two-col changes",
        ),
        html.Details(
            [
                html.Summary("In words"),
                html.Div([html.P(line, className="evidence sm") for line in view.words]),
            ],
            className="panel told",
        ),
    ]


def _accuracy(gain: Gain) -> Any:
    first, last = gain.ticks[0], gain.ticks[-1]

    def place(value: float) -> str:
        return f"{100 * (value - first) / (last - first):.2f}%"

    digits = 0 if all(abs(100 * tick - round(100 * tick)) < 1e-6 for tick in gain.ticks) else 1
    bars = [
        html.Div(
            [
                html.Span(bar.name),
                html.Div(
                    [
                        html.U(
                            style={
                                "left": place(bar.low),
                                "right": f"{100 - float(place(bar.high)[:-1]):.2f}%",
                            }
                        ),
                        html.I(style={"left": place(bar.value)}),
                        html.B(f"{100 * bar.value:.1f} %", style={"left": place(bar.value)}),
                    ],
                    className="track",
                ),
            ],
            className=f"accbar {bar.name}",
        )
        for bar in gain.bars
    ]
    scale = html.Div(
        [
            html.Span(f"{100 * tick:.{digits}f} %", style={"left": place(tick)})
            for tick in gain.ticks
        ],
        className="accscale",
        **{"aria-hidden": "true"},
    )
    tone = "" if gain.certain else "faint"
    return html.Section(
        [
            html.Div([*bars, scale], className="accplot"),
            html.Div(
                [
                    html.B(f"{gain.points:+.1f}", className=f"big {tone}"),
                    html.Span(f"points, likely between {gain.low:+.1f} and {gain.high:+.1f}"),
                ],
                className="accgain",
            ),
        ],
        className="panel acc",
        **{"aria-label": "Accuracy before and after"},
    )


def _mistakes(lines: tuple[Mistakes, ...]) -> Any:
    if not lines:
        return html.Section(
            empty("No label changed much", "The mistakes on held-out images are the same."),
            className="panel",
        )
    most = max(max(one.before, one.after) for one in lines) or 1
    rows = [
        html.Div(
            [
                html.Span(one.label, className="nm"),
                html.Div(
                    [
                        html.U(
                            style={
                                "left": f"{100 * min(one.before, one.after) / most:.1f}%",
                                "width": f"{100 * abs(one.after - one.before) / most:.1f}%",
                            }
                        ),
                        html.I(className="was", style={"left": f"{100 * one.before / most:.1f}%"}),
                        html.I(style={"left": f"{100 * one.after / most:.1f}%"}),
                    ],
                    className="track",
                    **{"aria-hidden": "true"},
                ),
                html.B(f"{one.before:,} → {one.after:,}"),
            ],
            className="dumb less" if one.after < one.before else "dumb",
        )
        for one in lines
    ]
    return html.Section(
        [
            html.H2("Mistakes, label by label"),
            html.P(
                "Held-out images taken for another label. Open dot before, full dot after.",
                className="muted sm",
            ),
            *rows,
        ],
        className="panel pad",
        **{"aria-label": "Mistakes by label"},
    )


def _moves(view: ChangesView) -> Any:
    if not view.moves and not view.removed:
        return None
    most = max((n for _, _, n in view.moves), default=1)
    rows = [
        html.Div(
            [
                html.Span([before, " → ", html.B(after)], className="nm"),
                html.Div(html.U(style={"left": 0, "width": f"{100 * n / most:.1f}%"}),
                         className="track", **{"aria-hidden": "true"}),
                html.B(f"{n:,}"),
            ],
            className="dumb less",
        )
        for before, after, n in view.moves
    ]  # fmt: skip
    more = f"and {view.n_more_moves:,} more moves" if view.n_more_moves else ""
    left = f"{view.removed:,} images left out" if view.removed else ""
    rest = "; ".join(words for words in (more, left) if words)
    return html.Section(
        [
            html.H2("Images with another label"),
            *rows,
            html.P(rest, className="muted sm") if rest else None,
        ],
        className="panel pad",
        **{"aria-label": "Images with another label"},
    )


def _splits(view: ChangesView) -> Any:
    if not view.splits:
        return None
    counts = {name: sum(s.change == name for s in view.splits) for name in WORDS}
    said = ", ".join(f"{n:,} {WORDS[name]}" for name, n in counts.items() if n)
    return html.Section(
        [
            html.H2("Splits"),
            html.P(said, className="muted sm"),
            html.Ul([_split(one) for one in view.splits[:MOST_SPLITS]], className="splitlist"),
        ],
        className="panel pad",
        **{"aria-label": "Splits"},
    )


def _split(one: SplitLine) -> Any:
    tone = {"gone": "is-kept", "appeared": "is-split"}.get(one.change, "is-one")
    name: Any = html.A(one.label, href=label_link(one.label), className="link nm")
    return html.Li(
        [
            icon("icon-check" if one.change == "gone" else "icon-split"),
            name,
            html.Span(WORDS.get(one.change, one.change), className=f"sm {tone}"),
            html.Span(f"{_score(one.before)} → {_score(one.after)}", className="faint sm num end"),
        ],
        className="row",
    )


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
