"""Parts named by the text model: where the head is silent, and by a list of words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import embeddings
from embeddings import columns as c
from embeddings import pipeline
from embeddings.errors import UsageError
from embeddings.kind_names import KindName, kind_words
from embeddings.workspace import KIND_NAMES_FILE, Workspace
from tests.drawn_words import DrawnRun
from tests.embeddings.pipeline.test_run import Colours, draw

LIST = "sports car\nspotted cat\nduck\nhouse\numbrella\nguitar\ntelephone\npizza\n"


@pytest.fixture
def ws(drawn: DrawnRun, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(drawn.ws.path, tmp_path / "ws"))


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (tmp_path / "list.txt").write_text(LIST)
    return tmp_path / "list.txt"


def names(ws: Workspace) -> dict[tuple[str, int], str]:
    clusters = ws.clusters()
    named = clusters[clusters[c.KIND_NAME].notna()].to_dict("records")
    return {(one[c.LABEL], one[c.CLUSTER]): kind_words(one) for one in named}


def test_a_list_of_words_names_both_kinds_of_a_label(
    drawn: DrawnRun, ws: Workspace, words: Path
) -> None:
    ws = pipeline.name(ws.path, words=words)
    items = ws.items()
    jaguars = items[(items[c.LABEL] == "jaguar") & (items[c.CLUSTER] >= 0)]
    called = jaguars[c.FILE].map(drawn.called)
    shown = called.groupby(jaguars[c.CLUSTER]).agg(lambda one: one.mode()[0])
    assert set(shown) == {"spotted cat", "sports car"}
    named = names(ws)
    for cluster, kind in shown.items():
        assert named["jaguar", cluster].startswith(f"{kind} (")
        assert named["jaguar", cluster].endswith(", by clip-tiny)")
    # the others are what their labels say, which is no news
    assert set(named) == {("jaguar", 0), ("jaguar", 1)}


def test_a_list_that_is_given_later_names_a_run_that_is_there(
    drawn: DrawnRun, tmp_path: Path, words: Path
) -> None:
    made = embeddings.run(drawn.photos, tmp_path / "ws", model=Colours())
    assert not any("clip-tiny" in one for one in names(made).values())
    again = embeddings.run(
        drawn.photos, tmp_path / "ws", model=Colours(), text_model=drawn.pair, words=words
    )
    assert again.run_id == made.run_id
    assert (again.path / "words.txt").read_text() == LIST


def test_words_that_fit_nothing_name_nothing(ws: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("telephone\npizza\nzebra crossing\n")
    assert names(pipeline.name(ws.path, words=other)) == {}


def test_the_list_is_kept_and_its_embeddings_too(
    ws: Workspace, words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = names(pipeline.name(ws.path, words=words))
    words.unlink()
    ws.update(text_folder="/nowhere")  # what was embedded once needs no pair
    assert names(pipeline.name(ws.path)) == first
    assert ws.info.text is not None
    for file in ws.store(ws.info.text.fingerprint).folder.glob("words-*.npy"):
        file.write_bytes(file.read_bytes()[:50])
    ws = pipeline.name(ws.path)
    assert names(ws) == {}
    (note,) = [note for note in ws.info.run_notes if "text model" in note]
    assert "any more" in note
    assert note in ws.notes()


def test_without_a_list_the_words_of_imagenet_are_asked_for(ws: Workspace) -> None:
    # the tiny pair knows few of them: "sports car" and "umbrella" are, "spotted cat" is not
    named = names(pipeline.name(ws.path))
    assert any(name.startswith("sports car") for name in named.values())


def test_without_a_list_the_head_comes_first_and_a_list_comes_before_it(
    drawn: DrawnRun, ws: Workspace, words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_head = KindName("jaguar", 0, ("cat",), "", 9, 9, 3.0)
    monkeypatch.setattr("embeddings.pipeline.stages.name._by_head", lambda *_: (by_head,))
    assert names(pipeline.name(ws.path))["jaguar", 0] == "cat (9 of 9)"
    assert "clip-tiny" in names(pipeline.name(ws.path, words=words))["jaguar", 0]


def test_a_list_needs_a_text_model(tmp_path: Path, words: Path) -> None:
    draw(tmp_path / "photos" / "red", 4, (230, 40, 40), 0)
    with pytest.raises(UsageError, match=r"needs a text model.*--text-model FOLDER"):
        embeddings.run(tmp_path / "photos", tmp_path / "ws", model=Colours(), words=words)
    assert not Workspace.exists(tmp_path / "ws")
    ws = embeddings.run(tmp_path / "photos", tmp_path / "ws", model=Colours())
    with pytest.raises(UsageError, match="needs a text model"):
        pipeline.name(ws.path, words=words)


def test_names_of_before_there_were_text_models_are_read(ws: Workspace, words: Path) -> None:
    ws = pipeline.name(ws.path, words=words)
    file = ws.run_folder / KIND_NAMES_FILE
    pd.read_parquet(file).drop(columns=c.KIND_BY).to_parquet(file)
    assert all("clip-tiny" not in one for one in names(ws).values())
    assert len(names(ws)) == 2
