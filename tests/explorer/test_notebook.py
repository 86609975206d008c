"""The app in a notebook: served from this process, once, and gone when it is told to."""

from __future__ import annotations

import sys
import threading
import types
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import explorer
from embeddings.workspace import Workspace
from explorer.notebook import HUB, Shown, proxy_path
from tests.explorer.proxying import proxied


@pytest.fixture
def shown(workspace: Workspace) -> Iterator[Shown]:
    one = explorer.show(workspace)
    yield one
    one.stop()


def test_it_serves_and_shows(shown: Shown) -> None:
    with urllib.request.urlopen(shown.url) as answer:
        assert b"_dash-config" in answer.read()
    assert f'src="{shown.url}"' in shown._repr_html_()


def test_shown_twice_it_keeps_its_server(shown: Shown, workspace: Workspace) -> None:
    again = explorer.show(str(workspace.path), height=500)
    assert again is shown
    assert 'height="500"' in again._repr_html_()


def test_stopped_it_leaves_no_thread_and_can_be_shown_again(workspace: Workspace) -> None:
    before = set(threading.enumerate())
    one = explorer.show(workspace)
    with urllib.request.urlopen(one.url) as answer:
        answer.read()
    one.stop()
    one.stop()
    assert set(threading.enumerate()) <= before
    again = explorer.show(workspace)
    assert again is not one
    again.stop()


def test_below_a_hub_the_address_goes_through_its_proxy(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HUB, "/user/mara/")
    assert proxy_path() == "/user/mara/proxy/{port}"
    one = explorer.show(workspace)
    path, _, query = one.url.partition("?")
    port = int(path.split("/")[4])
    assert path == f"/user/mara/proxy/{port}/"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with proxied(port, prefix=path.rstrip("/"), strips=True) as proxy:
        asked = urllib.request.Request(f"{proxy.address}{path}?{query}")
        asked.add_header("Host", "hub.example.org")  # a name that the kernel can't know
        with opener.open(asked) as answer:
            page = answer.read().decode()
        assert urlsplit(answer.url).path == path
        assert "token" not in answer.url
        assert f'src="{path}' in page
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{proxy.address}{path}")
    one.stop()


def test_the_prefix_can_be_given(workspace: Workspace) -> None:
    one = explorer.show(workspace, prefix="/lab/proxy/{port}/")
    assert one.url.startswith("/lab/proxy/")
    one.stop()


def test_colab_is_asked_to_lead_to_the_port(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, dict[str, Any]]] = []
    colab = types.ModuleType("google.colab")
    output = types.SimpleNamespace(
        serve_kernel_port_as_iframe=lambda port, **more: asked.append((port, more))
    )
    colab.output = output  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    one = explorer.show(workspace, height=700)
    assert asked == [(urlsplit(one.url).port, {"height": "700"})]
    one.stop()


def test_a_folder_by_its_name(workspace: Workspace) -> None:
    one = explorer.show(Path(workspace.path))
    assert one.url.startswith("http://127.0.0.1:")
    one.stop()
