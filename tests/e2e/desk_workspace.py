"""A workspace that has something of each kind of finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from embeddings import columns as c
from embeddings.label_errors import CHECKED
from embeddings.pipeline import check
from embeddings.slices import FILE_FACT, Group, find_slices, write_slices
from embeddings.workspace import Workspace
from tests.explorer.conftest import build_workspace, name_cluster

CRANES, CUPS = range(13, 19), range(19, 24)


def build_desk(path: Path) -> Path:
    """A run with something of each kind: a split of two, one of five, suspects, copies, a merge."""
    ws = build_workspace(path, {"<b>cup</b>": "tea_cup"})
    items, classes, clusters = ws.items(), ws.classes(), ws.clusters()
    items.loc[list(CUPS), c.CLUSTER] = range(5)  # a cup of each kind
    items.loc[list(CRANES), c.SUSPICION] = [0.95, 0.94, 0.93, 0.92, 0.7, 0.1]
    items.loc[list(CRANES)[:5], c.SUGGESTED_LABEL] = "car"
    items.loc[26, c.SHA256] = items.loc[25, c.SHA256]  # one picture twice
    one, again = (path / "photos" / items.loc[row, c.FILE] for row in (25, 26))
    again.write_bytes(one.read_bytes())
    looks = items[c.LABEL].to_numpy(dtype=object, copy=True)
    looks[9:13], looks[24:27] = "car", "tea_cup"
    items[CHECKED] = looks
    classes.loc[2, [c.N_CLUSTERS, c.VERDICT, c.SPLIT_SCORE, c.IS_SPLIT]] = [
        5,
        "two kinds",
        0.9,
        True,
    ]
    cup = clusters[clusters[c.LABEL] == "tea_cup"]
    kinds = pd.concat([cup] * 5, ignore_index=True).assign(**{c.SIZE: 1, c.CLUSTER: range(5)})
    kinds[c.IS_ODD] = [False, True, True, True, True]
    kinds.loc[1, [c.SUGGESTED_LABEL, c.SUGGESTED_PROBABILITY]] = ["car", 0.9]
    clusters = pd.concat([clusters[clusters[c.LABEL] != "tea_cup"], kinds], ignore_index=True)
    ws.write_run("run1", {"items": items, "classes": classes, "clusters": clusters})
    pairs = pd.DataFrame({"label_a": ["crane"], "label_b": ["car"], "score": [0.95]})
    pairs.to_parquet(ws.run_folder / "merges.parquet")
    name_cluster(ws, "tea_cup", 2, "espresso, mug")  # as no label is called
    check(ws.path)
    fails_on_dark(ws)
    return ws.path


def fails_on_dark(ws: Workspace) -> None:
    """Predictions of a model that takes four true jaguars for cranes."""
    items = ws.items()
    labels = items[c.LABEL].to_numpy(dtype=object)
    predicted = labels.copy()
    predicted[:4] = "crane"
    group = Group("dark", FILE_FACT, np.arange(4))
    write_slices(ws.run_folder, find_slices(labels, predicted, groups=[group]), "told.csv")
