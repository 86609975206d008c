"""The log of a workspace, without private text."""

from __future__ import annotations

from explorer.logs.log import log_file, logged
from explorer.logs.masking import Mask
from explorer.logs.progress_file import UNITS, ProgressFile, Told, duration, read_progress

__all__ = [
    "UNITS",
    "Mask",
    "ProgressFile",
    "Told",
    "duration",
    "log_file",
    "logged",
    "read_progress",
]
