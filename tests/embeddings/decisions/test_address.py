"""Where a store lies, and that no message, however it fails, gives a password away."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from embeddings.decisions import StoreError, StoreUnreachableError, open_store
from embeddings.decisions.address import parse_address
from embeddings.decisions.sql import Database
from tests.embeddings.decisions.postgres import own_schema

SECRET = "s3cr et/päß"
URL = "postgresql+psycopg://mara:s3cr%20et%2Fp%C3%A4%C3%9F@/photos?host=/nonexistent"


def plain(url: str) -> str:
    """Return the URL as the driver itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_workspace_keeps_its_store_in_a_file(tmp_path: Path) -> None:
    address = parse_address(tmp_path)
    assert address.is_sqlite
    assert address.shown == str(tmp_path / "decisions.sqlite")
    assert parse_address(f"sqlite:///{tmp_path}/x.db").shown == f"{tmp_path}/x.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_by_any_of_its_names(scheme: str) -> None:
    address = parse_address(f"{scheme}://mara:{SECRET[:3]}@db:5433/photos?sslmode=require")
    assert address.url.drivername == "postgresql+psycopg"
    assert address.shown == "postgresql://db:5433/photos"


@pytest.mark.parametrize(
    "url", ["mysql://mara:pw@db/photos", "sqlite://", "postgresql+asyncpg://mara:pw@db/x", "://pw"]
)
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="workspace folder, or postgresql") as caught:
        open_store(url)
    assert "pw" not in str(caught.value)


def test_a_url_that_is_none_is_not_repeated() -> None:
    with pytest.raises(StoreError, match="can't be read") as caught:
        open_store(f"postgresql://mara:{SECRET}@db:port/photos")
    assert "s3cr" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="rosette run"):
        open_store(tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


def test_neither_repr_shows_user_or_password() -> None:
    address = parse_address(URL)
    assert address.url.password == SECRET
    for thing in (address, Database(address)):
        assert "mara" not in repr(thing)
        assert "s3cr" not in repr(thing)


def test_scrubbing_knows_every_spelling() -> None:
    address = parse_address(URL + "&sslpassword=tls1")
    said = f"mara {SECRET} 's3cr+et%2Fp%C3%A4%C3%9F' s3cr%20et%2Fp%C3%A4%C3%9F tls1 maranta"
    assert address.scrubbed(said) == "*** *** '***' *** *** maranta"


def test_an_unreachable_server_is_said_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreUnreachableError) as caught:
        open_store(URL)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "can't be reached" in told
    assert "s3cr" not in told
    assert "mara" not in told


def test_a_wrong_password_is_said_without_secrets(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(postgres).set(username="mara", password="s3cret")
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreUnreachableError) as caught:
        open_store(url.render_as_string(hide_password=False))
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "password authentication failed" in told
    assert "s3cret" not in told
    assert "mara" not in told


def test_a_database_that_is_not_there(postgres: str) -> None:
    url = make_url(postgres).set(database="nowhere")
    with pytest.raises(StoreUnreachableError, match='"nowhere" does not exist'):
        open_store(url.render_as_string(hide_password=False))


def test_a_schema_that_is_not_there(postgres: str) -> None:
    url = make_url(postgres).update_query_dict({"options": "-csearch_path=nowhere"})
    with pytest.raises(StoreError, match="may make and write tables in this schema"):
        open_store(url.render_as_string(hide_password=False))


def test_a_server_that_was_restarted_is_no_error(postgres: str) -> None:
    with open_store(own_schema(postgres, "restarted")) as store:
        store.assign(["jaguar"], "Mara", by="Mara")
        with psycopg.connect(plain(postgres), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        assert store.position() == 1


def test_a_database_in_a_narrow_encoding_is_refused(postgres: str) -> None:
    url = make_url(postgres)
    with psycopg.connect(plain(postgres), autocommit=True) as connection:
        connection.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="LATIN1"):
        open_store(url.set(database="narrow").render_as_string(hide_password=False))
