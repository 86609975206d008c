"""The stages together, on images made here and a model that takes no time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import embeddings
from embeddings import columns as c
from embeddings import images, pipeline
from embeddings.errors import MissingStageError, SourceError, UsageError
from embeddings.pipeline import shard_writer
from embeddings.records import Batch, Prepared
from embeddings.workspace import folder_of_model

CODE_ROOT = Path(__file__).resolve().parents[3]


class Colours:
    """An extractor: the mean colour of each quarter, and a head that says bright or dark."""

    name = "colours"
    fingerprint = "c0105" * 8
    input_size = 16
    width = 12
    classes = ("dark", "bright")
    notes = ("A note of the model.",)

    def __init__(self) -> None:
        self.seen = 0

    def extract(self, images: np.ndarray) -> Batch:
        self.seen += len(images)
        x = images.astype(np.float32) / 255
        quarters = [x[:, i : i + 8, j : j + 8].mean(axis=(1, 2)) for i in (0, 8) for j in (0, 8)]
        bright = x.mean(axis=(1, 2, 3))
        return Batch(np.concatenate(quarters, axis=1), np.stack([1 - bright, bright], axis=1))


def draw(folder: Path, n: int, colour: tuple[int, int, int], seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    start = len(list(folder.iterdir()))
    for i in range(start, start + n):
        pixels = np.clip(rng.normal(colour, 25, (24, 24, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:03d}.png")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    draw(root / "night", 12, (20, 20, 40), 1)
    draw(root / "mixed", 12, (230, 40, 40), 2)
    draw(root / "mixed", 6, (20, 20, 40), 3)
    draw(root / "grass", 12, (40, 200, 40), 4)
    (root / "grass" / "broken.png").write_bytes((root / "grass" / "000.png").read_bytes()[:60])
    return root


def test_from_images_to_frames(photos: Path, tmp_path: Path) -> None:
    heard: list[tuple[int, int, str]] = []
    ws = embeddings.run(
        photos,
        tmp_path / "ws",
        model=Colours(),
        progress=lambda done, total, what: heard.append((done, total, what)),
    )
    items = ws.items()
    assert len(items) == 43
    assert items[c.FILE].is_unique
    broken = items[items[c.FILE] == "grass/broken.png"].iloc[0]
    assert broken[c.STATUS] == c.UNREADABLE
    assert broken[c.REASON]
    assert broken[c.CLUSTER] == c.NOISE
    assert set(ws.classes()[c.LABEL]) == {"night", "mixed", "grass"}
    assert ws.classes()[c.SIZE].sum() == 42
    good = items[items[c.STATUS] == c.OK]
    assert good[[c.X, c.Y, c.MAP_X, c.MAP_Y]].notna().all().all()
    assert set(good[good[c.LABEL] == "night"][c.PREDICTED]) == {"dark"}
    assert good[c.PREDICTED_PROBABILITY].between(0.5, 1).all()
    assert "A note of the model." in ws.notes()
    assert ws.thumbnail(good[c.SHA256].iloc[0])[:2] == b"\xff\xd8"
    assert {what for _, _, what in heard} >= {"scan", "embed", "cluster"}


def test_clusters_in_the_frames_agree(photos: Path, tmp_path: Path) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours())
    items, clusters, classes = ws.items(), ws.clusters(), ws.classes()
    counted = items[items[c.CLUSTER] >= 0].groupby([c.LABEL, c.CLUSTER]).size()
    said = clusters.set_index([c.LABEL, c.CLUSTER])[c.SIZE]
    pd.testing.assert_series_equal(
        counted.sort_index(),
        said.sort_index(),
        check_names=False,
        check_dtype=False,
        check_index_type=False,
    )
    pd.testing.assert_series_equal(
        clusters.groupby(c.LABEL).size().sort_index(),
        classes.set_index(c.LABEL)[c.N_CLUSTERS].sort_index(),
        check_names=False,
        check_dtype=False,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def test_only_new_images_are_embedded_and_removed_ones_leave(photos: Path, tmp_path: Path) -> None:
    embeddings.run(photos, tmp_path / "ws", model=Colours())
    draw(photos / "grass", 1, (40, 200, 40), 9)
    gone = photos / "night" / "003.png"
    gone.unlink()
    again = Colours()
    ws = embeddings.run(photos, tmp_path / "ws", model=again)
    assert again.seen <= 32  # one batch, padded or not
    assert "night/003.png" not in set(ws.items()[c.FILE])
    assert len(ws.items()) == 43


def test_a_second_run_changes_nothing(photos: Path, tmp_path: Path) -> None:
    embeddings.run(photos, tmp_path / "ws", model=Colours())
    first = tree(tmp_path / "ws")
    idle = Colours()
    embeddings.run(photos, tmp_path / "ws", model=idle)
    assert idle.seen == 0
    assert tree(tmp_path / "ws") == first


def test_two_models_are_never_mixed(photos: Path, tmp_path: Path) -> None:
    embeddings.run(photos, tmp_path / "ws", model=Colours())
    other = Colours()
    other.fingerprint, other.name = "0ther" * 8, "other"
    ws = embeddings.run(photos, tmp_path / "ws", model=other)
    assert other.seen >= 42
    assert ws.info.model is not None
    assert ws.info.model.name == "other"
    assert len(list((tmp_path / "ws" / "embeddings").iterdir())) == 2


KILLED = """
    import sys
    from embeddings.pipeline import shard_writer
    from tests.embeddings.pipeline.test_run import in_stages

    shard_writer.SHARD_SIZE = 8
    in_stages(sys.argv[1], sys.argv[2], sys.argv[3], killed_at=21)
