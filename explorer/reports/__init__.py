"""Findings, health, models and machine as text, and as JSON for programs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from explorer.reports.collecting import collected_text, items_asked_for
from explorer.reports.doctor import doctor_json, doctor_text
from explorer.reports.found import (
    found_json,
    found_text,
    search_by_picture,
    search_by_sentence,
    search_by_word,
)
from explorer.reports.health import confusion_json, confusion_text, health_json, health_text
from explorer.reports.models import describe_text, table_text
from explorer.reports.slices import slices_json, slices_text
from explorer.reports.splits import json_report, text_report

if TYPE_CHECKING:
    from explorer.reports.guide import write_guide
    from explorer.reports.html import html_report, html_report_of

__all__ = [
    "collected_text",
    "confusion_json",
    "confusion_text",
    "describe_text",
    "doctor_json",
    "doctor_text",
    "found_json",
    "found_text",
    "health_json",
    "health_text",
    "html_report",
    "html_report_of",
    "items_asked_for",
    "json_report",
    "search_by_picture",
    "search_by_sentence",
    "search_by_word",
    "slices_json",
    "slices_text",
    "table_text",
    "text_report",
    "write_guide",
]


_LAZY: Final = {"html_report": "html", "html_report_of": "html", "write_guide": "guide"}


def __getattr__(name: str) -> Any:
    """Import what reads a run as the app does when it is asked for (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
