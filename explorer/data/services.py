"""What a running app has at hand. Layouts and callbacks get it from the current Flask app."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from flask import current_app

from explorer.data.dataset import Dataset
from explorer.data.queue import suspects_by_label

if TYPE_CHECKING:
    from explorer.data.decisions import Decisions

KEY = "rosette"


@dataclass(frozen=True, slots=True)
class Services:
    """The data set that is looked at, and what was decided on it.

    ``decisions`` is None where none are kept. Where the app is ``read_only`` those of others are
    shown, and none can be made.
    """

    dataset: Dataset
    decisions: Decisions | None = None
    reviewer: str = "reviewer"  # who decides, until the page is told otherwise
    against: str = ""  # a workspace to compare with; empty: what the decisions changed
    read_only: bool = False
    has_door: bool = False  # whether who looks has shown a token, and can log out

    @property
    def may_decide(self) -> bool:
        """Say whether the controls that decide are shown."""
        return self.decisions is not None and not self.read_only

    def decided(self) -> dict[int, str] | None:
        """Return row → decision as the store has it now; None where none are kept."""
        if self.decisions is None:
            return None
        self.decisions.follow()
        return self.decisions.all_texts()

    def decided_by_label(self) -> Mapping[str, int] | None:
        """Return how many images of each label are decided; None where none are kept."""
        if self.decisions is None:
            return None
        self.decisions.follow()
        return self.decisions.by_label()

    def suspects_by_label(self) -> Mapping[str, int]:
        """Return how many undecided single images of each label look like another label."""
        return suspects_by_label(self.dataset, self.decided_rows())

    def decided_rows(self) -> Set[int]:
        """Return the rows on which something is decided; none where no decisions are kept."""
        return self.decisions.decided_rows() if self.decisions else frozenset()


def services() -> Services:
    """Return the services of the app that answers this request."""
    return cast(Services, current_app.extensions[KEY])


def newest_services() -> Services:
    """Return the same, over the newest run of the workspace, where its images are by now.

    Pages opened before hold another run in every address; they are answered 404 and offer to
    reload, rather than showing the images of one run under the words of another.
    """
    from embeddings.workspace import Workspace

    now = services()
    dataset, decisions = now.dataset, now.decisions
    info = Workspace.open(dataset.workspace.path).info
    moved = info.root != dataset.workspace.info.root
    if info.run_id is None or (info.run_id == dataset.run_id and not moved):
        return now
    newer = Dataset(dataset.workspace.path, keeps_index=dataset.keeps_index)
    followed = type(decisions)(newer, decisions.store) if decisions else None
    current_app.extensions[KEY] = replace(now, dataset=newer, decisions=followed)
    return services()
