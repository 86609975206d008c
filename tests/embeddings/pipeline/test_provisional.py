"""Findings on the images seen so far, while the rest is embedded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embeddings
from embeddings import Workspace, pipeline
from embeddings import columns as c
from embeddings.errors import SourceError
from embeddings.pipeline import provisional, stages
from embeddings.pipeline.provisional import OF_A_LABEL, in_rounds, pausing
from embeddings.records import SeenSoFar
from embeddings.workspace import Info
from tests.embeddings.pipeline.test_run import Colours, draw


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty images of two labels, of which one is two colours; findings from sixteen on."""
    monkeypatch.setattr(stages.embed, "FIRST_PAUSE", 8)
    monkeypatch.setattr(provisional, "FIRST_RUN", 16)
    monkeypatch.setattr(provisional, "OF_A_LABEL", 6)
    root = tmp_path / "photos"
    draw(root / "mixed", 24, (230, 40, 40), 2)
    draw(root / "mixed", 12, (20, 20, 40), 3)
    draw(root / "grass", 24, (40, 200, 40), 4)
    return root


class Watched(Colours):
    """Says at each batch what the workspace holds by then."""

    def __init__(self, ws: Path) -> None:
        super().__init__()
        self.ws, self.made = ws, {}

    def extract(self, images: np.ndarray) -> embeddings.Batch:
        if Workspace.exists(self.ws) and Workspace.open(self.ws).info.run_id is not None:
            there = Workspace.open(self.ws)
            self.made[there.run_id] = (there.seen, there.items(), there.notes())
        return super().extract(images)


def test_findings_are_there_before_all_is_seen(photos: Path, tmp_path: Path) -> None:
    model = Watched(tmp_path / "ws")
    ws = pipeline.run(photos, tmp_path / "ws", model=model, batch_size=4, provisional=True)
    seen = [made[0] for made in model.made.values()]
    assert seen == [SeenSoFar(16, 60), SeenSoFar(32, 60)]
    for made, items, notes in model.made.values():
        assert made is not None
        assert len(items) == made.done
        assert set(items[c.LABEL]) == {"mixed", "grass"}
        assert np.isfinite(items[c.X].to_numpy()).all()
        assert made.note in notes
    assert ws.seen is None
    assert not any("Provisional" in note for note in ws.notes())


def test_the_end_is_as_without(photos: Path, tmp_path: Path) -> None:
    for name, early in (("with", True), ("without", False)):
        pipeline.run(photos, tmp_path / name, model=Colours(), provisional=early)
    ends = [
        {
            str(file.relative_to(tmp_path / name)): file.read_bytes()
            for file in sorted((tmp_path / name).rglob("*"))
            if file.is_file() and not {"embeddings", "thumbnails", "looks"} & set(file.parts)
        }
        for name in ("with", "without")
    ]
    for end in ends:
        end.pop("log.jsonl", None)
    assert ends[0].keys() == ends[1].keys()
    assert [name for name in ends[0] if ends[0][name] != ends[1][name]] == []


def test_findings_of_all_are_not_replaced(photos: Path, tmp_path: Path) -> None:
    pipeline.run(photos, tmp_path / "ws", model=Colours())
    draw(photos / "grass", 40, (60, 180, 60), 9)
    model = Watched(tmp_path / "ws")
    pipeline.run(photos, tmp_path / "ws", model=model, provisional=True)
    assert [made[0] for made in model.made.values()] == [None]


def test_a_fault_in_a_provisional_run_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(seen: SeenSoFar) -> None:
        raise SourceError("Too few.", hint="Wait.")

    ws = Workspace.create(tmp_path, Info("s", "r", True, "n"))
    pause = pausing(ws, fails)
    assert pause is not None
    pause(600, 10_000)
    assert "600 of 10000 images: Too few." in caplog.text


@given(
    st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=400),
    st.integers(0, 5),
)
def test_rounds_hold_some_of_each_label(labels: list[str], seed: int) -> None:
    frame = pd.DataFrame({c.FILE: range(len(labels)), c.LABEL: np.array(labels, dtype=object)})
    mixed = in_rounds(frame, seed=seed)
    assert sorted(mixed[c.FILE]) == list(range(len(labels)))
    first = mixed[c.LABEL].iloc[: sum(min(OF_A_LABEL, labels.count(k)) for k in set(labels))]
    for label in set(labels):
        assert (first == label).sum() == min(OF_A_LABEL, labels.count(label))
    runs = (first != first.shift()).sum()
    assert runs == len(set(labels))  # each label's stand together
    if "" in labels:
        assert first.iloc[-1] == ""
