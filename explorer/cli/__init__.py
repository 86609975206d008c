"""The command line: ``rosette``."""

from __future__ import annotations

from explorer.cli.main import main

__all__ = ["main"]
