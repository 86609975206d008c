"""The arguments and options of the command line, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from explorer.cli.settings import setting


def option(name: str, *flags: str) -> Any:
    """Declare an option with the help of the table of settings."""
    return typer.Option(*flags, help=setting(name).help)


Source = Annotated[
    str | None,
    typer.Argument(help="Image folder (also s3://…), table, annotations, archive."),
]
WorkspaceArgument = Annotated[Path, typer.Argument(metavar="WS", help="The workspace folder.")]
WorkspaceOption = Annotated[
    Path, typer.Option("-w", "--workspace", metavar="WS", help="The workspace folder.")
]
Model = Annotated[str, option("model", "--model")]
Layer = Annotated[str | None, option("layer", "--layer")]
Preprocess = Annotated[str | None, option("preprocess", "--preprocess")]
Trust = Annotated[bool, option("trust_model_code", "--trust-model-code")]
Precision = Annotated[str, option("precision", "--precision")]
SecondLook = Annotated[str, option("second_look", "--second-look")]
TextModel = Annotated[Path | None, option("text_model", "--text-model")]
Words = Annotated[Path | None, option("words", "--words")]
Embeddings = Annotated[Path | None, option("embeddings", "--embeddings")]
Labels = Annotated[bool, option("labels", "--labels/--no-labels")]
LabelFrom = Annotated[str | None, option("label_from", "--label-from")]
LabelNames = Annotated[Path | None, option("label_names", "--label-names")]
BoxContext = Annotated[float, option("box_context", "--box-context")]
SubsetFrom = Annotated[str | None, option("subset_from", "--subset-from")]
Answers = Annotated[str, option("answers", "--answers")]
Predictions = Annotated[Path | None, option("predictions", "--predictions")]
Pool = Annotated[Path | None, option("pool", "--pool")]
Layout = Annotated[str, option("layout", "--layout")]
Seed = Annotated[int, option("seed", "--seed")]
BatchSize = Annotated[
    int | None, typer.Option("--batch-size", min=1, help=setting("batch_size").help)
]
EngineName = Annotated[str, option("engine", "--engine")]
RayAddress = Annotated[str | None, option("ray_address", "--ray-address")]
Host = Annotated[str, option("host", "--host")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help=setting("port").help)]
StoreOption = Annotated[str | None, option("store", "--store")]
Reviewer = Annotated[str, option("reviewer", "--reviewer")]
Browser = Annotated[bool, option("browser", "--browser/--no-browser")]
