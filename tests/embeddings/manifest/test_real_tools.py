"""Data sets made by ``datasets``, ``webdataset`` and Datumaro themselves.

Runs where ``ROSETTE_TOOLS`` names a Python that has them.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from embeddings import columns as c
from embeddings import manifest

PYTHON = os.environ.get("ROSETTE_TOOLS")
WRITER = Path(__file__).with_name("made_by_tools.py")

pytestmark = pytest.mark.skipif(
    PYTHON is None, reason="ROSETTE_TOOLS names no Python with datasets, webdataset and datumaro"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tools") / "made"
    root.mkdir()
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    subprocess.run([str(PYTHON), str(WRITER), str(root)], check=True, env=offline)
    return root


@pytest.mark.parametrize(
    ("name", "each"),
    [
        ("train-00000-of-00001.parquet", 4),
        ("saved", 4),
        ("saved/data-00000-of-00001.arrow", 4),
        ("saved_parts", 5),
        ("shard-000000.tar", 4),
        ("coco", 3),
        ("coco/annotations/instances_train.json", 3),
        ("yolo", 3),
        ("voc", 3),
        ("cvat", 3),
        ("label_me", 3),
    ],
)
def test_what_tools_write_is_read(made: Path, tmp_path: Path, name: str, each: int) -> None:
    result = manifest.scan(made / name, unpack_to=tmp_path / "ws")
    assert Counter(result.rows[c.LABEL]) == {"cat": each, "dog": each}
    assert set(result.rows[c.STATUS]) == {c.OK}


@pytest.mark.parametrize("name", ["coco", "yolo", "voc", "cvat", "label_me"])
def test_what_tools_write_is_relabelled(made: Path, tmp_path: Path, name: str) -> None:
    result = manifest.scan(made / name, unpack_to=tmp_path / "ws")
    cats = [file for file, label in zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True)
            if label == "cat"]  # fmt: skip
    written = manifest.relabelled_files(Path(result.root), {cats[0]: "dog"})
    assert written
    for file, text in written.items():
        (made / name / file).write_text(text)
    again = manifest.scan(made / name, unpack_to=tmp_path / "ws")
    assert Counter(again.rows[c.LABEL]) == {"cat": 2, "dog": 4}
