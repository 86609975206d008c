"""The command that serves the app: open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    token: Annotated[str | None, option("token", "--token")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help=setting("allow_host").help)
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help=setting("read_only").help)] = False,
    prefix: Annotated[str, option("prefix", "--prefix")] = "",
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help=setting("behind_proxy").help)
    ] = False,
) -> None:
    """Serve the app."""
    from explorer.server import policy_for, serve

    log_to(context, workspace)
    serve(
        workspace,
        host=host,
        port=port,
        browser=browser,
        store=store,
        reviewer=reviewer,
        against=against,
        policy=policy_for(
            host,
            token=token,
            allow=allow_host or (),
            read_only=read_only,
            prefix=prefix,
            behind_proxy=behind_proxy,
        ),
    )
