"""A text model beside the model of a run: embedded in the same pass, resumed, searched by."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import embeddings
from embeddings import pipeline
from embeddings.backbones import TextImagePair
from embeddings.errors import ModelError, UsageError
from embeddings.images import prepare_all
from embeddings.records import ModelSpec
from embeddings.retrieval import not_embedded, sentences_of
from embeddings.workspace import Workspace
from tests.embeddings.pipeline.test_run import Colours, draw
from tests.embeddings.text_image_pairs import pair_of_folders

LABELS = {"red": (230, 40, 40), "green": (40, 200, 40), "night": (20, 20, 40)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Photos and a pair that was trained on them."""
    folder = tmp_path_factory.mktemp("made")
    for seed, (name, colour) in enumerate(LABELS.items()):
        draw(folder / "photos" / name, 12, colour, seed)
    return folder / "photos", pair_of_folders(folder / "pair", folder / "photos")


@pytest.fixture
def photos(tmp_path: Path, made: tuple[Path, Path]) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "photos"))


@pytest.fixture
def pair(tmp_path: Path, made: tuple[Path, Path]) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "pair"))


def labels_found(ws: embeddings.Workspace, text: str, most: int = 12) -> set[str]:
    return set(ws.search(text, most=most)["label"])


def test_any_sentence_finds_images(photos: Path, pair: Path, tmp_path: Path) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), text_model=pair)
    for label in LABELS:
        assert labels_found(ws, f"the picture of a {label} photo") == {label}
    found = ws.search("red", most=5)
    assert len(found) == 5
    assert (np.diff(found["score"]) <= 0).all()
    assert found["score"].iloc[0] > 0.8
    assert ws.info.text is not None
    assert (ws.info.text.name, ws.info.text_folder) == ("pair", str(pair))
    assert ws.info.model is not None
    assert ws.info.model.name == "colours"


def test_each_file_is_decoded_once_for_all_models(
    photos: Path, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[tuple[Path, tuple[int, ...]]] = []

    def watched(path: Path, sizes: tuple[int, ...], **kwargs: object) -> object:
        decoded.append((path, sizes))
        return prepare_all(path, sizes, **kwargs)

    monkeypatch.setattr("embeddings.images.prepare_all", watched)
    other = Colours()
    other.fingerprint = "d" * 40
    embeddings.run(photos, tmp_path / "ws", model=Colours(), second_look=other, text_model=pair)
    assert len(decoded) == len({path for path, _ in decoded}) == 36
    assert {sizes for _, sizes in decoded} == {(16, 16, 32)}


def test_a_run_goes_on_where_it_was(
    photos: Path, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ws"
    embeddings.run(photos, path, model=Colours(), text_model=pair)
    shards = {file: file.read_bytes() for file in path.glob("embeddings/*/*.arrow")}
    assert len(shards) == 2
    with monkeypatch.context() as patch:  # nothing is new, so neither encoder is loaded
        patch.setattr("embeddings.backbones.TextImagePair.image_encoder", None)
        embeddings.run(photos, path, model=Colours(), text_model=pair)
    draw(photos / "red", 3, LABELS["red"], 9)
    again = Colours()
    ws = embeddings.run(photos, path, model=again, text_model=pair)
    assert again.seen == 32  # one batch: the three that are new, filled up
    assert {file: file.read_bytes() for file in shards} == shards
    assert not_embedded(ws, ws.items()) == 0
    assert labels_found(ws, "red", 15) == {"red"}


def test_a_text_model_is_added_to_a_run_that_is_there(
    photos: Path, pair: Path, tmp_path: Path
) -> None:
    own = Colours()
    ws = embeddings.run(photos, tmp_path / "ws", model=own)
    with pytest.raises(UsageError, match=r"No text model.*rosette embed .* --text-model FOLDER"):
        ws.search("red")
    before = {file: file.read_bytes() for file in ws.path.glob("thumbnails/*.arrow")}
    seen = own.seen
    pipeline.embed_by_text_model(ws.path, pair)
    ws = embeddings.Workspace.open(ws.path)
    assert labels_found(ws, "red") == {"red"}
    assert own.seen == seen
    assert {file: file.read_bytes() for file in ws.path.glob("thumbnails/*.arrow")} == before
    # a run without it keeps what is there, and says what is not
    draw(photos / "red", 2, LABELS["red"], 9)
    ws = embeddings.run(photos, ws.path, model=own)
    assert labels_found(ws, "red") == {"red"}
    assert not_embedded(ws, ws.items()) == 2


def test_ready_made_embeddings_with_their_images_take_one_too(
    photos: Path, pair: Path, tmp_path: Path
) -> None:
    files = sorted(str(file.relative_to(photos)) for file in photos.rglob("*.png"))
    X = np.random.default_rng(0).normal(size=(len(files), 8)).astype(np.float32)
    np.savez(tmp_path / "X.npz", embeddings=X, files=files, labels=[f.split("/")[0] for f in files])
    ws = embeddings.run(photos, tmp_path / "ws", embeddings=tmp_path / "X.npz", text_model=pair)
    assert labels_found(ws, "green") == {"green"}


def test_a_pair_that_moved_or_is_another_is_refused(
    photos: Path, pair: Path, tmp_path: Path
) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), text_model=pair)
    moved = pair.rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"not in .*pair any more.*--text-model FOLDER"):
        ws.search("red")
    assert set(ws.search("red", most=12, text_model=moved)["label"]) == {"red"}
    ws = embeddings.Workspace(ws.path, pipeline.embed_by_text_model(ws.path, moved).info)
    assert labels_found(ws, "red") == {"red"}
    another = pair_of_folders(tmp_path / "another", photos, seed=1)
    with pytest.raises(UsageError, match="not the text model that embedded this run"):
        ws.search("red", text_model=another)
    (moved / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"no tokenizer.json"):
        ws.search("red")


def test_a_bad_folder_stops_a_run_before_it_begins(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no"):
        embeddings.run(photos, tmp_path / "ws", model=Colours(), text_model=tmp_path / "none")
    assert not Workspace.exists(tmp_path / "ws")


def test_no_text_is_no_search(photos: Path, pair: Path, tmp_path: Path) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), text_model=pair)
    with pytest.raises(UsageError, match="no text"):
        sentences_of(ws).nearest("  ", 5)


def test_a_pair_is_loaded_before_the_model_which_may_bring_tensorflow(
    photos: Path, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    image_encoder = TextImagePair.image_encoder

    def noted(self: TextImagePair) -> object:
        loaded.append("pair")
        return image_encoder(self)

    def own(spec: ModelSpec) -> Colours:
        loaded.append(spec.model)
        return Colours()

    monkeypatch.setattr(TextImagePair, "image_encoder", noted)
    monkeypatch.setattr("embeddings.backbones.load_spec", own)
    ws = pipeline.scan(photos, tmp_path / "ws")
    ws = pipeline.embed(ws.path, model="embedded", second_look="none", text_model=pair)
    assert loaded == ["pair", "embedded"]
    assert ws.info.model is not None
    assert ws.info.model.name == "colours"
