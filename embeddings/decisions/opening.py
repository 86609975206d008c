"""Open a store by its address; make it, or bring it up to date, where needed."""

from __future__ import annotations

import logging
from pathlib import Path

from embeddings.decisions.address import parse_address
from embeddings.decisions.catalogue import Catalogue
from embeddings.decisions.sql import (
    WAIT_S,
    Database,
    FrozenDatabase,
    ReadOnlyDatabase,
    bring_up_to_date,
    is_writable,
    refuse_other_versions,
)
from embeddings.decisions.store import Clock, Store, utc_now
from embeddings.storage import network_drive
from embeddings.workspace import Workspace

log = logging.getLogger(__name__)


def open_store(
    target: str | Path,
    *,
    workspace: str | Path | None = None,
    resolve: bool = True,
    read_only: bool = False,
    clock: Clock = utc_now,
    wait_s: float = WAIT_S,
) -> Store:
    """Open the store of a workspace, or one on a server; made, or brought up to date, if needed.

    Where the workspace can't or must not be written to, ``Store.read_only`` is True: a copy of the
    decisions is read, and each write is refused.

    Parameters
    ----------
    target
        A workspace folder (its ``decisions.sqlite``), ``sqlite:///FILE``, or
        ``postgresql+psycopg://user:password@host/database``. A store is of one data set.
    workspace
        Where the items lie that are decided on; by default ``target``, where that is a workspace.
    resolve
        Check each item of a decision in the workspace; one that is not in it is refused and named.
        False is for callers that name items by their rows in a run.
    read_only
        Write nothing at all, neither to the store nor beside it; decisions of others are still
        read.
    clock
        Where the time of a decision comes from.
    wait_s
        Seconds that a write waits for the writers before it.

    Raises
    ------
    StoreError
        ``StoreUnreachableError``: no such folder, server or database. ``StoreVersionError``: a
        newer version made it. Messages never hold user or password.

    Examples
    --------
    >>> import tempfile
    >>> from embeddings.decisions import Item
    >>> with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
    ...     seven = Item("jaguar/7.jpg", "jaguar")
    ...     receipt = store.decide([seven], "relabel", to_label="car", reviewer="Mara")
    ...     print(receipt.changed, store.current()["decision"].tolist())
    1 ['relabel: car']
    """
    address = parse_address(target)
    catalogue = _catalogue(target if workspace is None else workspace) if resolve else None
    if address.is_sqlite and (read_only or not is_writable(address)):
        return Store(FrozenDatabase(address), clock=clock)
    if read_only:
        server = ReadOnlyDatabase(address, wait_s=wait_s)
        try:
            refuse_other_versions(server)
        except BaseException:
            server.close()
            raise
        return Store(server, clock=clock)
    if address.is_sqlite and (kind := network_drive(Path(str(address.url.database)).parent)):
        log.warning(
            "%s lies on a network drive (%s): let one machine at a time decide there. For several, "
            "keep decisions on a server by --store.",
            address.shown,
            kind,
        )
    database = Database(address, wait_s=wait_s)
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return Store(database, clock=clock, catalogue=catalogue)


def _catalogue(target: str | Path) -> Catalogue | None:
    if "://" in str(target) or not Workspace.exists(target):
        return None
    return Catalogue(Path(target))
