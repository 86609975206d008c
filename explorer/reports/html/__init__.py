"""The report to send: one HTML file with ranking, pictures, health and decisions."""

from __future__ import annotations

from pathlib import Path

from explorer.data import Dataset
from explorer.reports.html.content import report_of
from explorer.reports.html.page import page


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
    from embeddings.decisions import open_store
    from explorer.data import Decisions

    dataset = Dataset(workspace, keeps_index=False)
    with open_store(store or workspace, resolve=False, read_only=True) as kept:
        decisions = Decisions(dataset, kept)
        decisions.follow()
        return html_report(dataset, decisions.all_texts(), images=images)
