"""The app in a notebook: served from this process, and gone with it."""

from __future__ import annotations

import urllib.request

import explorer
from embeddings.workspace import Workspace


def test_it_serves_and_shows(workspace: Workspace) -> None:
    shown = explorer.show(workspace)
    url = shown if isinstance(shown, str) else shown.src
    with urllib.request.urlopen(url) as answer:
        assert b"_dash-config" in answer.read()
