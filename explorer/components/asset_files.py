"""The folder of style sheets and scripts."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def assets_folder() -> Path:
    """Return the folder of CSS and JavaScript: inside the wheel, or beside the package."""
    inside = PACKAGE / "assets"
    return inside if inside.is_dir() else PACKAGE.parent / "assets"
