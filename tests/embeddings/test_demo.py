"""The demo data set."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import numpy as np
import pytest

from embeddings import demo
from embeddings.demo import make_demo
from embeddings.demo.picture import SIZE, draw_picture, encode
from embeddings.demo.plan import KINDS, LABELS, plan, splits
from embeddings.errors import SourceError


def test_four_words_mean_two_things_and_the_second_is_the_rarer() -> None:
    assert splits() == ("jaguar", "crane", "mouse", "bat")
    assert len(LABELS) - len(splits()) >= 12
    assert {"car", "tiger"} <= set(LABELS)
    for label in splits():
        counts = sorted(LABELS[label].values())
        assert 0.1 <= counts[0] / sum(counts) <= 0.4
    assert {kind for kinds in LABELS.values() for kind in kinds} == set(KINDS)


def test_nothing_in_names_or_order_tells_the_kinds_apart() -> None:
    jaguars = [p for p in plan(0) if p.label == "jaguar"]
    assert [p.file for p in jaguars] == [f"images/jaguar/{i:04d}.jpg" for i in range(len(jaguars))]
    places = [i for i, p in enumerate(jaguars) if p.kind == "jaguar (car)"]
    assert abs(np.mean(places) / len(jaguars) - 0.5) < 0.15
    assert plan(0) == plan(0) != plan(1)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_drawn_and_the_same_way_twice(kind: str) -> None:
    first = draw_picture(kind, Random("7"))
    assert first.size == (SIZE, SIZE)
    assert first.mode == "RGB"
    assert encode(first) == encode(draw_picture(kind, Random("7")))
    assert encode(first) != encode(draw_picture(kind, Random("8")))
    assert np.asarray(first).std() > 10


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pictures instead of two thousand."""
    chosen = [*[p for p in plan(0) if p.label in ("jaguar", "cup")][:6], plan(0)[-1]]
    monkeypatch.setattr(demo, "plan", lambda seed: tuple(chosen))
    monkeypatch.setattr(demo, "usable_cores", lambda: 1)


@pytest.mark.usefixtures("small")
def test_pictures_and_their_truth_are_written(tmp_path: Path) -> None:
    heard: list[int] = []
    made = make_demo(tmp_path, progress=lambda done, total, what: heard.append(done))
    with made.truth.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [r["file"] for r in rows] == [p.file for p in demo.plan(0)]
    assert {r["type"] for r in rows if r["label"] == "jaguar"} == {"hidden"}
    assert all((tmp_path / r["file"]).is_file() for r in rows)
    assert heard == list(range(len(rows) + 1))
    assert "not photographed" in (tmp_path / "README.txt").read_text(encoding="utf-8")


@pytest.mark.usefixtures("small")
def test_what_is_finished_is_kept_and_what_is_not_is_begun_anew(tmp_path: Path) -> None:
    made = make_demo(tmp_path)
    first = tmp_path / demo.plan(0)[0].file
    stamp, content = first.stat().st_mtime_ns, first.read_bytes()
    make_demo(tmp_path)
    assert first.stat().st_mtime_ns == stamp
    first.unlink()
    make_demo(tmp_path)
    assert first.read_bytes() == content
    assert made.n_images == 7


@pytest.mark.usefixtures("small")
def test_another_data_set_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "mine.jpg").write_bytes(b"x")
    with pytest.raises(SourceError, match="Name another folder"):
        make_demo(tmp_path)
    assert (tmp_path / "images" / "mine.jpg").read_bytes() == b"x"
