"""No command imports what it does not use: that, not the clock, keeps the start quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.explorer.conftest import build_workspace

WATCHED = (
    "tensorflow", "keras", "umap", "hdbscan", "numba", "sklearn", "scipy", "pandas", "pyarrow",
    "PIL", "imagehash", "sqlalchemy", "alembic", "dash", "plotly", "flask", "ray", "fsspec",
    "onnx", "onnxruntime", "tensorboard",
)  # fmt: skip
FRAMES = {"pandas", "pyarrow"}


COMMAND = """
from explorer import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as stop:
    assert not stop.code, stop.code
"""
SERVING = """
from explorer.server.app import create_app
from explorer.data.dataset import Dataset
from explorer.data.services import Services
create_app(Services(Dataset(sys.argv[1])))
"""


def loaded(*arguments: str | Path, doing: str = COMMAND) -> set[str]:
    """Run a command in a process of its own; which of the watched packages it has loaded."""
    told = f"print('loaded:', *[m for m in {WATCHED!r} if m in sys.modules])"
    code = f"import sys\n{doing}\n{told}"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said, *packages = done.stdout.splitlines()[-1].split()
    assert said == "loaded:"
    return set(packages)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_workspace(tmp_path_factory.mktemp("startup") / "ws").path


@pytest.mark.parametrize("arguments", [["--version"], ["models"], ["formats"]])
def test_a_list_needs_nothing(arguments: list[str]) -> None:
    assert loaded(*arguments) == set()


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_report_needs_tables_only(workspace: Path, more: list[str]) -> None:
    assert loaded("report", workspace, *more) <= FRAMES


def test_an_export_needs_tables_and_decisions(workspace: Path, tmp_path: Path) -> None:
    found = loaded("export", workspace, tmp_path / "out", "--to", "csv")
    assert found <= FRAMES | {"sqlalchemy", "alembic"}


def test_serving_needs_no_model_and_no_clustering(workspace: Path) -> None:
    found = loaded(workspace, doing=SERVING)
    assert found <= FRAMES | {"PIL", "sqlalchemy", "dash", "plotly", "flask"}


def test_nothing_but_embedding_images_needs_a_model(tmp_path: Path) -> None:
    given = tmp_path / "given.npz"
    files = np.array([f"a/{n}.jpg" for n in range(12)])
    embeddings = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    np.savez(given, embeddings=embeddings, files=files, labels=np.array(["a"] * 12))
    assert loaded("scan", given, "-w", tmp_path / "ws") <= FRAMES | {"PIL"}
    assert loaded("embed", tmp_path / "ws") <= FRAMES | {"PIL"}
    found = loaded("cluster", tmp_path / "ws")
    assert not found & {"tensorflow", "keras", "umap", "dash", "plotly", "flask", "sqlalchemy"}
