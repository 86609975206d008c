"""Commands that hand over, and say where things are: export, import, relocate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.cli.context import log_to, progress
from explorer.cli.options import Reviewer, StoreOption, WorkspaceArgument, option
from explorer.cli.settings import setting


def export(
    context: typer.Context,
    workspace: WorkspaceArgument,
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help=setting("to").help)],
    scope: Annotated[str, option("scope", "--scope")] = "all",
    store: StoreOption = None,
) -> None:
    """Write findings and decisions for other tools."""
    from embeddings.decisions import open_store
    from embeddings.exchange import export_workspace
    from embeddings.workspace import Workspace

    log_to(context, workspace)
    ws = Workspace.open(workspace)
    with open_store(store or workspace, workspace=workspace) as decisions:
        written = export_workspace(ws, decisions, to, out, scope=scope, progress=progress(context))
    for line in (*map(str, written.files), *written.notes):
        typer.echo(line)


def import_(
    context: typer.Context,
    workspace: WorkspaceArgument,
    file: Annotated[Path, typer.Argument(help="What was decided elsewhere.")],
    format: Annotated[str | None, typer.Option("--format", help=setting("format").help)] = None,
    reviewer: Reviewer = "",
    overrule: Annotated[bool, typer.Option("--overrule", help=setting("overrule").help)] = False,
    store: StoreOption = None,
) -> None:
    """Bring back decisions: CSV, Label Studio JSON, FiftyOne labels. Twice changes nothing."""
    from embeddings.decisions import open_store
    from embeddings.exchange import import_file
    from embeddings.workspace import Workspace

    log_to(context, workspace)
    ws = Workspace.open(workspace)
    with open_store(store or workspace, workspace=workspace) as decisions:
        brought = import_file(
            ws, decisions, file, format=format, reviewer=reviewer, overrule=overrule
        )
    for line in brought.report.lines():
        typer.echo(line)


def relocate(
    context: typer.Context,
    workspace: WorkspaceArgument,
    new_root: Annotated[Path, typer.Argument(help="The folder that holds the images now.")],
) -> None:
    """Say where the images are now: their folder was moved, or its disk is mounted elsewhere."""
    from embeddings.relocation import relocate as look_there

    log_to(context, workspace)
    for line in look_there(workspace, new_root).lines():
        typer.echo(line)
