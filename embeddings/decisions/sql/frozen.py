"""A store where nothing can be written: a read-only disk, or somebody else's folder.

SQLite must write beside a file to read it safely. So the file is copied, and the copy read: what is
seen are the decisions as they were when the store was opened.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from contextlib import closing
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from sqlalchemy import URL

from embeddings.decisions.address import FILE_NAME, Address
from embeddings.decisions.errors import StoreReadOnlyError
from embeddings.decisions.sql.database import Database
from embeddings.decisions.sql.schema import bring_up_to_date


def is_writable(address: Address) -> bool:
    """Whether this process may write to a store; of a server, the server decides."""
    if not address.is_sqlite:
        return True
    file = Path(str(address.url.database))
    return os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))


class FrozenDatabase(Database):
    """Reads a copy of a store, made when this is; refuses to write.

    Parameters
    ----------
    original
        The file that can't be written; where there is none, nothing was decided.
    """

    read_only = True

    def __init__(self, original: Address) -> None:
        self._original = original
        folder = tempfile.mkdtemp(prefix="rosette-store-")
        self._drop = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        copy = Path(folder) / FILE_NAME
        source = Path(str(original.url.database))
        if source.is_file():
            copy_store(source, copy)
        address = Address(URL.create("sqlite", database=str(copy)))
        first = Database(address)
        try:
            bring_up_to_date(first)
        finally:
            first.close()
        super().__init__(address)

    def close(self) -> None:
        """Let go of the copy."""
        super().close()
        self._drop()

    def writing(self) -> NoReturn:
        """Refuse.

        Raises
        ------
        StoreReadOnlyError
            Always.
        """
        raise StoreReadOnlyError(
            f"{self._original.shown} can't be written, so nothing can be decided.",
            hint="Check the rights of the folder, or keep decisions elsewhere by --store.",
        )


def copy_store(source: Path, target: Path) -> None:
    """Copy an SQLite file, with what stands in its write-ahead log, without writing beside it."""
    try:
        uri = f"file:{quote(str(source))}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)
        return
    except sqlite3.OperationalError:
        # SQLite wants the shared memory of whoever has the file open; nobody has
        target.unlink(missing_ok=True)
    for ending in ("", "-wal"):
        if (file := Path(f"{source}{ending}")).is_file():
            shutil.copyfile(file, f"{target}{ending}")
