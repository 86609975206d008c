"""The command that serves the app, open; and the app beside a command that computes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from embeddings.errors import UsageError
from explorer.cli.context import log_to
from explorer.cli.options import (
    Browser,
    Host,
    Port,
    Reviewer,
    StoreOption,
    WorkspaceArgument,
    option,
)
from explorer.cli.settings import setting


def open_(
    context: typer.Context,
    workspace: WorkspaceArgument,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    browser: Browser = True,
    store: StoreOption = None,
    reviewer: Reviewer = "",
    against: Annotated[Path | None, typer.Option("--against", help=setting("against").help)] = None,
    token: Annotated[
        str | None, typer.Option("--token", envvar="ROSETTE_TOKEN", help=setting("token").help)
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help=setting("token_file").help)
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help=setting("allow_host").help)
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help=setting("read_only").help)] = False,
    prefix: Annotated[str, option("prefix", "--prefix")] = "",
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help=setting("behind_proxy").help)
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help=setting("wait").help)] = False,
) -> None:
    """Serve the app."""
    from explorer.server import policy_for, serve

    if not read_only:
        log_to(context, workspace)
    serve(
        workspace,
        host=host,
        port=port,
        browser=browser,
        store=store,
        reviewer=reviewer,
        against=against,
        wait=wait,
        policy=policy_for(
            host,
            token=token if token_file is None else _token_in(token_file),
            allow=allow_host or (),
            read_only=read_only,
            prefix=prefix,
            behind_proxy=behind_proxy,
        ),
    )


def _token_in(file: Path) -> str:
    """Read a token from a file; what stands on its first line.

    Raises
    ------
    UsageError
        The file can't be read, or holds none.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}.", hint="Name a file of text.") from error
    if not lines or not lines[0].strip():
        raise UsageError(f"{file} holds no token.", hint="Write it on its first line.")
    return lines[0].strip()


@contextmanager
def app_beside(workspace: Path, *, host: str, port: int, browser: bool) -> Iterator[None]:
    """Serve the app while the block runs, and after it until Ctrl-C.

    It is another process, so that neither slows the other more than the cores make it. Where the
    block fails or is stopped, the app ends too.
    """
    app = subprocess.Popen(
        [
            *(sys.executable, "-m", "explorer", "open", str(workspace), "--wait"),
            *("--host", host, "--port", str(port)),
            "--browser" if browser else "--no-browser",
        ]
    )
    try:
        yield
        if app.poll() is not None:
            typer.echo(f"\nThe app has ended. Look again: rosette open {workspace}", err=True)
        with suppress(KeyboardInterrupt):  # what was to be computed is done
            app.wait()
    finally:
        app.kill()  # it holds nothing that could be lost, and says nothing of its own end
        app.wait()
