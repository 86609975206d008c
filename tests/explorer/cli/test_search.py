"""Search from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from embeddings.workspace import Workspace
from tests.drawn_words import DrawnRun
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


def test_with_a_text_model_any_sentence_finds_images(
    drawn: DrawnRun, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(
        "search", drawn.ws.path, "a photo of a sports car", "--most", 12, "--json", capsys=capsys
    )
    assert code == 0
    found = json.loads(out)
    assert (
        found["search"] == "By the text model clip-tiny, what fits “a photo of a sports car” best:"
    )
    assert {drawn.called[one["file"]] for one in found["images"]} == {"sports car"}
    assert {one["label"] for one in found["images"]} == {"jaguar"}
    code, out, _ = run("search", drawn.ws.path, "umbrella", capsys=capsys)
    assert code == 0
    assert len(out.splitlines()) == 21
    assert "umbrella/" in out.splitlines()[1]
    code, _, err = run("search", drawn.ws.path, "umbrella", "--classes", capsys=capsys)
    assert (code, "neither a file nor a word" in err) == (2, True)


def test_a_text_model_is_added_from_the_command_line(
    drawn: DrawnRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ws = Workspace.open(shutil.copytree(drawn.ws.path, tmp_path / "ws"))
    model = ws.info.model
    shutil.rmtree(ws.store(ws.info.text.fingerprint).folder)
    ws.update(text=None, text_folder="")
    code, _, err = run("search", ws.path, "sports car", "--text-model", drawn.pair, capsys=capsys)
    assert (code, "No text model has embedded these images" in err) == (2, True)
    moved = Path(shutil.copytree(drawn.pair, tmp_path / "pair"))
    assert run("embed", ws.path, "--text-model", moved, capsys=capsys)[0] == 0
    ws = Workspace.open(ws.path)
    assert (ws.info.model, ws.info.text_folder) == (model, str(moved))
    code, out, _ = run("search", ws.path, "sports car", "--most", "3", capsys=capsys)
    assert (code, out.count("jaguar/")) == (0, 3)
    moved.rename(tmp_path / "elsewhere")
    code, _, err = run("search", ws.path, "sports car", capsys=capsys)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "is not in" in err
    assert "--text-model FOLDER" in err
    code, out, _ = run(
        "search", ws.path, "duck", "--text-model", tmp_path / "elsewhere", capsys=capsys
    )
    assert (code, "duck/" in out) == (0, True)


def test_a_run_with_a_bad_text_model_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for folder, said in (("none", "There is no"), ("empty", "holds no image encoder")):
        code, _, err = run(
            "run", tmp_path, "-w", tmp_path / "ws", "--text-model", tmp_path / folder, capsys=capsys
        )
        assert code in (1, 2)
        assert len(err.strip().splitlines()) == 1
        assert said in err