"""


def in_stages(
    photos: str | Path, workspace: str | Path, looks: str, killed_at: int | None = None
) -> None:
    def progress(done: int, total: int, what: str) -> None:
        if what == "embed" and done == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    pipeline.scan(photos, workspace)
    second = Greys() if looks == "two" else "none"
    pipeline.embed(workspace, model=Colours(), second_look=second, batch_size=4, progress=progress)
    pipeline.cluster(workspace)


@pytest.mark.parametrize(("looks", "shards"), [("one", 2), ("two", 4)])
def test_a_run_killed_in_the_middle_goes_on_to_the_same_bytes(
    photos: Path, tmp_path: Path, looks: str, shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(KILLED), photos, tmp_path / "killed", looks]
    env = {**os.environ, "PYTHONPATH": str(CODE_ROOT)}
    assert subprocess.run(command, check=False, env=env).returncode == -signal.SIGKILL
    assert len(list((tmp_path / "killed" / "embeddings").rglob("shard-*.arrow"))) == shards
    monkeypatch.setattr(shard_writer, "SHARD_SIZE", 8)
    in_stages(photos, tmp_path / "killed", looks)
    in_stages(photos, tmp_path / "whole", looks)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_ready_made_embeddings_need_no_images(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    files = np.array([f"{label}/{i}.jpg" for label in "ab" for i in range(10)])
    X = rng.normal(size=(20, 6)).astype(np.float32) + np.repeat([[0.0], [5.0]], 10, axis=0)
    np.savez(
        tmp_path / "e.npz",
        embeddings=X,
        files=files,
        labels=np.array([f.split("/")[0] for f in files]),
    )
    ws = embeddings.run(tmp_path / "e.npz", tmp_path / "ws")
    assert set(ws.classes()[c.LABEL]) == {"a", "b"}
    assert len(ws.items()) == 20


def test_a_run_is_checked(photos: Path, tmp_path: Path) -> None:
    (photos / "night" / "copy.png").write_bytes((photos / "grass" / "001.png").read_bytes())
    (photos / "night" / "named.jpg").write_bytes((photos / "night" / "002.png").read_bytes())
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours())
    health = ws.health()
    assert health is not None
    found = {finding.kind: finding for finding in health.findings}
    files = ws.items()[c.FILE]
    across = found["same picture under different labels"]
    assert sorted(files.iloc[list(across.items)]) == ["grass/001.png", "night/copy.png"]
    assert [files.iloc[row] for row in found["unreadable"].items] == ["grass/broken.png"]
    named = found["not what its name says"]
    assert [files.iloc[row] for row in named.items] == ["night/named.jpg"]
    assert ws.info.parameters["answers"] == "cross-check"


def test_checking_again_looks_only_at_new_pictures(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours())
    first = ws.health()
    monkeypatch.setattr(
        "embeddings.health.looking.measure", lambda jpeg: pytest.fail("looked at twice")
    )
    assert pipeline.check(tmp_path / "ws").health() == first


def test_the_models_own_answers_are_taken_where_it_knows_the_labels(
    photos: Path, tmp_path: Path
) -> None:
    model = Colours()
    with pytest.raises(UsageError, match="other names than the labels"):
        embeddings.run(photos, tmp_path / "ws", model=model, answers="model")
    (photos / "night").rename(photos / "dark")
    (photos / "grass").rename(photos / "bright")
    ws = embeddings.run(photos, tmp_path / "ws", model=model, answers="model")
    assert any("checked by the model" in note for note in ws.notes())
    assert ws.info.parameters["answers"] == "model"
    with pytest.raises(UsageError, match="cross-check"):
        pipeline.answers_named("nobody")


def test_a_model_without_answers_is_not_asked(tmp_path: Path) -> None:
    np.savez(tmp_path / "e.npz", embeddings=np.eye(20, 4), labels=["a", "b"] * 10)
    with pytest.raises(UsageError, match="says of no image"):
        embeddings.run(tmp_path / "e.npz", tmp_path / "ws", answers="model")


def test_a_stage_too_early_names_what_is_missing(photos: Path, tmp_path: Path) -> None:
    pipeline.scan(photos, tmp_path / "ws")
    with pytest.raises(MissingStageError, match="rosette embed"):
        pipeline.cluster(tmp_path / "ws")


def test_a_folder_without_images_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no images"):
        pipeline.scan(tmp_path / "empty", tmp_path / "ws")


def test_another_layout_is_another_drawing_and_no_other_finding(
    photos: Path, tmp_path: Path
) -> None:
    ours = embeddings.run(photos, tmp_path / "ours", model=Colours())
    theirs = embeddings.run(photos, tmp_path / "theirs", model=Colours(), layout="umap-learn")
    assert theirs.info.parameters["layout"] == "umap-learn"
    assert theirs.run_id != ours.run_id
    pd.testing.assert_frame_equal(theirs.classes(), ours.classes())
    pd.testing.assert_frame_equal(theirs.clusters(), ours.clusters())
    places = [c.X, c.Y, c.MAP_X, c.MAP_Y]
    pd.testing.assert_frame_equal(
        theirs.items().drop(columns=places), ours.items().drop(columns=places)
    )
    drawn = theirs.items()[places].dropna().to_numpy()
    assert drawn.shape == (42, 4)
    assert np.isfinite(drawn).all()
    assert np.abs(drawn).max() == pytest.approx(1, abs=1e-5)
    assert (drawn != ours.items()[places].dropna().to_numpy()).any()


def test_a_layout_that_there_is_not_is_said() -> None:
    with pytest.raises(UsageError, match="no layout called tsne"):
        pipeline.layout_named("tsne")


def test_predictions_of_a_model_become_slices(photos: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.csv"
    files = sorted(f.relative_to(photos).as_posix() for f in photos.rglob("*.png"))
    rows = [(f, "night" if f in files and _is_dark(photos / f) else f.split("/")[0]) for f in files]
    pd.DataFrame(rows, columns=["file", "predicted"]).assign(split="test").to_csv(told, index=False)
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), predictions=told)
    report = ws.slices()
    assert report is not None
    assert (report.counted, report.right, report.evidence) == (42, 36, "held out")
    (found,) = report.failing
    assert (found.label, found.taken_for, found.counted, found.right) == ("mixed", "night", 6, 0)
    assert set(ws.items()[c.FILE].iloc[found.items]) == {
        f"mixed/{n:03d}.png" for n in range(12, 18)
    }
    again = pipeline.slices(tmp_path / "ws").slices()  # the predictions were kept
    assert again is not None
    pd.testing.assert_frame_equal(again.frame(), report.frame())


def _is_dark(file: Path) -> bool:
    try:
        with Image.open(file) as image:
            return bool(np.asarray(image).mean() < 60)
    except OSError:
        return False


def test_without_predictions_there_are_no_slices(photos: Path, tmp_path: Path) -> None:
    assert embeddings.run(photos, tmp_path / "ws", model=Colours()).slices() is None


class Greys(Colours):
    """A further model, which sees brightness alone."""

    name = "greys"
    fingerprint = "9"
    width = 4
    classes = None  # type: ignore[assignment]

    def extract(self, images: np.ndarray) -> Batch:
        self.seen += len(images)
        x = images.astype(np.float32) / 255
        quarters = [x[:, i : i + 8, j : j + 8].mean(axis=(1, 2, 3)) for i in (0, 8) for j in (0, 8)]
        return Batch(np.stack(quarters, axis=1).astype(np.float32), None)


def test_a_second_look_is_kept_beside_the_first(photos: Path, tmp_path: Path) -> None:
    other = Greys()
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), second_look=other)
    seen = other.seen
    assert seen >= 42
    assert ws.info.model is not None
    assert ws.info.second is not None
    assert (ws.info.model.name, ws.info.second.name) == ("colours", "greys")
    assert ws.classes()[c.SECOND_SCORE].notna().any()
    run_id = ws.run_id
    again = embeddings.run(photos, tmp_path / "ws", model=Colours(), second_look=other)
    assert (other.seen, again.run_id) == (seen, run_id)
    alone = embeddings.run(photos, tmp_path / "ws", model=Colours(), second_look="none")
    assert alone.info.second is None
    assert alone.run_id != run_id
    assert alone.classes()[c.SECOND_SCORE].isna().all()


def test_each_file_is_decoded_once_for_both_looks(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[tuple[int, ...]] = []
    real = images.prepare_all

    def counting(path: Path, sizes: tuple[int, ...]) -> tuple[Prepared, ...]:
        decoded.append(tuple(sizes))
        return real(path, sizes)

    monkeypatch.setattr(images, "prepare_all", counting)
    small = Greys()
    small.input_size = 12
    pipeline.scan(photos, tmp_path / "both")
    both = pipeline.embed(tmp_path / "both", model=Colours(), second_look=small)
    readable = int((both.manifest()[c.STATUS] == c.OK).sum())
    assert decoded == [(Colours.input_size, 12)] * readable
    # and each model says what it says alone
    for model in (Colours(), small):
        pipeline.scan(photos, tmp_path / model.name)
        alone = pipeline.embed(tmp_path / model.name, model=model, second_look="none")
        keys = alone.manifest()[c.SHA256].tolist()
        np.testing.assert_array_equal(
            both.store(model.fingerprint).matrix(keys, model.width),
            alone.store(model.fingerprint).matrix(keys, model.width),
        )


def test_of_two_looks_only_what_is_missing_is_computed(photos: Path, tmp_path: Path) -> None:
    pipeline.scan(photos, tmp_path / "ws")
    pipeline.embed(tmp_path / "ws", model=Colours(), second_look="none")
    own, other = Colours(), Greys()
    ws = pipeline.embed(tmp_path / "ws", model=own, second_look=other, batch_size=4)
    assert (own.seen, other.seen >= 42) == (0, True)
    thumbnails = sorted((tmp_path / "ws" / "thumbnails").iterdir())
    draw(photos / "grass", 1, (40, 200, 40), 9)
    pipeline.scan(photos, tmp_path / "ws")
    seen = other.seen
    ws = pipeline.embed(tmp_path / "ws", model=own, second_look=other, batch_size=4)
    assert (own.seen, other.seen - seen) == (4, 4)  # one batch of each
    assert len(list((tmp_path / "ws" / "thumbnails").iterdir())) == len(thumbnails) + 1
    assert ws.info.second is not None


def test_a_model_that_is_its_own_second_look_is_one_look(photos: Path, tmp_path: Path) -> None:
    pipeline.scan(photos, tmp_path / "ws")
    ws = pipeline.embed(tmp_path / "ws", model=Colours(), second_look=Colours())
    assert ws.info.second is None
    (folder,) = (tmp_path / "ws" / "embeddings").iterdir()
    assert ws.store(Colours.fingerprint).facts().index.is_unique
    assert folder.name == folder_of_model(Colours.fingerprint)


def test_a_second_look_leaves_out_what_has_no_label(photos: Path, tmp_path: Path) -> None:
    draw(photos, 5, (200, 200, 40), 9)  # beside the folders: without a label
    ws = embeddings.run(photos, tmp_path / "ws", model=Colours(), second_look=Greys())
    assert len(ws.items()) == 48
    assert ws.classes()[c.SECOND_SCORE].notna().any()
