"""Findings, health, models and machine as text, and as JSON for programs."""

from __future__ import annotations

from explorer.reports.doctor import doctor_json, doctor_text
from explorer.reports.health import confusion_json, confusion_text, health_json, health_text
from explorer.reports.models import describe_text, table_text
from explorer.reports.splits import json_report, text_report

__all__ = [
    "confusion_json",
    "confusion_text",
    "describe_text",
    "doctor_json",
    "doctor_text",
    "health_json",
    "health_text",
    "json_report",
    "table_text",
    "text_report",
]
