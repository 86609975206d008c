"""Search from the command line."""

from __future__ import annotations

import json

import pytest

from embeddings.workspace import Workspace
from tests.explorer.cli.test_main import run


def test_a_word_finds_images(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("search", workspace.path, "vehicles", "--most", "3", capsys=capsys)
    assert code == 0
    assert out.startswith("29 images in which the model sees vehicles:\n  0.80  ")
    assert len(out.splitlines()) == 4
    _, out, _ = run("search", workspace.path, "sports car", "--json", capsys=capsys)
    assert len(json.loads(out)["images"]) == 20


def test_what_is_neither_word_nor_file_says_so(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("search", workspace.path, "xyzzy", capsys=capsys)
    assert code == 2
    assert "neither a file nor a word" in err


def test_a_picture_needs_the_model_of_the_run(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = next(workspace.path.glob("photos/car/*.jpg"))
    code, _, err = run("search", workspace.path, picture, capsys=capsys)
    assert code == 2
    assert "not the model that embedded this run" in err
