"""Working out what changed: asked for when the page is there, kept until something else changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output

from embeddings.comparison import Comparison, compare, compare_decisions
from embeddings.workspace import Workspace
from explorer.data import Decisions, services
from explorer.pages.changes.layout import changes_parts, nothing_decided


def register(app: Dash) -> None:
    """Add the callbacks to an app."""

    # one comparison of each store position: a page that is opened again costs nothing
    @lru_cache(maxsize=4)
    def worked_out(run: str, position: int, decisions: Decisions, against: str) -> Comparison:
        ws = decisions.dataset.workspace
        current = decisions.store.current()
        if against:
            return compare(Workspace.open(Path(against)), ws, decisions_b=current)
        return compare_decisions(ws, current)

    @app.callback(Output("changes-body", "children"), Input("changes-start", "data"))
    def fill(start: Any) -> Any:
        at_hand = services()
        decisions, against = at_hand.decisions, at_hand.against
        if decisions is None or not (against or decisions.any_decided()):
            return nothing_decided()
        run, position = at_hand.dataset.run_id, decisions.follow()
        return changes_parts(worked_out(run, position, decisions, against))
