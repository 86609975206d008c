"""A small workspace, written without running the pipeline."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings.thumbnails import write_thumbnails
from embeddings.workspace import Info, ModelInfo, Workspace


def _jpeg(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "JPEG")
    return out.getvalue()


def build_workspace(path: Path) -> Workspace:
    """Three labels: one split, one doubtful, one whole; one file that could not be read."""
    rows = []
    plan = [("jaguar", 0, 9), ("jaguar", 1, 4), ("crane", 0, 6), ("<b>cup</b>", 0, 5)]
    rng = np.random.default_rng(0)
    thumbnails = {}
    for label, cluster, count in plan:
        for i in range(count):
            file = f"{label}/{cluster}-{i}.jpg"
            sha = hashlib.sha256(file.encode()).hexdigest()
            thumbnails[sha] = _jpeg((40 * i, 200 * cluster, 90))
            rows.append((file, label, cluster, sha, c.OK, "", 1 - i / 10, *rng.normal(size=2)))
    rows.append(
        ("jaguar/cut.jpg", "jaguar", -1, "", c.UNREADABLE, "the file is cut short", 0, 0, 0)
    )
    names = [c.FILE, c.LABEL, c.CLUSTER, c.SHA256, c.STATUS, c.REASON, c.TYPICALITY, c.X, c.Y]
    items = pd.DataFrame(rows, columns=names)
    items.loc[items[c.STATUS] != c.OK, [c.X, c.Y]] = np.nan
    items = items.assign(
        **{c.CLUSTER_PROBABILITY: 1.0, c.SUSPICION: 0.1, c.SUGGESTED_LABEL: None, c.DECISION: ""}
    )
    classes = pd.DataFrame(
        [
            ("jaguar", 13, 2, 0.97, True, "two kinds", "", "All 4 sit closest to car."),
            ("crane", 6, 1, 0.41, False, "perhaps two", "two styles", "A narrow gap."),
            ("<b>cup</b>", 5, 1, 0.02, False, "one kind", "", "One group."),
        ],
        columns=[
            c.LABEL, c.SIZE, c.N_CLUSTERS, c.SPLIT_SCORE, c.IS_SPLIT, c.VERDICT, c.SPLIT_REASON,
            c.EVIDENCE,
        ],
    )  # fmt: skip
    clusters = pd.DataFrame(
        [
            ("jaguar", 0, 9, 0.05, None, 0.0),
            ("jaguar", 1, 4, 0.96, "car", 0.99),
            ("crane", 0, 6, 0.2, None, 0.0),
            ("<b>cup</b>", 0, 5, 0.0, None, 0.0),
        ],
        columns=[
            c.LABEL, c.CLUSTER, c.SIZE, c.SUSPICION, c.SUGGESTED_LABEL, c.SUGGESTED_PROBABILITY,
        ],
    )  # fmt: skip
    info = Info(
        source="photos",
        root=str(path / "photos"),
        labelled=True,
        name="photos",
        model=ModelInfo("embedded", "f" * 16, 4, notes=("The embedded model was used.",)),
    )
    ws = Workspace.create(path, info)
    write_thumbnails(path / "thumbnails" / "a.arrow", list(thumbnails), list(thumbnails.values()))
    ws.write_run("run1", {"items": items, "classes": classes, "clusters": clusters})
    return ws


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_workspace(tmp_path_factory.mktemp("explorer") / "ws")
