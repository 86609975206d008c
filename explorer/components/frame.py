"""What stands around every page: top bar, pages, search, theme, help, and what the app says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from explorer.components.dialogs import dialogs
from explorer.components.help import help_dialog
from explorer.components.links import MENU, at
from explorer.components.parts import icon
from explorer.components.states import skeleton
from explorer.data import left_by_kind

if TYPE_CHECKING:
    from explorer.data import Dataset, Services

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
            _bar(at_hand, _left(at_hand)),
            _standing_note(at_hand),
            html.Div(folder_note(dataset), id="folder"),
            html.Div(id="notices", className="notices"),
            html.Main(skeleton(), id="main", tabIndex=-1),
            help_dialog(at_hand.may_decide),
            *dialogs(at_hand),
            html.Div(id="said", className="vh", **{"aria-live": "polite"}),
        ],
        id="frame",
        **{
            "data-run": dataset.run_id,
            "data-name": dataset.workspace.name,
            "data-reviewer": at_hand.reviewer,
            "data-decides": "yes" if at_hand.may_decide else "",
            "data-position": str(decisions.follow()) if decisions else "",
        },
    )


def _standing_note(at_hand: Services) -> Any:
    """Return what holds for every page as long as it is shown; None where there is nothing."""
    seen = at_hand.dataset.workspace.seen
    so_far = f"Provisional findings: {seen.done:,} of {seen.of:,} images so far." if seen else ""
    notes = [note for note in (so_far, READ_ONLY if at_hand.read_only else "") if note]
    if not notes:
        return None
    said = " ".join(notes)
    return html.P(said, className="readonly", role="note", title=seen.note if seen else said)


def folder_note(dataset: Dataset) -> Any:
    """Return what is said on every page while the folder of the images is not there."""
    problem = dataset.folder_problem()
    if not problem:
        return None
    kept = "Thumbnails and decisions are here; pictures can't be opened, nor exported."
    return html.P(f"{problem} {kept}", className="gone", role="alert")


def _left(at_hand: Services) -> dict[str, int]:
    """Return the counts beside the names of pages: what waits there."""
    left = left_by_kind(at_hand.dataset.cases, at_hand.decided_rows())
    return {"queue": sum(left.values()), "splits": left.get("split", 0)}


def _bar(at_hand: Services, left: dict[str, int]) -> Any:
    dataset = at_hand.dataset
    model = dataset.workspace.info.model
    said = "Label, file or sentence" if dataset.sentences.model else "Find a label or file"
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
                            html.I(f"{left[name]:,}" if left[name] else "")
                            if name in left
                            else None,
                        ],
                        href=at(f"/{name}"),
                        **{"data-page": name},
                    )
                    for name, words in MENU
                ],
                className="nav",
                **{"aria-label": "Pages"},
            ),
            # decisions, undo and failures are told here, where it covers nothing
            html.Div(id="slot", className="slot", role="status", **{"aria-live": "polite"}),
            html.Div(
                [
                    icon("icon-find"),
                    dcc.Input(
                        id="find",
                        type="search",
                        placeholder=said,
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
            _button("icon-find", said, id="find-open", only="only-sm"),
            _button("icon-moon", "Switch between light and dark", id="theme"),
            _button("icon-help", "Help and keys", id="help"),
            _button("icon-leave", "Log out", id="logout") if at_hand.has_door else None,
        ],
        className="topbar",
    )


def _button(sign: str, said: str, *, id: str, only: str = "") -> Any:
    return html.Button(
        icon(sign), id=id, className=f"iconbtn {only}".strip(), title=said, **{"aria-label": said}
    )
