"""Commands that tell: report, search, guide, compare, models, formats, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from explorer.cli.context import log_to, progress
from explorer.cli.options import (
    Layer,
    Precision,
    Preprocess,
    Seed,
    StoreOption,
    TextModel,
    Trust,
    WorkspaceArgument,
    option,
)
from explorer.cli.settings import setting


def report(
    workspace: WorkspaceArgument,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    all_labels: Annotated[bool, typer.Option("--all", help="Name every label.")] = False,
    health: Annotated[bool, typer.Option("--health", help=setting("health").help)] = False,
    confusion: Annotated[bool, typer.Option("--confusion", help=setting("confusion").help)] = False,
    slices: Annotated[bool, typer.Option("--slices", help=setting("slices").help)] = False,
    by: Annotated[str, option("by", "--by")] = "check",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help=setting("html").help)
    ] = None,
    images: Annotated[bool, option("images", "--images/--no-images")] = True,
    store: StoreOption = None,
) -> None:
    """Print the ranked findings; or the state of files and pictures, the confusions, the slices."""
    from embeddings.storage import write_text
    from embeddings.workspace import Workspace
    from explorer import reports

    if html is not None:
        write_text(html, reports.html_report_of(workspace, store, images=images))
        typer.echo(f"{html}, {html.stat().st_size / 1e6:.1f} MB: one file, to send or to print.")
        return
    ws = Workspace.open(workspace)
    if health:
        text = reports.health_json(ws) if as_json else reports.health_text(ws)
    elif slices:
        text = reports.slices_json(ws) if as_json else reports.slices_text(ws)
    elif confusion:
        text = reports.confusion_json(ws, by) if as_json else reports.confusion_text(ws, by)
    else:
        text = (
            reports.json_report(ws) if as_json else reports.text_report(ws, all_labels=all_labels)
        )
    typer.echo(text, nl=False)


def search(
    workspace: WorkspaceArgument,
    query: Annotated[
        str, typer.Argument(help="A picture's file, a word, or with a text model a sentence.")
    ],
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="Images to name.")] = 20,
    classes: Annotated[bool, option("classes", "--classes")] = False,
    text_model: TextModel = None,
    model: Annotated[str | None, option("searched_model", "--model")] = None,
    layer: Layer = None,
    preprocess: Preprocess = None,
    precision: Precision = "fp32",
    trust_model_code: Trust = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Find images that a sentence fits, in which the model sees a word, or like a picture."""
    from embeddings.records import ModelSpec
    from embeddings.workspace import Workspace
    from explorer import reports

    ws = Workspace.open(workspace)
    if Path(query).is_file():
        spec = ModelSpec(model, layer, preprocess, precision, trust_model_code) if model else None
        found = reports.search_by_picture(ws, Path(query), spec, most)
    elif text_model is not None or (ws.info.text is not None and not classes):
        found = reports.search_by_sentence(ws, query, text_model, most)
    else:
        found = reports.search_by_word(ws, query, most)
    typer.echo(reports.found_json(found) if as_json else reports.found_text(found), nl=False)


def guide(
    workspace: WorkspaceArgument,
    out: Annotated[Path, typer.Argument(help="Folder to write to.")] = Path("guide"),
    store: StoreOption = None,
) -> None:
    """Draft a labelling guide from the splits that were decided, as Markdown and HTML."""
    from explorer.reports import write_guide

    n, text, page = write_guide(workspace, out, store)
    typer.echo(f"{n:,} label{'' if n == 1 else 's'} with a rule to write: {text}, {page}")


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

    log_to(context, before)
    ws = Workspace.open(before)
    latest = ws if after is None else Workspace.open(after)
    with open_store(store or latest.path, workspace=latest.path) as decisions:
        if after is None:
            found = compare_decisions(
                ws, decisions.current(), seed=seed, progress=progress(context)
            )
        else:
            found = compare_runs(ws, latest, seed=seed, progress=progress(context))
        gallery = look_again(latest, decisions)
    for line in (*found.lines(), *gallery.lines()):
        typer.echo(line)


def models(
    file: Annotated[str | None, typer.Argument(help="A classifier's file to look into.")] = None,
    trust_model_code: Trust = False,
) -> None:
    """List the models, or the layers of a classifier's file that could be the embedding."""
    from explorer.reports import describe_text, table_text

    typer.echo(describe_text(file, trust_model_code) if file else table_text(), nl=False)


def formats() -> None:
    """List what can be written and read."""
    from embeddings import export, ingest

    for words, table in (("Written", export.all_formats()), ("Read", ingest.FORMATS)):
        typer.echo(words)
        for entry in table:
            typer.echo(f"  {entry.name:17} {entry.help}")


def doctor(
    workspace: Annotated[
        Path | None, typer.Argument(metavar="[WS]", help="A workspace to look at too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Say what is installed, what is missing, how a workspace stands: all a bug report needs."""
    from explorer.reports import doctor_json, doctor_text

    typer.echo(doctor_json(workspace) if as_json else doctor_text(workspace), nl=False)
