"""The log of a workspace, without private text."""

from __future__ import annotations

from explorer.logs.log import log_file, logged
from explorer.logs.masking import Mask

__all__ = [
    "Mask",
    "log_file",
    "logged",
]
