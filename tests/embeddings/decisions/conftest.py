"""Stores to test with: the same tests run on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from embeddings.decisions import Item, Store, open_store
from tests.embeddings.decisions.postgres import NoServerError, own_schema, running_server

HERE = Path(__file__).parent
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database on a server of our own; the test skips where there is none."""
    try:
        with running_server() as url:
            yield url
    except NoServerError as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_target(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """A function that gives the address of a store that is not there yet."""
    if request.param == "sqlite":

        def folder() -> str:
            path = tmp_path / f"ws{next(_numbers)}"
            path.mkdir()
            return str(path)

        return folder
    server = request.getfixturevalue("postgres")
    return lambda: own_schema(server, f"s{next(_numbers)}")


@pytest.fixture
def target(new_target: Callable[[], str]) -> str:
    """The address of a store that is not there yet."""
    return new_target()


class Minutes:
    """A clock that goes on by a minute whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2025, 3, 12, 14, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def store(target: str) -> Iterator[Store]:
    """An empty store."""
    with open_store(target, clock=Minutes()) as opened:
        yield opened


def some_items(n: int, label: str = "jaguar") -> list[Item]:
    """Items of one label, each with its own content."""
    return [Item(f"{label}/{i}.jpg", label, f"{i:04d}{label}".encode().hex()) for i in range(n)]
