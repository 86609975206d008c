"""What stands around every page: top bar, pages, search, theme, keyboard help, toasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from embeddings import columns as c
from explorer.components.dialogs import dialogs
from explorer.components.links import MENU, at
from explorer.components.parts import icon
from explorer.components.states import skeleton

if TYPE_CHECKING:
    from explorer.data import Dataset, Services

KEYS = (
    ("/", "find a label or file"),
    ("?", "these keys"),
    ("] [", "next, previous label"),
    ("← ↑ ↓ →", "move in a gallery"),
    ("Space", "select an image"),
    ("Shift ← →", "select more"),
    ("A B …", "select a cluster"),
    ("L", "lasso on the map"),
    ("Enter", "open one image"),
    ("R", "relabel"),
    ("K X U", "keep, remove, unsure"),
    ("Z", "undo"),
    ("Shift Z", "redo"),
    ("G, then S M", "go to Splits, Map"),
    ("Esc", "back one step"),
)


DECIDING = frozenset({"R", "K X U", "Z", "Shift Z"})
READ_ONLY = "Read-only: nothing can be decided here, as the server was started with --read-only."


def frame(at_hand: Services) -> Any:
    """Return the whole page, with a place for what the address asks for."""
    dataset, decisions = at_hand.dataset, at_hand.decisions
    return html.Div(
        [
            # where the browser is: {"pathname", "search"}. Dash's own Location also writes the
            # address, and under load writes an old one back.
            dcc.Store(id="url"),
            dcc.Store(id="title"),
            dcc.Store(id="shown"),
            html.A("Skip to content", href="#main", className="skip"),
            _bar(at_hand),
            html.P(READ_ONLY, className="readonly", role="note") if at_hand.read_only else None,
            html.Div(folder_note(dataset), id="folder"),
            html.Main(skeleton(), id="main", tabIndex=-1),
            _keys(at_hand.may_decide),
            *dialogs(at_hand),
            html.Div(id="toasts", className="toasts", role="status", **{"aria-live": "polite"}),
            html.Div(id="said", className="vh", **{"aria-live": "polite"}),
        ],
        id="frame",
        **{
            "data-run": dataset.run_id,
            "data-reviewer": at_hand.reviewer,
            "data-decides": "yes" if at_hand.may_decide else "",
            "data-position": str(decisions.follow()) if decisions else "",
        },
    )


def folder_note(dataset: Dataset) -> Any:
    """Return what is said on every page while the folder of the images is not there."""
    problem = dataset.folder_problem()
    if not problem:
        return None
    kept = "Thumbnails and decisions are here; pictures can't be opened, nor exported."
    return html.P(f"{problem} {kept}", className="gone", role="alert")


def _bar(at_hand: Services) -> Any:
    dataset = at_hand.dataset
    model = dataset.workspace.info.model
    n_split = int(dataset.classes[c.IS_SPLIT].sum())
    return html.Header(
        [
            html.A(
                [icon("icon-rosette"), html.Span("Rosette")],
                href=at("/splits"),
                className="brand",
                **{"aria-label": "Rosette, to the splits"},
            ),
            html.Span("/", className="slash", **{"aria-hidden": "true"}),
            html.Div(
                [
                    html.B(dataset.workspace.name),
                    html.Span(f"{model.name} · run {dataset.run_id[:6]}" if model else ""),
                ],
                className="run",
                title=f"Data set {dataset.workspace.info.source}, run {dataset.run_id}",
            ),
            html.Nav(
                [
                    html.A(
                        [
                            icon(f"icon-{name}"),
                            words,
                            html.I(f"{n_split:,}") if name == "splits" else None,
                        ],
                        href=at(f"/{name}"),
                        **{"data-page": name},
                    )
                    for name, words in MENU
                ],
                className="nav",
                **{"aria-label": "Pages"},
            ),
            html.Div(
                [
                    icon("icon-find"),
                    dcc.Input(
                        id="find",
                        type="search",
                        placeholder="Find a label or file",
                        autoComplete="off",
                        className="find-field",
                    ),
                    html.Kbd("/"),
                    _button(
                        "icon-near",
                        "Search by a picture: paste, drop or choose one",
                        id="find-picture",
                    ),
                    html.Div(id="found", className="found", role="listbox", hidden=True),
                ],
                className="find",
                role="search",
            ),
            _button("icon-find", "Find a label or file", id="find-open", only="only-sm"),
            _button("icon-moon", "Switch between light and dark", id="theme"),
            _button("icon-help", "Keyboard help", id="help", only="only-lg"),
            _button("icon-leave", "Log out", id="logout") if at_hand.has_door else None,
        ],
        className="topbar",
    )


def _button(sign: str, said: str, *, id: str, only: str = "") -> Any:
    return html.Button(
        icon(sign), id=id, className=f"iconbtn {only}".strip(), title=said, **{"aria-label": said}
    )


def _keys(may_decide: bool) -> Any:
    rows = [
        html.Div([html.Span(words), html.Span([html.Kbd(key) for key in keys.split(" ")])])
        for keys, words in KEYS
        if may_decide or keys not in DECIDING
    ]
    return html.Dialog(
        [
            html.H2("Keys", id="keys-title"),
            html.Div(rows, className="keys"),
            html.Button("Close", className="btn sm", id="keys-close"),
        ],
        id="keys",
        className="dialog",
        **{"aria-labelledby": "keys-title"},
    )
