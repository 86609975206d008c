"""Commands that compute: run, scan, embed, cluster, check, slices, collect, demo."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from embeddings.errors import UsageError
from explorer.cli.context import log_to, progress, progress_of
from explorer.cli.options import (
    Answers,
    BatchSize,
    BoxContext,
    Browser,
    Embeddings,
    EngineName,
    Host,
    LabelFrom,
    LabelNames,
    Labels,
    Layer,
    Layout,
    Model,
    Pool,
    Port,
    Precision,
    Predictions,
    Preprocess,
    RayAddress,
    SecondLook,
    Seed,
    Source,
    StoreOption,
    SubsetFrom,
    TextModel,
    Trust,
    Words,
    WorkspaceArgument,
    WorkspaceOption,
    option,
)
from explorer.cli.serving import app_beside
from explorer.cli.settings import setting


def run(
    context: typer.Context,
    workspace: WorkspaceOption,
    source: Source = None,
    model: Model = "embedded",
    layer: Layer = None,
    preprocess: Preprocess = None,
    trust_model_code: Trust = False,
    embeddings: Embeddings = None,
    labels: Labels = True,
    label_from: LabelFrom = None,
    subset_from: SubsetFrom = None,
    box_context: BoxContext = 0.0,
    label_names: LabelNames = None,
    answers: Answers = "cross-check",
    predictions: Predictions = None,
    pool: Pool = None,
    layout: Layout = "built-in",
    seed: Seed = 0,
    precision: Precision = "fp32",
    second_look: SecondLook = "auto",
    text_model: TextModel = None,
    words: Words = None,
    batch_size: BatchSize = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
    opened: Annotated[bool, option("opened", "--open/--no-open")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    browser: Browser = True,
) -> None:
    """Scan, embed, cluster, rank and check; run again to go on or to take in new images."""
    from embeddings import ModelSpec, engines, pipeline
    from explorer.reports import text_report

    log_to(context, workspace)
    shown = progress_of(context, workspace)
    with app_beside(workspace, host=host, port=port, browser=browser) if opened else nullcontext():
        ws = pipeline.run(
            _source(source, embeddings),
            workspace,
            model=ModelSpec(model, layer, preprocess, precision, trust_model_code),
            second_look=second_look,
            text_model=text_model,
            words=words,
            embeddings=embeddings,
            labelled=labels,
            label_from=label_from,
            subset_from=subset_from,
            box_context=box_context,
            label_names=label_names,
            answers=pipeline.answers_named(answers),
            predictions=predictions,
            pool=pool,
            layout=pipeline.layout_named(layout),
            seed=seed,
            batch_size=batch_size,
            engine=engines.named(engine, ray_address=ray_address),
            provisional=opened,
            progress=shown,
            tell=_to_terminal,
        )
        typer.echo("\n" + text_report(ws), nl=False)
        if not opened:
            typer.echo(f"\nLook at them: rosette open {workspace}")


def scan(
    context: typer.Context,
    workspace: WorkspaceOption,
    source: Source = None,
    embeddings: Embeddings = None,
    labels: Labels = True,
    label_from: LabelFrom = None,
    subset_from: SubsetFrom = None,
    box_context: BoxContext = 0.0,
    label_names: LabelNames = None,
) -> None:
    """List the items of a data set, hash them, and say what was understood of its folders."""
    from embeddings import pipeline
    from embeddings.workspace import status_counts

    log_to(context, workspace)
    ws = pipeline.scan(
        _source(source, embeddings),
        workspace,
        embeddings=embeddings,
        labelled=labels,
        label_from=label_from,
        subset_from=subset_from,
        box_context=box_context,
        label_names=label_names,
        progress=progress(context),
        tell=_to_terminal,
    )
    counts = status_counts(ws.manifest())
    typer.echo(", ".join(f"{n:,} {status}" for status, n in counts.items() if n))
    for note in ws.info.scan_notes:
        _to_terminal(f"Note        {note}")


def _source(source: str | None, embeddings: Path | None) -> str:
    """Return the source; embeddings alone are one."""
    if source is not None:
        return source
    if embeddings is None:
        raise UsageError(
            "There is no source.", hint="Give a folder, a table, or --embeddings X.npz alone."
        )
    return str(embeddings)


def _to_terminal(line: str) -> None:
    from explorer.plain_text import printable

    typer.echo(printable(line), err=True)


def embed(
    context: typer.Context,
    workspace: WorkspaceArgument,
    model: Model = "embedded",
    layer: Layer = None,
    preprocess: Preprocess = None,
    trust_model_code: Trust = False,
    precision: Precision = "fp32",
    second_look: SecondLook = "auto",
    text_model: TextModel = None,
    batch_size: BatchSize = None,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
) -> None:
    """Embed the images that were not embedded yet; with --text-model alone, by that alone."""
    from embeddings import ModelSpec, engines, pipeline
    from embeddings.workspace import Workspace

    log_to(context, workspace)
    added = text_model if _left_out(context, "model") else None
    if added is not None and Workspace.open(workspace).info.model is not None:
        pipeline.embed_by_text_model(
            workspace,
            added,
            batch_size=batch_size,
            engine=engines.named(engine, ray_address=ray_address),
            progress=progress(context),
        )
        if Workspace.open(workspace).info.run_id is not None:
            pipeline.name(workspace, progress=progress(context))
        return
    pipeline.embed(
        workspace,
        model=ModelSpec(model, layer, preprocess, precision, trust_model_code),
        second_look=second_look,
        text_model=text_model,
        batch_size=batch_size,
        engine=engines.named(engine, ray_address=ray_address),
        progress=progress(context),
    )


def _left_out(context: typer.Context, name: str) -> bool:
    """Whether an option was not given, and stands at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "DEFAULT"


