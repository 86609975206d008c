"""The log of a workspace, with nothing private in it."""

from __future__ import annotations

from explorer.logs.log import log_file, logged
from explorer.logs.masking import Mask

__all__ = [
    "Mask",
    "log_file",
    "logged",
]
