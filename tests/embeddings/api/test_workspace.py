"""A workspace in a notebook: decided on, looked at, exported, all by its own verbs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embeddings
from embeddings.decisions import UnknownItemError


def kinds() -> tuple[np.ndarray, np.ndarray]:
    """Return embeddings of four kinds under three labels; *cat* hides two."""
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(4), 20)
    X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    return X, np.array(["cat", "cat", "dog", "owl"])[kind]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "animals"
    X, labels = kinds()
    embeddings.run(X, folder, labels=labels)
    return folder


@pytest.fixture
def ws(made: Path, tmp_path: Path) -> embeddings.Workspace:
    """Return a copy of its own, undecided."""
    import shutil

    shutil.copytree(made, tmp_path / "ws")
    return embeddings.Workspace.open(tmp_path / "ws")


def test_rows_are_decided_on_and_the_items_show_it(ws: embeddings.Workspace) -> None:
    lynxes = ws.items().query("label == 'cat' and cluster == 1")
    receipt = ws.decide(lynxes, "relabel", to="lynx", by="Mara")
    assert receipt.changed == len(lynxes) == 20
    after = ws.items()
    assert set(after.loc[after["cluster"] == 1, "decision"]) == {"relabel: lynx"}
    assert set(after.loc[after["cluster"] == 1, "final_label"]) == {"lynx"}
    assert ws.decisions()["reviewer"].unique().tolist() == ["Mara"]
    assert ws.undo(by="Mara").changed == 20
    assert not ws.items()["decision"].any()


def test_files_and_frames_of_files_are_decided_on(ws: embeddings.Workspace) -> None:
    files = ws.items()["file"][:3].tolist()
    assert ws.decide(files[0], "keep", by="a").changed == 1
    assert ws.decide(pd.DataFrame({"file": files}), "unsure", by="b").changed == 3
    assert ws.decide(pd.Series(files), "remove", by="c").changed == 3


def test_what_is_no_item_is_an_error_that_names_it(ws: embeddings.Workspace) -> None:
    with pytest.raises(UnknownItemError, match=r"nowhere\.jpg"):
        ws.decide(["nowhere.jpg"], "remove", by="a")
    with pytest.raises(ValueError, match="no column 'file'"):
        ws.decide(pd.DataFrame({"name": ["x"]}), "remove", by="a")
    assert ws.decisions().empty


def test_nothing_selected_is_no_decision(ws: embeddings.Workspace) -> None:
    with pytest.raises(embeddings.UsageError):
        ws.decide(ws.items().query("label == 'none of these'"), "keep", by="a")


def test_what_is_removed_is_not_exported(ws: embeddings.Workspace, tmp_path: Path) -> None:
    ws.decide(ws.items()["file"][:5], "remove", by="a")
    written = ws.export("csv", str(tmp_path / "out"))
    table = pd.read_csv(written.files[0], dtype={"file": str}, keep_default_na=False)
    assert (table["decision"] == "remove").sum() == 5


def test_looking_writes_nothing(ws: embeddings.Workspace) -> None:
    before = {p: p.stat().st_mtime_ns for p in ws.path.rglob("*")}
    ws.items(), ws.decisions(), repr(ws), ws._repr_html_()
    assert {p: p.stat().st_mtime_ns for p in ws.path.rglob("*")} == before


def test_decisions_may_lie_elsewhere(ws: embeddings.Workspace, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/team.sqlite"
    ws.decide(ws.items()["file"][:2], "keep", by="a", store=url)
    assert len(ws.decisions(store=url)) == 2
    assert ws.decisions().empty
    with ws.open_store(url) as store:
        assert len(ws.items(store=store).query("decision == 'keep'")) == 2


def test_it_shows_itself_on_a_screen(ws: embeddings.Workspace) -> None:
    text = repr(ws)
    assert "80 items, 3 labels, 1 of them two kinds" in text
    assert "cat" in text
    assert len(text.splitlines()) < 20
    assert ws._repr_html_().count("<table>") == 1
