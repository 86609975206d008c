"""The report to send: one HTML file with ranking, pictures, health and decisions."""

from __future__ import annotations

from pathlib import Path

from explorer.data import Dataset
from explorer.reports.html.content import decision_lines, report_of
from explorer.reports.html.maps import colour
from explorer.reports.html.page import document, joined, page, pictures_row, tagged
from explorer.reports.html.pictures import Album
from explorer.reports.html.records import Picture

__all__ = [
    "Album",
    "Picture",
    "colour",
    "decided_on",
    "decision_lines",
    "document",
    "html_report",
    "html_report_of",
    "joined",
    "pictures_row",
    "tagged",
]


def html_report(dataset: Dataset, decided: dict[int, str] | None, *, images: bool = True) -> str:
    """Return the report of a run as HTML.

    Parameters
    ----------
    decided
        Row → decision in force; None where none are kept.
    images
        Show pictures; without them file names are told of single images alone.
    """
    return page(report_of(dataset, decided or {}, images=images))


def html_report_of(workspace: Path, store: str | None = None, *, images: bool = True) -> str:
    """Return the report of a workspace's current run, with the decisions in its store."""
    dataset = Dataset(workspace, keeps_index=False)
    return html_report(dataset, decided_on(dataset, store), images=images)


def decided_on(dataset: Dataset, store: str | None = None) -> dict[int, str]:
    """Return row → decision in force, from a store or else that of the workspace; only read."""
    from embeddings.decisions import open_store
    from explorer.data import Decisions

    with open_store(store or dataset.workspace.path, resolve=False, read_only=True) as kept:
        decisions = Decisions(dataset, kept)
        decisions.follow()
        return decisions.all_texts()
