"""Where the style sheets and scripts are."""

from __future__ import annotations

from pathlib import Path


def assets_folder() -> Path:
    """Return the folder of CSS and JavaScript: inside the wheel, or beside the package."""
    inside = Path(__file__).parent / "assets"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "assets"
