"""The address of a store, and how to show it without a password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from embeddings.decisions.errors import StoreError, StoreUnreachableError

FILE_NAME: Final = "decisions.sqlite"
_HOW: Final = "Give a workspace folder, or postgresql+psycopg://user:password@host/database."
_SECRET_OPTIONS: Final = ("user", "password", "passfile", "sslpassword", "sslkey", "service")


@dataclass(frozen=True, slots=True)
class Address:
    """A store's address; only :attr:`shown` may be printed, and ``repr`` prints nothing else."""

    url: URL = field(repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """The path, or server and database; neither user nor password nor options."""
        if self.is_sqlite:
            return str(self.url.database)
        port = f":{self.url.port}" if self.url.port else ""
        return f"postgresql://{self.url.host or ''}{port}/{self.url.database or ''}"

    def scrubbed(self, text: str) -> str:
        """Return ``text`` with user, password and the like replaced by ``***``."""
        options = [self.url.query.get(name) for name in _SECRET_OPTIONS]
        given = [self.url.username, self.url.password]
        given += [o for option in options for o in ([option] if isinstance(option, str) else [])]
        for secret in sorted(filter(None, given), key=len, reverse=True):
            for spelt in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = re.sub(rf"(?<!\w){re.escape(spelt)}(?!\w)", "***", text)
        return text


def parse_address(target: str | Path) -> Address:
    """Read a workspace folder or a database URL.

    Raises
    ------
    StoreError
        The URL is none, or names another kind of database.
    StoreUnreachableError
        There is no such folder.
    """
    text = str(target)
    if "://" not in text:
        folder = Path(text)
        if not folder.is_dir():
            raise StoreUnreachableError(
                f"{folder} is no folder, so it holds no decisions.",
                hint=f"Make a workspace with `rosette run SOURCE -w {folder}`.",
            )
        return Address(URL.create("sqlite", database=str(folder.resolve() / FILE_NAME)))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the text may hold a password, so it is not repeated
        raise StoreError("The address of the store can't be read.", hint=_HOW) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return Address(url.set(drivername="postgresql+psycopg"))
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database not in (None, ":memory:"):
        return Address(url.set(drivername="sqlite"))
    raise StoreError(
        f"A store can't be a database of the kind {url.drivername.split('://')[0]!r}.", hint=_HOW
    )
