"""The command `rosette`: thin commands over the pipeline, the exports and the app."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from explorer.cli_options import (
    Answers,
    BatchSize,
    Browser,
    Embeddings,
    EngineName,
    Host,
    Labels,
    Layer,
    Model,
    Port,
    Precision,
    Preprocess,
    RayAddress,
    Reviewer,
    Seed,
    Source,
    StoreOption,
    Trust,
    WorkspaceArgument,
    WorkspaceOption,
    option,
)
from explorer.settings import setting

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Find the labels of an image data set that hide two kinds of thing.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rosette {version('rosette-explorer')}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    # --debug is read by main() too, which stands around everything
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if debug else "3")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def _log(context: typer.Context, workspace: Path) -> None:
    """Log to the workspace until the command ends; :func:`main` closes it, and sees errors."""
    from explorer.logs import logged

    stack = context.find_object(ExitStack)
    if stack is not None:
        stack.enter_context(logged(workspace, str(context.info_name)))


def _progress() -> Any:
    from explorer.progress import TerminalProgress

    return TerminalProgress()


@app.command()
def run(
    context: typer.Context,
    source: Source,
    workspace: WorkspaceOption,
    model: Model = "embedded",
    layer: Layer = None,
    preprocess: Preprocess = None,
    trust_model_code: Trust = False,
    embeddings: Embeddings = None,
    labels: Labels = True,
    answers: Answers = "cross-check",
    seed: Seed = 0,
    precision: Precision = "fp32",
    batch_size: BatchSize = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
) -> None:
    """Scan, embed, cluster, rank and check; run again to go on or to take in new images."""
    from embeddings import engines, pipeline
    from explorer.report import text_report

    _log(context, workspace)
    ws = pipeline.run(
        source,
        workspace,
        model=model,
        layer=layer,
        preprocess=preprocess,
        trust_model_code=trust_model_code,
        embeddings=embeddings,
        labelled=labels,
        answers=pipeline.answers_named(answers),
        seed=seed,
        precision=precision,
        batch_size=batch_size,
        engine=engines.named(engine, ray_address=ray_address),
        progress=_progress(),
    )
    typer.echo("\n" + text_report(ws), nl=False)
    typer.echo(f"\nLook at them: rosette open {workspace}")


@app.command()
def scan(
    context: typer.Context,
    source: Source,
    workspace: WorkspaceOption,
    embeddings: Embeddings = None,
    labels: Labels = True,
) -> None:
    """List the items of a data set and hash them."""
    from embeddings import pipeline
    from embeddings.workspace import status_counts

    _log(context, workspace)
    ws = pipeline.scan(
        source, workspace, embeddings=embeddings, labelled=labels, progress=_progress()
    )
    counts = status_counts(ws.manifest())
    typer.echo(", ".join(f"{n:,} {status}" for status, n in counts.items() if n))


@app.command()
def embed(
    context: typer.Context,
    workspace: WorkspaceArgument,
    model: Model = "embedded",
    layer: Layer = None,
    preprocess: Preprocess = None,
    trust_model_code: Trust = False,
    precision: Precision = "fp32",
    batch_size: BatchSize = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
) -> None:
    """Embed the images that were not embedded yet."""
    from embeddings import engines, pipeline

    _log(context, workspace)
    pipeline.embed(
        workspace,
        model=model,
        layer=layer,
        preprocess=preprocess,
        trust_model_code=trust_model_code,
        precision=precision,
        batch_size=batch_size,
        engine=engines.named(engine, ray_address=ray_address),
        progress=_progress(),
    )


@app.command()
def cluster(
    context: typer.Context,
    workspace: WorkspaceArgument,
    answers: Answers = "cross-check",
    seed: Seed = 0,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
) -> None:
    """Draw the maps, find the clusters of each label, and rank the labels."""
    from embeddings import engines, pipeline

    _log(context, workspace)
    whose = pipeline.answers_named(answers)
    where = engines.named(engine, ray_address=ray_address)
    pipeline.cluster(workspace, answers=whose, seed=seed, engine=where, progress=_progress())


@app.command()
def check(context: typer.Context, workspace: WorkspaceArgument, seed: Seed = 0) -> None:
    """Look for odd files, copies, poor pictures, and images unlike their label."""
    from embeddings import pipeline

    _log(context, workspace)
    ws = pipeline.check(workspace, seed=seed, progress=_progress())
    found = ws.health()
    typer.echo(found.summary if found else "Nothing was looked at.")


@app.command()
def report(
    workspace: WorkspaceArgument,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    all_labels: Annotated[bool, typer.Option("--all", help="Name every label.")] = False,
    health: Annotated[bool, typer.Option("--health", help=setting("health").help)] = False,
    confusion: Annotated[bool, typer.Option("--confusion", help=setting("confusion").help)] = False,
    by: Annotated[str, option("by", "--by")] = "check",
) -> None:
    """Print the ranked findings; or the state of files and pictures, or the confusions."""
    from embeddings.workspace import Workspace
    from explorer import report as splits
    from explorer import report_looks as looks

    ws = Workspace.open(workspace)
    if health:
        text = looks.health_json(ws) if as_json else looks.health_text(ws)
    elif confusion:
        text = looks.confusion_json(ws, by) if as_json else looks.confusion_text(ws, by)
    else:
        text = splits.json_report(ws) if as_json else splits.text_report(ws, all_labels=all_labels)
    typer.echo(text, nl=False)


@app.command(name="open")
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

    _log(context, workspace)
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


@app.command()
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

    _log(context, workspace)
    ws = Workspace.open(workspace)
    with open_store(store or workspace) as decisions:
        written = export_workspace(ws, decisions, to, out, scope=scope, progress=_progress())
    for line in (*map(str, written.files), *written.notes):
        typer.echo(line)


@app.command(name="import")
def import_(
    context: typer.Context,
    workspace: WorkspaceArgument,
    file: Annotated[Path, typer.Argument(help="What was decided elsewhere.")],
    format: Annotated[str | None, typer.Option("--format", help=setting("format").help)] = None,
    reviewer: Reviewer = "",
    store: StoreOption = None,
) -> None:
    """Bring back decisions: CSV, Label Studio JSON, FiftyOne labels. Twice changes nothing."""
    from embeddings.decisions import open_store
    from embeddings.exchange import import_file
    from embeddings.workspace import Workspace

    _log(context, workspace)
    ws = Workspace.open(workspace)
    with open_store(store or workspace) as decisions:
        brought = import_file(ws, decisions, file, format=format, reviewer=reviewer)
    for line in brought.report.lines():
        typer.echo(line)


@app.command()
def compare(
    context: typer.Context,
    before: Annotated[Path, typer.Argument(metavar="WS_A", help="The workspace before.")],
    after: Annotated[
        Path | None,
        typer.Argument(metavar="[WS_B]", help="The one after; left out: what WS_A's decisions do."),
    ] = None,
    seed: Seed = 0,
    store: StoreOption = None,
) -> None:
    """Say what changed between two runs, or by the decisions on one, and if labels got better."""
    from embeddings.comparison import compare as compare_runs
    from embeddings.comparison import compare_decisions, look_again
    from embeddings.decisions import open_store
    from embeddings.workspace import Workspace

    _log(context, before)
    ws = Workspace.open(before)
    latest = ws if after is None else Workspace.open(after)
    with open_store(store or latest.path) as decisions:
        if after is None:
            found = compare_decisions(ws, decisions.current(), seed=seed, progress=_progress())
        else:
            found = compare_runs(ws, latest, seed=seed, progress=_progress())
        gallery = look_again(latest, decisions)
    for line in (*found.lines(), *gallery.lines()):
        typer.echo(line)


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to.")] = Path("demo"),
    opened: Annotated[bool, typer.Option("--open/--no-open", help="Open the app.")] = True,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    browser: Browser = True,
) -> None:
    """Draw a data set in which four words mean two things, and find them."""
    from embeddings import pipeline
    from embeddings.demo import make_demo
    from explorer.report import text_report

    _log(context, folder / "workspace")
    progress = _progress()
    made = make_demo(folder, progress=progress)
    ws = pipeline.run(made.images, folder / "workspace", progress=progress)
    typer.echo("\nThe pictures are drawn by the program, not photographed.\n")
    typer.echo(text_report(ws), nl=False)
    if opened:
        from explorer.server import serve

        serve(ws.path, host=host, port=port, browser=browser)


@app.command()
def models(
    file: Annotated[str | None, typer.Argument(help="A classifier's file to look into.")] = None,
    trust_model_code: Trust = False,
) -> None:
    """List the models, or the layers of a classifier's file that could be the embedding."""
    from explorer.models import describe_text, table_text

    typer.echo(describe_text(file, trust_model_code) if file else table_text(), nl=False)


@app.command()
def formats() -> None:
    """List what can be written and read."""
    from embeddings import export, ingest

    for words, table in (("Written", export.FORMATS), ("Read", ingest.FORMATS)):
        typer.echo(words)
        for entry in table:
            typer.echo(f"  {entry.name:17} {entry.help}")


@app.command()
def doctor(
    workspace: Annotated[
        Path | None, typer.Argument(metavar="[WS]", help="A workspace to look at too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Say what is installed, what is missing, how a workspace stands: all a bug report needs."""
    from explorer.doctor import doctor_json, doctor_text

    typer.echo(doctor_json(workspace) if as_json else doctor_text(workspace), nl=False)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 2 wrong use, 130 or 143 stopped, 1 anything else."""
    from explorer.exits import exit_code

    sys.exit(exit_code(app, sys.argv[1:] if arguments is None else arguments))
