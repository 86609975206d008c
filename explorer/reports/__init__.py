"""Findings, health, models and machine as text, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.reports.doctor import doctor_json, doctor_text
from explorer.reports.health import confusion_json, confusion_text, health_json, health_text
from explorer.reports.models import describe_text, table_text
from explorer.reports.splits import json_report, text_report

if TYPE_CHECKING:
    from explorer.reports.html import html_report, html_report_of

__all__ = [
    "confusion_json",
    "confusion_text",
    "describe_text",
    "doctor_json",
    "doctor_text",
    "health_json",
    "health_text",
    "html_report",
    "html_report_of",
    "json_report",
    "table_text",
    "text_report",
]


def __getattr__(name: str) -> Any:
    """Import the report to send when it is asked for: it reads a run as the app does (PEP 562)."""
    if name not in ("html_report", "html_report_of"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from explorer.reports import html

    return getattr(html, name)