def cluster(
    context: typer.Context,
    workspace: WorkspaceArgument,
    answers: Answers = "cross-check",
    layout: Layout = "built-in",
    words: Words = None,
    seed: Seed = 0,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
) -> None:
    """Draw the maps, find the clusters of each label, and rank the labels."""
    from embeddings import engines, pipeline

    log_to(context, workspace)
    pipeline.cluster(
        workspace,
        answers=pipeline.answers_named(answers),
        layout=pipeline.layout_named(layout),
        seed=seed,
        engine=engines.named(engine, ray_address=ray_address),
        progress=progress(context),
    )
    pipeline.name(workspace, words=words, progress=progress(context))


def check(context: typer.Context, workspace: WorkspaceArgument, seed: Seed = 0) -> None:
    """Look for odd files, copies, poor pictures, and images unlike their label."""
    from embeddings import pipeline

    log_to(context, workspace)
    ws = pipeline.check(workspace, seed=seed, progress=progress(context))
    found = ws.health()
    typer.echo(found.summary if found else "Nothing was looked at.")


def slices(
    context: typer.Context,
    workspace: WorkspaceArgument,
    predictions: Predictions = None,
    seed: Seed = 0,
) -> None:
    """Say on which parts of the data set your model fails, from its predictions."""
    from embeddings import pipeline
    from explorer.reports import slices_text

    log_to(context, workspace)
    ws = pipeline.slices(workspace, predictions=predictions, seed=seed, progress=progress(context))
    typer.echo(slices_text(ws), nl=False)


def collect(
    context: typer.Context,
    workspace: WorkspaceArgument,
    number: Annotated[
        int | None, typer.Option("--slice", min=1, help=setting("collect_slice").help)
    ] = None,
    label: Annotated[str | None, option("collect_label", "--label")] = None,
    cluster: Annotated[int | None, option("collect_cluster", "--cluster")] = None,
    selection: Annotated[str | None, option("collect_selection", "--selection")] = None,
    pool: Pool = None,
    most: Annotated[
        int, typer.Option("--most", min=1, max=100_000, help=setting("collect_most").help)
    ] = 100,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=setting("collect_out").help)
    ] = None,
    model: Annotated[str | None, option("searched_model", "--model")] = None,
    layer: Layer = None,
    preprocess: Preprocess = None,
    precision: Precision = "fp32",
    trust_model_code: Trust = False,
    batch_size: BatchSize = None,
    store: StoreOption = None,
) -> None:
    """Find images without a label that would help most beside a slice, a label or a selection."""
    from embeddings import ModelSpec, Workspace, pipeline
    from embeddings.retrieval import collected_csv
    from embeddings.storage import write_text
    from explorer.reports import collected_text, items_asked_for

    ws = Workspace.open(workspace)
    asked = items_asked_for(ws, number, label, cluster, selection, store)
    if pool is not None:
        log_to(context, workspace)
        spec = ModelSpec(model, layer, preprocess, precision, trust_model_code) if model else None
        pipeline.embed_pool(
            workspace, pool, model=spec, batch_size=batch_size, progress=progress(context)
        )
    found = ws.collect(asked, most=most)
    if out is None:
        typer.echo(collected_csv(found), nl=False)
        return
    write_text(out, collected_csv(found))
    typer.echo(collected_text(found, len(asked), out), nl=False)


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
    from explorer.reports import text_report

    workspace = folder / "workspace"
    log_to(context, workspace)
    shown = progress_of(context, workspace)
    with app_beside(workspace, host=host, port=port, browser=browser) if opened else nullcontext():
        made = make_demo(folder, progress=shown)
        ws = pipeline.run(made.images, workspace, provisional=opened, progress=shown)
        typer.echo("\nThe pictures are drawn by the program, not photographed.\n")
        typer.echo(text_report(ws), nl=False)
