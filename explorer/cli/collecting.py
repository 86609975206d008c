"""The command that says which images to collect next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embeddings.errors import UsageError
from explorer.cli.context import log_to, progress
from explorer.cli.options import (
    BatchSize,
    Layer,
    Pool,
    Precision,
    Preprocess,
    StoreOption,
    Trust,
    WorkspaceArgument,
    option,
)
from explorer.cli.settings import setting
from explorer.plain_text import printable

if TYPE_CHECKING:
    import pandas as pd

    from embeddings import Workspace

SHOWN = 10  # images that are named beside a file that is written


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

    ws = Workspace.open(workspace)
    asked = _asked(ws, number, label, cluster, selection, store)
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
    images = f"{len(found):,} image{'' if len(found) == 1 else 's'}"
    typer.echo(f"{out}: {images} to collect for {len(asked):,}, the most helpful first.")
    for line in found.head(SHOWN).itertuples():
        typer.echo(f"  {line.nearness:.2f}  {printable(str(line.file))}")


def _asked(
    ws: Workspace,
    number: int | None,
    label: str | None,
    cluster: int | None,
    selection: str | None,
    store: str | None,
) -> pd.DataFrame:
    """Return the items that are to be collected for."""
    from embeddings import columns as c

    if [number, label, selection].count(None) != 2 or (cluster is not None and label is None):
        raise UsageError(
            "Say what is to be collected for.",
            hint="Give one of --slice N, --label NAME (with --cluster K for a part) and "
            "--selection NAME.",
        )
    items = ws.items(store=store)
    if number is not None:
        report = ws.slices()
        failing = report.failing if report else ()
        if number > len(failing):
            raise UsageError(
                f"There is no slice {number}: your model fails on {len(failing)}.",
                hint="`rosette report --slices WS` numbers them.",
            )
        return items.iloc[failing[number - 1].items]
    if selection is not None:
        with ws.open_store(store, read_only=True) as decisions:
            files = {item.file for item in decisions.selection(selection).items}
        chosen = items[items[c.FILE].isin(files)]
    else:
        chosen = items[items[c.LABEL] == label]
        if cluster is not None:
            chosen = chosen[chosen[c.CLUSTER] == cluster]
    if chosen.empty:
        raise UsageError(
            "There are no such items.", hint="`rosette report WS --all` names labels and clusters."
        )
    return chosen
