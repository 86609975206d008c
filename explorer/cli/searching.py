"""The command search: images by a word that the model knows, or by a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.cli.context import log_to
from explorer.cli.options import Layer, Precision, Preprocess, Trust, WorkspaceArgument, option

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.workspace import Workspace


def search(
    context: typer.Context,
    workspace: WorkspaceArgument,
    query: Annotated[str, typer.Argument(help="A picture's file, or a word: `big cat`.")],
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="Images to name.")] = 20,
    model: Annotated[str | None, option("searched_model", "--model")] = None,
    layer: Layer = None,
    preprocess: Preprocess = None,
    precision: Precision = "fp32",
    trust_model_code: Trust = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Find images that look like a picture, or in which the model sees a word."""
    from embeddings.records import ModelSpec
    from embeddings.workspace import Workspace
    from explorer.plain_text import printable

    log_to(context, workspace)
    ws = Workspace.open(workspace)
    if Path(query).is_file():
        spec = ModelSpec(model, layer, preprocess, precision, trust_model_code) if model else None
        said, found = _by_picture(ws, Path(query), spec, most)
    else:
        said, found = _by_word(ws, query, most)
    if as_json:
        typer.echo(json.dumps({"search": said, "images": found}, indent=2, ensure_ascii=False))
        return
    typer.echo(printable(said))
    for one in found:
        typer.echo(f"{one['score']:>6.2f}  {printable(one['label'])}  {printable(one['file'])}")


def _by_picture(
    ws: Workspace, picture: Path, spec: Any, most: int
) -> tuple[str, list[dict[str, Any]]]:
    from embeddings.retrieval import Query, model_of

    extractor = model_of(ws, spec)
    found = Query(extractor, ws.store(extractor.fingerprint)).nearest(picture, most)
    items = ws.items()
    by_key = items.groupby(ws.keys(items), sort=False).indices
    rows = [
        (row, float(cosine))
        for key, cosine in zip(found.keys, found.cosine, strict=True)
        for row in by_key.get(key, ())
    ]
    return f"The images most like {picture.name}:", _told(items, rows[:most])


def _by_word(ws: Workspace, text: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    from embeddings.errors import UsageError
    from embeddings.retrieval import words_of

    items = ws.items()
    words = words_of(ws, ws.keys(items))
    seen = words.seen(text) if words else None
    if seen is None:
        raise UsageError(
            f"{text} is neither a file nor a word of the model's classes.",
            hint="Give a picture's file, or a noun such as `dog` or `vehicle`.",
        )
    rows = list(zip(seen.rows[:most].tolist(), seen.probability[:most].tolist(), strict=True))
    n = len(seen.rows)
    return f"{n:,} images in which the model sees {text}:", _told(items, rows)


def _told(items: pd.DataFrame, rows: list[tuple[int, float]]) -> list[dict[str, Any]]:
    return [
        {
            "file": str(items["file"].iloc[row]),
            "label": str(items["label"].iloc[row]),
            "score": round(score, 4),
        }
        for row, score in rows
    ]
