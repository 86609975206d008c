"""A PostgreSQL server of one's own: started in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

USERS = ("postgres", "nobody")  # who runs the server where we are root, which it refuses


class NoServerError(Exception):
    """Why there is no PostgreSQL here, in one line."""


def programs() -> Path:
    """Return the folder of ``initdb`` and ``pg_ctl``, the newest version first.

    Raises
    ------
    NoServerError
        They are not installed.
    """
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: [int(n) if n.isdigit() else 0 for n in p.parent.name.split(".")],
        reverse=True,
    )
    found = shutil.which("initdb")
    for folder in [*packaged, *([Path(found).parent] if found else [])]:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl")):
            return folder
    raise NoServerError("no PostgreSQL server programs (initdb, pg_ctl) are installed")


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server with durable settings on a Unix socket; give the URL of a database in it.

    Raises
    ------
    NoServerError
        It is not installed, or did not start.
    """
    bin_folder = programs()
    password = secrets.token_hex(12)
    folder = Path(tempfile.mkdtemp(prefix="rosette-pg-"))
    user = _server_user()
    data = folder / "data"
    try:
        (folder / "password").write_text(password)
        if user is not None:
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        who = ["-U", "rosette", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}"]
        make = [bin_folder / "initdb", "-D", data, "-E", "UTF8", "--locale=C", *who]
        _run(make, folder, user)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        start = ["start", "-w", "-t", "60", "-l", folder / "log", "-o", options]
        _run([bin_folder / "pg_ctl", "-D", data, *start], folder, user)
        try:
            yield URL.create(
                "postgresql+psycopg",
                username="rosette",
                password=password,
                database="postgres",
                query={"host": str(folder)},
            ).render_as_string(hide_password=False)
        finally:
            _run([bin_folder / "pg_ctl", "-D", data, "stop", "-w", "-m", "immediate"], folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own_schema(server: str, name: str) -> str:
    """Make a schema on the server, and give the URL of a store that lies in it."""
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA "{name}"'))
    engine.dispose()
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServerError(f"PostgreSQL refuses to run as root, and there is no user {USERS[0]}")


def _run(command: list[Any], folder: Path, user: pwd.struct_passwd | None) -> None:
    switch: dict[str, Any] = {}
    if user is not None:
        switch = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    log = folder / "output"
    # to a file: the server keeps what it inherits open, and a pipe would never end
    with log.open("a") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            **switch,
        )
    if done.returncode:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise NoServerError(f"{Path(str(command[0])).name} failed: {' '.join(last)}")
