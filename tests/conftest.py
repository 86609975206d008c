"""What all tests share."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from embeddings.workspace import Workspace
    from tests.drawn_words import DrawnRun

# The same examples on every run, and no opinion on how fast a busy machine is.
settings.register_profile("rosette", deadline=None, derandomize=True)
settings.load_profile("rosette")

ROOT = Path(__file__).resolve().parent.parent
# Files that share something costly stay in one process, every other file is dealt out by itself.
DEMO = "the demo data set"
RAY = "a Ray cluster"
POSTGRES = "a PostgreSQL server"
# What takes longest is begun first, so that at the end no process is left alone with it. The first
# row that a test's file begins with counts.
ORDER: tuple[tuple[str, str], ...] = (
    ("tests/e2e/test_deciding", DEMO),
    ("tests/e2e/test_journeys", DEMO),
    ("tests/e2e/test_projector", DEMO),
    ("tests/e2e/test_telemetry", DEMO),
    ("tests/e2e/test_desk", ""),
    ("tests/embeddings/engines/test_ray", RAY),
    ("tests/e2e/", ""),
    ("tests/embeddings/decisions/", POSTGRES),
    ("tests/embeddings/backbones/", ""),
    ("tests/faults/", ""),
    ("tests/embeddings/pipeline/", ""),
    ("", ""),
)


def row_of(nodeid: str) -> int:
    return next(n for n, (begin, _) in enumerate(ORDER) if nodeid.startswith(begin))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: row_of(item.nodeid))


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what stays to the end: modules and tests."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal the tests out by file, in their order, and those that share something as a whole."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return ORDER[row_of(nodeid)][1] or nodeid.split("::")[0]

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the project; the test skips where it is missing."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"needs the test data in {folder.name}/ beside the project")
    return folder


@pytest.fixture(scope="session")
def odd_majority(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A run with a label *jaguar* of 60 cars and 20 cats, beside a label *car*."""
    from tests.odd_majority import odd_majority as made

    return made(tmp_path_factory.mktemp("odd-majority"))


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DrawnRun:
    """A run over drawn pictures, one label of which hides two kinds, with a text model."""
    from tests.drawn_words import drawn_run

    return drawn_run(tmp_path_factory.mktemp("drawn"))
