"""Images without a label beside labelled ones: on the map, and in no finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings import pipeline
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.pipeline import unlabelled
from explorer.reports import text_report


def clouds(counts: dict[str, int], seed: int = 0) -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    centres = {name: rng.normal(size=32) * 4 for name in ("cat", "dog")}
    rows, labels = [], []
    for at, (name, n) in enumerate(counts.items()):
        for i in range(n):
            centre = centres.get(name) if name in centres else list(centres.values())[i % 2]
            rows.append(centre + np.random.default_rng(100 * at + i).normal(size=32))
            labels.append(name)
    return np.array(rows, np.float32), labels


def test_no_finding_is_made_on_what_has_no_label(tmp_path: Path) -> None:
    X, labels = clouds({"cat": 30, "dog": 30, "": 40})
    np.savez(tmp_path / "e.npz", embeddings=X, labels=labels)
    ws = pipeline.run(tmp_path / "e.npz", tmp_path / "ws")
    classes, items = ws.classes().set_index(c.LABEL), ws.items()
    without = items[items[c.LABEL] == c.NO_LABEL]
    assert classes.loc[c.NO_LABEL, c.SPLIT_SCORE] == 0
    assert classes.loc[c.NO_LABEL, c.SPLIT_REASON] == unlabelled.REASON
    assert classes[c.SIZE].sum() == len(items) == 100
    assert (without[c.SUSPICION] == 0).all()
    assert without[c.SUGGESTED_LABEL].isna().all()
    assert np.isfinite(without[[c.X, c.MAP_X]].to_numpy(float)).all()
    clusters = ws.clusters()
    assert not (clusters[c.NEAREST_LABEL] == c.NO_LABEL).any()
    assert not (items[c.SUGGESTED_LABEL] == c.NO_LABEL).any()
    assert "2 labels" in text_report(ws)
    health = ws.health()
    assert health is not None
    assert c.NO_LABEL not in dict(health.balance.sizes)


def test_embeddings_alone_miss_no_folder_of_images(tmp_path: Path) -> None:
    X, labels = clouds({"cat": 30, "dog": 30})
    np.savez(tmp_path / "X.npz", embeddings=X, labels=labels)
    ws = pipeline.run(tmp_path / "X.npz", tmp_path / "ws")
    assert ws.data_folder_problem() == ""


def test_labels_are_judged_as_if_the_others_were_not_there(tmp_path: Path) -> None:
    X, labels = clouds({"cat": 30, "dog": 30, "": 40})
    np.savez(tmp_path / "all.npz", embeddings=X, labels=labels)
    np.savez(tmp_path / "told.npz", embeddings=X[:60], labels=labels[:60])
    both = [pipeline.run(tmp_path / f"{n}.npz", tmp_path / n).classes() for n in ("all", "told")]
    scores = [frame.set_index(c.LABEL)[c.SPLIT_SCORE].to_dict() for frame in both]
    assert {name: scores[0][name] for name in ("cat", "dog")} == scores[1]


def test_where_nothing_has_a_label_all_is_one_class(tmp_path: Path) -> None:
    X, _ = clouds({"cat": 15, "dog": 15})
    np.savez(tmp_path / "e.npz", embeddings=X)
    classes = pipeline.run(tmp_path / "e.npz", tmp_path / "ws").classes()
    assert list(classes[c.LABEL]) == [c.NO_LABEL]
    assert classes[c.SPLIT_REASON].iloc[0] != unlabelled.REASON


def test_a_question_ends_the_run_before_anything_is_computed(tmp_path: Path) -> None:
    from PIL import Image

    for number in range(12):
        Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(
            tmp_path / f"{('cat', 'dog')[number % 2]}.{number}.png"
        )
    heard: list[str] = []
    with pytest.raises(UnclearSourceError, match="names of the files") as told:
        pipeline.run(tmp_path, tmp_path.parent / "ws", tell=heard.append)
    assert heard[0].startswith("Labels")
    option = told.value.hint.split("--label-from '")[1].split("'")[0]
    ws = pipeline.scan(tmp_path, tmp_path.parent / "ws", label_from=option)
    assert set(ws.manifest()[c.LABEL]) == {"cat", "dog"}


def test_where_nothing_can_be_read_the_first_reason_and_its_remedy_are_said(tmp_path: Path) -> None:
    (tmp_path / "data" / "a").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "data" / "a" / f"IMG_{number}.HEIC").write_bytes(
            b"\0\0\0\x18ftypheic" + bytes(99)
        )
    with pytest.raises(
        SourceError, match=r"None of the 3 files .*'a/IMG_0.HEIC': it is a HEIC"
    ) as told:
        pipeline.scan(tmp_path / "data", tmp_path / "ws")
    assert told.value.hint.startswith("Convert it") or "pip install" in told.value.hint
