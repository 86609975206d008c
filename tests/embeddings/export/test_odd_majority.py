"""Every format, where the largest cluster of a label is the odd one."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from embeddings import columns as c
from embeddings import export
from embeddings.workspace import Workspace
from tests.embeddings.export.making import FOR_ANY_ITEMS

CARS = {f"jaguar/car-{n:02d}.png" for n in range(60)}


@pytest.fixture(scope="module")
def source(odd_majority: Workspace) -> export.ExportSource:
    return export.from_workspace(odd_majority)


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_the_run_finds_it(odd_majority: Workspace) -> None:
    clusters = odd_majority.clusters()
    jaguar = clusters[clusters[c.LABEL] == "jaguar"]
    assert jaguar[c.SIZE].tolist() == [60, 20]
    assert jaguar[c.IS_ODD].tolist() == [True, False]
    assert jaguar[c.SUGGESTED_LABEL].tolist()[0] == "car"
    assert not clusters[clusters[c.LABEL] != "jaguar"][c.IS_ODD].any()


@pytest.mark.parametrize("name", FOR_ANY_ITEMS)
def test_what_is_flagged_is_the_majority(
    name: str, source: export.ExportSource, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export.write(name, source, out, scope="flagged")
    assert export.scoped(source, export.Scope("flagged")).items[c.FILE].isin(CARS).all()
    written = {
        "csv": lambda: {row[c.FILE] for row in rows(out / "items.csv")},
        "parquet": lambda: set(pd.read_parquet(out / "items.parquet")[c.FILE]),
        "tensorboard": lambda: {
            row[c.FILE] for row in rows(out / "projector" / "0000" / "metadata.tsv", "\t")
        },
        "labelstudio": lambda: {
            task["data"][c.FILE] for task in json.loads((out / "tasks.json").read_text("utf-8"))
        },
        "fiftyone": lambda: {
            f"{key}.png"
            for key in json.loads((out / "labels.json").read_text(encoding="utf-8"))["labels"]
        },
        "cvat": lambda: {
            line.split()[0] for line in (out / "default.txt").read_text("utf-8").splitlines()
        },
        "cleanlab": lambda: {row[c.FILE] for row in rows(out / "label_issues.csv")},
        "imagefolder": lambda: {
            str(file.relative_to(out)) for file in out.rglob("*.png")
        },
    }  # fmt: skip
    written["imagefolder-copy"] = written["imagefolder"]
    assert {file.removeprefix("train/") for file in written[name]()} == CARS


def test_csv_and_parquet_say_which_cluster_is_odd(
    source: export.ExportSource, tmp_path: Path
) -> None:
    export.write("csv", source, tmp_path / "csv")
    export.write("parquet", source, tmp_path / "parquet")
    told = {
        (row[c.LABEL], row[c.CLUSTER]): row[c.IS_ODD]
        for row in rows(tmp_path / "csv" / "clusters.csv")
    }
    assert [key for key, odd in told.items() if odd == "true"] == [("jaguar", "0")]
    assert told["jaguar", "1"] == "false"
    frame = pd.read_parquet(tmp_path / "parquet" / "clusters.parquet")
    assert frame[frame[c.IS_ODD]][[c.LABEL, c.CLUSTER]].to_numpy().tolist() == [["jaguar", 0]]


def test_suggestions_go_to_the_majority(source: export.ExportSource, tmp_path: Path) -> None:
    export.write("labelstudio", source, tmp_path)
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert {t["data"][c.FILE] for t in tasks if t["data"]["suggestion"] == "car"} >= CARS


def test_tensorboard_flags_the_majority(source: export.ExportSource, tmp_path: Path) -> None:
    export.write("tensorboard", source, tmp_path)
    told = rows(tmp_path / "projector" / "0000" / "metadata.tsv", "\t")
    assert {row[c.FILE] for row in told if row["flagged"] == "yes"} == CARS
