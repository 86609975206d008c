"""The Slices page: one row for each slice, then the accuracy of the labels."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from dash import html

from explorer.components import at, colour_class, empty, icon, label_link, thumbnail, wrapping
from explorer.pages.slices.view import (
    HOW,
    HOW_TO_COLLECT,
    SHOWS,
    LabelLine,
    Side,
    SlicesView,
    SliceView,
)

COLLECT: Final = "collect more like these"


def slices_layout(view: SlicesView, run: str) -> Any:
    """Return the page."""
    return html.Div(slices_parts(view, run), className="page", id="slices-page")


def slices_parts(view: SlicesView, run: str) -> list[Any]:
    """Return what the page holds, to be put anew when the address changes."""
    head = html.Div(
        [html.Div([html.H1(view.heading), html.P(view.sentence)]), _summary(view)], className="head"
    )
    if not view.there:
        return [head, empty("No predictions yet", "Give them with", html.Code(HOW))]
    rows = [_row(one, run, view, place) for place, one in enumerate(view.slices)]
    nothing = empty("No slice stands out", "Its errors are spread over all images of a label.")
    return [
        head,
        _filters(view),
        html.Div(rows or nothing, className="slices"),
        _labels(view),
        _how_to_collect(view),
        *(
            html.Div([icon("icon-ring"), html.Span(note)], className="notice")
            for note in view.notes
        ),
    ]


def _summary(view: SlicesView) -> Any:
    if not view.shares:
        return None
    said = f"{view.held:,} of {view.errors:,} errors lie in these slices"
    return html.Div(
        [
            html.Div(
                [*(html.I(style={"width": f"{share:.1%}"}) for share in view.shares), html.B()],
                className="errors-bar",
                role="img",
                **{"aria-label": said},
            ),
            html.Div(
                [
                    html.Span(f"{view.held:,} errors here"),
                    html.Span(f"{view.errors - view.held:,} spread over all labels"),
                ],
                className="lab",
            ),
        ],
        className="slices-sum",
    )


def _filters(view: SlicesView) -> Any:
    chips = [
        html.A(
            [words, html.I(f"{view.counts.get(name, 0):,}")],
            href=at(f"/slices?{urlencode({'show': name})}" if name else "/slices"),
            className="chip",
            **{"aria-current": "true" if name == view.show else "false"},
        )
        for name, words in SHOWS.items()
    ]
    told = html.Span(
        "The dot is the share of images that it got right, the pale bar where the true share may "
        "lie (95 %).",
        className="end xs faint only-lg",
    )
    return html.Div([*chips, told], className="filters", role="group", **{"aria-label": "Filters"})


def _row(one: SliceView, run: str, view: SlicesView, place: int) -> Any:
    where = (
        html.A(wrapping(one.label), href=label_link(one.label))
        if one.label
        else "Through all labels"
    )
    return html.Article(
        [
            html.Div(
                [
                    html.Span(f"{one.rank}", className="rank"),
                    html.Div(
                        [
                            html.H2(where),
                            html.P(one.name, className="is-split"),
                            html.P(f"{one.size:,} of {one.of:,} images", className="sm faint"),
                        ]
                    ),
                ],
                className="named",
            ),
            html.Div(
                [html.P(_right_on(one.sides), className="sm"), *(_interval(s) for s in one.sides)],
                className="accuracy",
            ),
            html.Div([_images(side, run) for side in one.sides], className="sides"),
            html.Div(_taken(one), className="taken"),
            html.Div(
                [
                    html.P(
                        [
                            html.B(f"{one.gain:,}", className="big"),
                            html.Span(f"errors above the rest, {one.points:.1f} points overall"),
                        ]
                    ),
                    *_step(one, run, view, place),
                ],
                className="next",
            ),
        ],
        className="panel slice-row",
    )


def _right_on(sides: tuple[Side, ...]) -> list[Any]:
    parts: list[Any] = ["Right on "]
    for number, side in enumerate(sides):
        parts += [", " if number else "", html.B(f"{side.accuracy:.0%}"), f" of {side.letter}"]
    return parts


def _interval(side: Side) -> Any:
    said = (
        f"{side.letter}: right on {side.right:,} of {side.counted:,}, likely between "
        f"{side.low:.0%} and {side.high:.0%}"
    )
    return html.Div(
        [
            html.Span(side.letter, className="key sm") if side.letter else html.Span(),
            html.Span(
                [
                    html.I(
                        style={
                            "left": f"{side.low:.1%}",
                            "width": f"{side.high - side.low:.1%}",
                        }
                    ),
                    html.U(style={"left": f"{side.accuracy:.1%}"}),
                ],
                className="track",
                role="img",
                **{"aria-label": said},
            ),
            html.Span(f"{side.right:,} of {side.counted:,}", className="xs faint"),
        ],
        className=f"interval {colour_class(side.number)}",
    )


def _images(side: Side, run: str) -> Any:
    return html.Div(
        [
            html.H3([html.Span(side.letter, className="key sm"), side.name]),
            html.Div([thumbnail(run, row) for row in side.images], className="three"),
        ],
        className=colour_class(side.number),
    )


def _taken(one: SliceView) -> list[Any]:
    lines = [
        html.P([html.B(name), html.Span(f"{count:,}", className="faint")], className="sm")
        for name, count in one.taken_for
    ]
    return [html.H3(f"{one.sides[-1].letter} is mostly taken for"), *lines] if lines else []


def _step(one: SliceView, run: str, view: SlicesView, place: int) -> list[Any]:
    """Return the one action; what is not a whole cluster is ticked in its gallery first."""
    may_decide = view.may_decide
    look = at(f"/images?{urlencode({'slice': one.rank})}")
    tone = "btn primary" if place == 0 else "btn"
    if one.next_step == "relabel" and may_decide and one.cluster >= 0:
        about = {"data-decide": "relabel", "data-to": one.to, "data-label": one.label}
        words = f"Relabel {one.size:,} to {one.to}"
        act = html.Button(words, className=tone, **about, **{"data-cluster": str(one.cluster)})
        return [act, html.A("Look", href=look, className="btn ghost sm")]
    if one.next_step == COLLECT and view.may_collect:
        listed = html.A(
            "Collect more like these",
            href=at(f"/export/{run}/collect.csv?{urlencode({'slice': one.rank})}"),
            className=tone,
            download="collect.csv",
            title="A list of images without a label that are most like these",
        )
        return [listed, html.A("Look", href=look, className="btn ghost sm")]
    words = {
        "relabel": f"Look, and relabel to {one.to}",
        "merge": f"Compare with {one.to}",
    }.get(one.next_step, "Look, and collect more")
    return [html.A(words, href=look, className=tone)]


def _how_to_collect(view: SlicesView) -> Any:
    """Say how images to collect are found, where there is nothing to collect from yet."""
    if view.may_collect or not any(one.next_step == COLLECT for one in view.slices):
        return None
    said = [
        "Images without labels can be searched for those that help most: ",
        html.Code(HOW_TO_COLLECT),
    ]
    return html.Div([icon("icon-ring"), html.Span(said)], className="notice")


def _labels(view: SlicesView) -> Any:
    if not view.labels:
        return None
    return html.Section(
        [
            html.Div(
                [
                    html.H2("By label"),
                    html.Span("the least accurate first", className="muted sm"),
                ],
                className="row panelhead",
            ),
            *(_label_line(one) for one in view.labels),
        ],
        className="panel slice-labels",
        **{"aria-label": "Accuracy of each label"},
    )


def _label_line(one: LabelLine) -> Any:
    side = Side(
        "", 0, "", one.right, one.counted, one.accuracy, one.low, one.high, ()
    )  # fmt: skip
    taken = f"mostly taken for {one.taken_for}" if one.taken_for else ""
    return html.Div(
        [
            html.A(wrapping(one.label), href=label_link(one.label), className="link"),
            _interval(side),
            html.B(f"{one.accuracy:.0%}", className="sm"),
            html.Span(taken, className="sm faint"),
        ],
        className="label-accuracy",
    )
