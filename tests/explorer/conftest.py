"""A small workspace, written without running the pipeline."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from PIL import Image

from embeddings import columns as c
from embeddings.storage import ShardRow, write_thumbnails
from embeddings.workspace import KIND_NAMES_FILE, Info, ModelInfo, Workspace
from explorer.data import Dataset, Services
from explorer.server import create_app

FINGERPRINT = "f" * 64
# label, cluster, images; the odd part of jaguar lies where car lies
PLAN = (
    ("jaguar", 0, 9), ("jaguar", 1, 4), ("crane", 0, 6), ("<b>cup</b>", 0, 5), ("car", 0, 5),
)  # fmt: skip
CENTRES = {("jaguar", 0): 0, ("jaguar", 1): 1, ("car", 0): 1, ("crane", 0): 2, ("<b>cup</b>", 0): 3}


def _jpeg(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "JPEG")
    return out.getvalue()


def build_workspace(path: Path, names: Mapping[str, str] | None = None) -> Workspace:
    """Four labels: one split, one doubtful, two whole; one file that could not be read.

    ``names`` gives labels, and the folders of their files, other names.
    """
    rng = np.random.default_rng(0)
    rows, embedded, thumbnails = [], [], {}
    for label, cluster, count in PLAN:
        for i in range(count):
            file = f"{label}/{cluster}-{i}.jpg"
            picture = _jpeg((40 * i % 256, 200 * cluster, 90))
            sha = hashlib.sha256(file.encode()).hexdigest()
            if label == "car":  # the only images that lie where they were
                image = path / "photos" / file
                image.parent.mkdir(parents=True, exist_ok=True)
                image.write_bytes(picture)
                sha = hashlib.sha256(picture).hexdigest()
            thumbnails[sha] = picture
            x, y = rng.normal(size=2) + 6 * CENTRES[label, cluster]
            suggested = "car" if (label, cluster) == ("jaguar", 1) else None
            suspicion = 0.9 if suggested else 0.1
            rows.append(
                (
                    file, label, cluster, 1.0, suspicion, suggested, "", x, y, x, y, 1 - i / 10,
                    "sports car" if suggested else "cat", 0.8, sha, c.OK, "", 4000, "JPEG", 32, 32,
                    False,
                )
            )  # fmt: skip
            vector = rng.normal(scale=0.2, size=4)
            vector[CENTRES[label, cluster]] += 1
            embedded.append(
                ShardRow(
                    sha, vector.astype(np.float32), classes=(1, 0), probabilities=(0.8, 0.1),
                    width=32, height=32, format="JPEG",
                )
            )  # fmt: skip
    nan = float("nan")
    rows.append(
        (
            "jaguar/cut.jpg", "jaguar", -1, 0.0, nan, None, "", nan, nan, nan, nan, 0.0, None, nan,
            "", c.UNREADABLE, "the file is cut short", 10, "", 0, 0, False,
        )
    )  # fmt: skip
    items = pd.DataFrame(
        rows,
        columns=[
            c.FILE, c.LABEL, c.CLUSTER, c.CLUSTER_PROBABILITY, c.SUSPICION, c.SUGGESTED_LABEL,
            c.DECISION, c.X, c.Y, c.MAP_X, c.MAP_Y, c.TYPICALITY, c.PREDICTED,
            c.PREDICTED_PROBABILITY, c.SHA256, c.STATUS, c.REASON, c.BYTES, c.FORMAT, c.WIDTH,
            c.HEIGHT, c.GREY,
        ],
    )  # fmt: skip
    classes = pd.DataFrame(
        [
            ("jaguar", 13, 2, 0.97, True, "two kinds", "", "All 4 sit closest to car."),
            ("crane", 6, 1, 0.41, False, "perhaps two", "two styles", "A narrow gap."),
            ("<b>cup</b>", 5, 1, 0.02, False, "one kind", "", "One group."),
            ("car", 5, 1, 0.01, False, "one kind", "", "One group."),
        ],
        columns=[
            c.LABEL, c.SIZE, c.N_CLUSTERS, c.SPLIT_SCORE, c.IS_SPLIT, c.VERDICT, c.SPLIT_REASON,
            c.EVIDENCE,
        ],
    )  # fmt: skip
    clusters = pd.DataFrame(
        [
            ("jaguar", 0, 9, 0.0, False, None, 0.0, "crane", 0.3, 1.0, 0.9, 1.0),
            ("jaguar", 1, 4, 0.96, True, "car", 0.99, "car", 0.95, 1.0, 0.9, 1.0),
            ("crane", 0, 6, 0.0, False, None, 0.0, None, 0.0, 0.5, 0.2, 0.5),
            ("<b>cup</b>", 0, 5, 0.0, False, None, 0.0, None, 0.0, 0.1, 0.0, 1.0),
            ("car", 0, 5, 0.0, False, None, 0.0, None, 0.0, 0.1, 0.0, 1.0),
        ],
        columns=[
            c.LABEL, c.CLUSTER, c.SIZE, c.SUSPICION, c.IS_ODD, c.SUGGESTED_LABEL,
            c.SUGGESTED_PROBABILITY, c.NEAREST_LABEL, c.NEAREST_SIMILARITY, c.OUTSIDE_SHARE, c.GAP,
            c.STABILITY,
        ],
    )  # fmt: skip
    info = Info(
        source="photos",
        root=str(path / "photos"),
        labelled=True,
        name="photos",
        model=ModelInfo(
            "embedded", FINGERPRINT, 4, classes=("cat", "sports car"),
            notes=("The embedded model was used.",),
        ),
    )  # fmt: skip
    ws = Workspace.create(path, info)
    ws.store(FINGERPRINT).write(0, embedded, 4)
    write_thumbnails(path / "thumbnails" / "a.arrow", list(thumbnails), list(thumbnails.values()))
    frames = {"items": items, "classes": classes, "clusters": clusters}
    for old, new in (names or {}).items():
        for frame in frames.values():
            named = [n for n in (c.LABEL, c.SUGGESTED_LABEL, c.NEAREST_LABEL) if n in frame]
            frame[named] = frame[named].replace(old, new)
        items[c.FILE] = [file.replace(f"{old}/", f"{new}/") for file in items[c.FILE]]
    ws.write_run("run1", frames)
    return ws


def name_cluster(ws: Workspace, label: str, cluster: int, name: str, general: str = "") -> None:
    """Write what the model's classes call one cluster, and no other, beside the run."""
    row = (label, cluster, name, general, 3, 4, 2.0, "")
    frame = pd.DataFrame([row], columns=[c.LABEL, c.CLUSTER, *c.KIND_COLUMNS])
    frame.to_parquet(ws.run_folder / KIND_NAMES_FILE)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_workspace(tmp_path_factory.mktemp("explorer") / "ws")


@pytest.fixture(scope="session")
def dataset(workspace: Workspace) -> Dataset:
    return Dataset(workspace.path)


@pytest.fixture(scope="module")
def client(dataset: Dataset) -> Iterator[FlaskClient]:
    with create_app(Services(dataset)).server.test_client() as client:
        yield client
