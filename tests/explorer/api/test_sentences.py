"""Search by sentence in the app: offered in the box, done on a page, refused in words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings import pipeline
from embeddings.workspace import Workspace
from explorer.data import Dataset, Services
from explorer.pages.images.layout import images_layout
from explorer.pages.images.view import images_view
from explorer.server import create_app
from tests.drawn_words import DrawnRun

SENTENCE = "?text=a photo of a sports car"


@pytest.fixture
def copy(drawn: DrawnRun, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(drawn.ws.path, tmp_path / "ws"))


def kinds(drawn: DrawnRun, dataset: Dataset, rows: tuple[int, ...]) -> list[str]:
    return [drawn.called[dataset.file_of(row)] for row in rows]


def test_the_box_offers_a_sentence_where_there_is_a_text_model(
    drawn: DrawnRun, dataset: Dataset
) -> None:
    app = create_app(Services(Dataset(drawn.ws.path))).server.test_client()
    run = drawn.ws.run_id
    assert app.get(f"/api/{run}/find?q=a car on snow").get_json()["sentence"] == "clip-tiny"
    assert app.get(f"/api/{run}/find?q= ").get_json()["sentence"] == ""
    assert "Label, file or sentence" in app.get("/_dash-layout").get_data(as_text=True)
    without = create_app(Services(dataset)).server.test_client()
    assert without.get("/api/run1/find?q=a car on snow").get_json()["sentence"] == ""
    assert "sentence" not in without.get("/_dash-layout").get_data(as_text=True)


def test_a_sentence_is_answered_with_images(drawn: DrawnRun) -> None:
    dataset = Dataset(drawn.ws.path)
    view = images_view(dataset, SENTENCE)
    assert view.heading == "Images that “a photo of a sports car” fits"
    assert "by the text model clip-tiny" in view.sentence
    assert len(view.rows) == len(drawn.called)
    assert kinds(drawn, dataset, view.rows)[:16] == ["sports car"] * 16
    assert view.captions[0].endswith("  jaguar")
    shuffled = images_view(dataset, f"{SENTENCE}&order=random&seed=3")
    assert sorted(shuffled.rows) == sorted(view.rows)
    assert "clip-tiny" in str(images_layout(view, "run"))


def test_copies_of_a_content_are_all_found(drawn: DrawnRun, tmp_path: Path) -> None:
    photos = Path(shutil.copytree(drawn.photos, tmp_path / "photos"))
    first = next((photos / "duck").iterdir())
    shutil.copy(first, photos / "house" / "again.jpg")
    ws = pipeline.scan(photos, tmp_path / "ws")
    ws = pipeline.embed_by_text_model(ws.path, drawn.pair)
    keys = ws.manifest().groupby("sha256").size()
    assert keys.max() == 2
    assert ws.info.text is not None
    assert len(ws.store(ws.info.text.fingerprint).done()) == len(keys)


@pytest.mark.parametrize(
    "search",
    ["?text=", "?text=%20", "?text=" + "car " * 5000, "?text=<b>", "?text=%00", "?text=%ff"],
)
def test_any_text_is_an_answer(drawn: DrawnRun, search: str) -> None:
    view = images_view(Dataset(drawn.ws.path), search)
    images_layout(view, "run")
    assert len(view.rows) in (0, len(drawn.called))


def test_without_a_text_model_the_page_says_how_to_add_one(dataset: Dataset) -> None:
    view = images_view(dataset, SENTENCE)
    assert view.rows == ()
    assert "could not be searched by" in view.heading
    assert "rosette embed" in view.sentence


def test_a_pair_that_moved_is_told_and_found_again_without_a_new_start(
    drawn: DrawnRun, copy: Workspace, tmp_path: Path
) -> None:
    pair = Path(shutil.copytree(drawn.pair, tmp_path / "pair"))
    pipeline.embed_by_text_model(copy.path, pair)
    dataset = Dataset(copy.path)
    moved = pair.rename(tmp_path / "elsewhere")
    view = images_view(dataset, SENTENCE)
    assert view.rows == ()
    assert "any more" in view.sentence
    assert "--text-model FOLDER" in view.sentence
    pipeline.embed_by_text_model(copy.path, moved)
    assert len(images_view(dataset, SENTENCE).rows) == len(drawn.called)


def test_a_pair_that_was_damaged_or_exchanged_is_told(
    drawn: DrawnRun, copy: Workspace, tmp_path: Path
) -> None:
    pair = Path(shutil.copytree(drawn.pair, tmp_path / "pair"))
    copy.update(text_folder=str(pair))
    (pair / "tokenizer.json").write_text("{")
    assert "changed since" in images_view(Dataset(copy.path), SENTENCE).sentence
    (pair / "tokenizer.json").unlink()
    assert "holds no tokenizer.json" in images_view(Dataset(copy.path), SENTENCE).sentence
    copy.update(text_folder=str(drawn.pair.parent / "model"))
    assert "not the text model" in images_view(Dataset(copy.path), SENTENCE).sentence


def test_nothing_of_it_is_imported_before_the_first_sentence(drawn: DrawnRun) -> None:
    code = f"""
import sys
from explorer.data import Dataset, Services
from explorer.pages.images.view import images_view
from explorer.server import create_app
dataset = Dataset({str(drawn.ws.path)!r})
dataset.warm_up()
client = create_app(Services(dataset)).server.test_client()
client.get(f"/api/{{dataset.run_id}}/find?q=a car on snow")
names = ("onnxruntime", "onnx", "tokenizers", "tensorflow")
print(*[name for name in names if name in sys.modules])
images_view(dataset, {SENTENCE!r})
print(*[name for name in names if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "onnxruntime onnx tokenizers"]
