"""What all tests share."""

from __future__ import annotations

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
# Tests that share something costly stay in one process: a browser with the demo data set, a
# PostgreSQL server, a Ray cluster.
TOGETHER = ("tests/e2e/", "tests/embeddings/decisions/", "tests/embeddings/engines/test_ray")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal the tests out one by one, but those of ``TOGETHER`` as a whole."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)

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
