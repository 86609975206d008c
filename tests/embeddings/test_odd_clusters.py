"""Which clusters are odd, also where no column says it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from embeddings import columns as c
from embeddings.odd_clusters import in_odd_cluster, odd_numbers, with_is_odd
from embeddings.storage import write_frame
from embeddings.workspace import Info, Workspace

CLUSTERS = pd.DataFrame(
    [("jaguar", 0, 0.9, True), ("jaguar", 1, 0.0, False), ("car", 0, 0.0, False)],
    columns=[c.LABEL, c.CLUSTER, c.SUSPICION, c.IS_ODD],
)
ITEMS = pd.DataFrame(
    [("jaguar", 0), ("jaguar", 1), ("car", 0), ("jaguar", -1)], columns=[c.LABEL, c.CLUSTER]
)


def test_the_column_is_what_counts() -> None:
    swapped = CLUSTERS.assign(**{c.IS_ODD: [False, True, False]})
    assert odd_numbers(CLUSTERS[CLUSTERS[c.LABEL] == "jaguar"]) == (0,)
    assert odd_numbers(swapped[swapped[c.LABEL] == "jaguar"]) == (1,)
    assert in_odd_cluster(ITEMS, CLUSTERS).tolist() == [True, False, False, False]
    assert in_odd_cluster(ITEMS, swapped).tolist() == [False, True, False, False]


def test_without_the_column_a_suspicion_says_it() -> None:
    before = CLUSTERS.drop(columns=c.IS_ODD)
    assert with_is_odd(before)[c.IS_ODD].tolist() == [True, False, False]
    assert with_is_odd(before).columns.tolist() == CLUSTERS.columns.tolist()
    assert in_odd_cluster(ITEMS, before).tolist() == [True, False, False, False]


def test_without_anything_to_go_by_nothing_is_odd() -> None:
    bare = CLUSTERS[[c.LABEL, c.CLUSTER]]
    assert not in_odd_cluster(ITEMS, bare).any()
    assert not in_odd_cluster(ITEMS[[c.LABEL]], CLUSTERS).any()
    assert odd_numbers(CLUSTERS.iloc[:0]) == ()


def test_a_cluster_that_is_missing_is_noise() -> None:
    items = ITEMS.assign(**{c.CLUSTER: [0.0, float("nan"), 0.0, -1.0]})
    assert in_odd_cluster(items, CLUSTERS).tolist() == [True, False, False, False]


def test_a_workspace_written_before_is_read_with_the_column(tmp_path: Path) -> None:
    ws = Workspace.create(
        tmp_path, Info(source="s", root="r", labelled=True, name="n", run_id="one")
    )
    write_frame(ws.run_folder / "clusters.parquet", CLUSTERS.drop(columns=c.IS_ODD))
    assert ws.clusters()[c.IS_ODD].tolist() == [True, False, False]
