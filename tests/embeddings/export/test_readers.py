"""What other tools make of our exports: each reads one itself, where it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embeddings
from embeddings import columns as c
from embeddings import export
from tests.embeddings.export.making import hostile_labels, make_source, zoo

NUMBERS = (c.CLUSTER, c.SUSPICION, c.X, c.SPLIT_SCORE, c.SIZE, c.CLUSTER_SUSPICION)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on embeddings, as Parquet and CSV; some of its columns hold nothing."""
    folder = tmp_path_factory.mktemp("readers")
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(4), 20)
    X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    ws = embeddings.run(X, folder / "ws", files=[f"{n}.jpg" for n in range(80)], labels=labels)
    for name in ("parquet", "csv"):
        ws.export(name, folder / name)
    return folder


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return pytest.importorskip("datasets", reason="needs Hugging Face datasets")


# of the other tool: files that it leaves to the collector, pandas' ways that are going out
theirs = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::ResourceWarning",
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
    "ignore:.*inplace keyword",
)


def loaded(datasets: Any, folder: Path, *part: str) -> Any:
    found = datasets.load_dataset(str(folder), *part, cache_dir=str(folder.parent / "cache"))
    assert list(found) == ["train"]
    return found["train"]


@theirs
def test_datasets_keeps_the_classes_of_an_image_folder(datasets: Any, tmp_path: Path) -> None:
    source = zoo(tmp_path / "images", per_label=4, images=True)
    export.write("imagefolder", source, tmp_path / "out")
    got = loaded(datasets, tmp_path / "out")
    assert isinstance(got.features["label"], datasets.ClassLabel)
    names = got.features["label"].names
    given = dict(zip(source.items[c.FILE], source.items[c.LABEL], strict=True))
    assert {row["original_file"]: names[row["label"]] for row in got} == given
    assert got[0]["image"].size == (24, 24)


@theirs
def test_datasets_reads_labels_of_any_kind(datasets: Any, tmp_path: Path) -> None:
    labels = [label for label in hostile_labels() if label and "\0" not in label]
    files = [f"in/{n}.jpg" for n in range(len(labels))]
    source = make_source(tmp_path / "images", files, labels, images=True)
    export.write("imagefolder", source, tmp_path / "out")
    got = loaded(datasets, tmp_path / "out")
    names = got.features["label"].names
    found = {row["original_file"]: names[row["label"]].removeprefix("'") for row in got}
    assert found == dict(zip(files, labels, strict=True))


@theirs
def test_datasets_takes_no_number_for_the_place_of_a_class(datasets: Any, tmp_path: Path) -> None:
    source = make_source(tmp_path / "i", ["a.jpg", "b.jpg", "c.jpg"], ["10", "2", "7"], images=True)
    export.write("imagefolder", source, tmp_path / "out")
    got = loaded(datasets, tmp_path / "out")
    names = got.features["label"].names
    found = {row["original_file"]: names[row["label"]] for row in got}
    assert found == {"a.jpg": "10", "b.jpg": "2", "c.jpg": "7"}


@theirs
def test_datasets_reads_each_table_of_a_parquet_export(datasets: Any, exported: Path) -> None:
    items = loaded(datasets, exported / "parquet")
    assert len(items) == 80
    assert len(items[0]["embedding"]) == 16
    assert loaded(datasets, exported / "parquet", "classes")[0]["label"] == "cat"
    assert len(loaded(datasets, exported / "parquet", "clusters")) == 4


@pytest.mark.parametrize("table", ["items", "classes", "clusters"])
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_polars_reads_numbers_as_numbers(exported: Path, kind: str, table: str) -> None:
    polars = pytest.importorskip("polars", reason="needs polars")
    read = polars.read_parquet if kind == "parquet" else polars.read_csv
    frame = read(exported / kind / f"{table}.{kind}")
    types = dict(frame.schema)
    assert len(frame) == {"items": 80, "classes": 3, "clusters": 4}[table]
    assert [types[name].is_numeric() for name in NUMBERS if name in types] == [
        True for name in NUMBERS if name in types
    ]
    assert types[c.LABEL] == polars.String
    flag = {"items": "explained_by_split", "classes": c.IS_SPLIT, "clusters": c.IS_ODD}[table]
    assert types[flag] == polars.Boolean
    assert kind == "csv" or polars.Null not in types.values()


@pytest.mark.parametrize("table", ["items", "classes", "clusters"])
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_duckdb_reads_numbers_as_numbers(exported: Path, kind: str, table: str) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    file = exported / kind / f"{table}.{kind}"
    with duckdb.connect() as base:
        told = base.execute("select * from read_csv(?)" if kind == "csv" else
                            "select * from read_parquet(?)", [str(file)])  # fmt: skip
        types = {name: str(kind_) for name, kind_, *_ in told.description}
    numeric = {"INTEGER", "BIGINT", "FLOAT", "DOUBLE", "NUMBER"}
    assert {types[name] for name in NUMBERS if name in types} <= numeric
    assert "NULL" not in {name.strip('"') for name in types.values()}


@theirs
def test_cleanlab_finds_issues_in_our_items_and_they_are_decided_on(
    exported: Path, tmp_path: Path
) -> None:
    cleanlab = pytest.importorskip("cleanlab", reason="needs cleanlab")
    pytest.importorskip("datasets", reason="cleanlab's Datalab needs datasets")
    items = pd.read_parquet(exported / "parquet" / "items.parquet")
    items.loc[[45, 70], c.LABEL] = ["owl", "dog"]
    lab = cleanlab.Datalab(data=items[[c.FILE, c.LABEL]], label_name=c.LABEL)
    lab.find_issues(features=np.stack(items["embedding"]), issue_types={"label": {}})
    issues = lab.get_issues("label")
    wrong = issues[issues["is_label_issue"]].assign(file=items[c.FILE])
    assert {"45.jpg", "70.jpg"} <= set(wrong["file"])
    source = embeddings.run(
        np.stack(items["embedding"]), tmp_path / "ws", files=items[c.FILE], labels=items[c.LABEL]
    )
    for label, rows in wrong.groupby("predicted_label"):
        source.decide(rows, "relabel", to=str(label), by="cleanlab")
    final = source.items().set_index("file")["final_label"]
    assert (final["45.jpg"], final["70.jpg"]) == ("dog", "owl")
    ours = pd.read_csv(source.export("cleanlab", tmp_path / "out").files[0])
    assert {"is_label_issue", "label_score", "given_label", "predicted_label"} <= set(ours)
    assert set(issues.columns) <= set(ours.columns)


def test_the_card_of_an_export_names_its_files(exported: Path) -> None:
    import yaml

    head = (exported / "parquet" / "README.md").read_text().split("---\n")[1]
    configs = {one["config_name"]: one["data_files"] for one in yaml.safe_load(head)["configs"]}
    assert list(configs)[:4] == ["items", "classes", "clusters", "merges"]
    assert json.dumps(configs["items"]) == '[{"split": "train", "path": "items.parquet"}]'
