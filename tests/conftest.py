"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run, and no opinion on how fast a busy machine is.
settings.register_profile("rosette", deadline=None, derandomize=True)
settings.load_profile("rosette")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the project; the test skips where it is missing."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"needs the test data in {folder.name}/ beside the project")
    return folder
