"""From images, arrays or a frame to findings, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings import pipeline
from embeddings.api.sources import names_files, written_embeddings, written_table
from embeddings.api.workspace import Workspace
from embeddings.arrays import HasArray, Labels, Matrix
from embeddings.engines import Engine
from embeddings.errors import UsageError
from embeddings.pipeline import Answers
from embeddings.records import Extractor, Layout, ModelSpec, Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd


def run(
    source: str | Path | pd.DataFrame | Matrix,
    workspace: str | Path,
    *,
    files: Sequence[str | Path] | HasArray | None = None,
    labels: Labels | None = None,
    model: str | ModelSpec | Extractor = "embedded",
    second_look: str | ModelSpec | Extractor = "auto",
    text_model: str | Path | None = None,
    words: str | Path | None = None,
    embeddings: str | Path | None = None,
    labelled: bool = True,
    label_from: str | None = None,
    subset_from: str | None = None,
    box_context: float = 0.0,
    label_names: str | Path | None = None,
    root: str | Path | None = None,
    answers: Answers = "cross-check",
    predictions: str | Path | None = None,
    pool: str | Path | None = None,
    seed: int = 0,
    layout: Layout = "built-in",
    batch_size: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Scan, embed, cluster, rank and check: from images to the labels that are two things.

    Parameters
    ----------
    source
        An image folder (``label/…/file``), a table with ``file`` and ``label`` columns, a Hugging
        Face imagefolder, a table with embeddings in it, or the address of an image folder in
        remote storage (``s3://…``, ``gs://…``). Or a frame that names image files, in columns
        as such a table has them. Or (n, d) embeddings in memory, for which no model runs; a frame
        of numbers alone is that, but for its columns ``file`` and ``label``.
    workspace
        The folder for everything computed; one that exists is brought up to date.
    files
        (n,) what each embedding in memory is called; by default its number. Of a frame, its files.
    labels
        (n,) the label of each embedding in memory, or row of a frame.
    model
        A name of the table of models, the path of a classifier, or any ``Extractor``; a
        ``ModelSpec`` where layer, scaling, precision or trust are to be given too.
    second_look
        A further model by which each label is judged too, ``none``, or ``auto``: the embedded model
        where ``model`` is the file of a classifier, which may have been trained on these labels.
    text_model
        The folder of a text-image pair such as CLIP (two ONNX encoders and their tokenizer):
        ``ws.search`` then takes any sentence, and it names parts that ``model`` has no word for.
    words
        A file of words, one a line, that the text model may call parts by; by default those of
        ImageNet's classes.
    embeddings
        Ready-made embeddings (``.npy``, ``.npz``, ``.parquet``) of a source on disk; no model
        runs.
    labelled
        False: ignore the labels, the data set is one class.
    label_from, subset_from
        Where an item's label and subset are read from, in place of what the folders say:
        ``parent``, ``grandparent``, ``folder:N``, ``name:REGEX``, ``path:REGEX``,
        ``column:NAME`` or ``none``.
    box_context
        Of annotations with boxes, the share of a box's side that is taken in around it.
    label_names
        A file that names the labels where these are numbers or ids (a name a line, or id and
        name); else one beside the data set is used where it is unambiguous. ``none``: they stay.
    root
        The folder that the paths of a table or a frame are relative to, and stay inside of. By
        default the table's own; of a frame the current one, or that which all its absolute
        paths lie in.
    answers
        Whose word single labels are checked by: a ``cross-check`` over the embeddings, or that of
        the ``model``, where it was not trained on these items.
    predictions
        What your model says of the items (CSV, Parquet, ``.npz``): the parts of the data set on
        which it fails are looked for.
    pool
        A folder of images without a label, to be collected from (``ws.collect``).
    seed
        Of everything random.
    layout
        What draws the maps: the layout that is ``built-in``, or the package ``umap-learn``.
    batch_size
        Images that the model takes at once; by default what suits model and machine.
    engine
        Where the work is done (``engines.named``); by default this machine.
    progress
        Told (done, total, stage).

    Raises
    ------
    SourceError, ModelError, WorkspaceError
        With a hint that says what to do.
    UsageError
        ``files`` or ``labels`` are given with a source on disk, or are not as many as its rows.

    Examples
    --------
    >>> ws = embeddings.run("photos/", "ws/")  # doctest: +SKIP
    >>> ws = embeddings.run(frame[["path", "species"]], "ws/", root="photos/")  # doctest: +SKIP
    >>> import numpy as np, tempfile
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(4), 20)
    >>> X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    >>> labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ws = run(X, folder, labels=labels)
    ...     print(ws.classes()["label"][0], len(ws.items()))
    cat 80
    """
    if names_files(source, files, root):
        source, root = written_table(source, Path(workspace), files=files, labels=labels, root=root)
    elif not isinstance(source, str | Path):
        if embeddings is not None:
            raise UsageError(
                "Embeddings are given, and a source in memory.",
                hint="Give the embeddings as the source, with files= and labels=.",
            )
        source = written_embeddings(source, Path(workspace), files=files, labels=labels)
    elif files is not None or labels is not None:
        raise UsageError(
            f"files= and labels= are for sources in memory, not for {source}.",
            hint="Leave them out; a table on disk has the columns file and label.",
        )
    made = pipeline.run(
        source,
        workspace,
        model=model,
        second_look=second_look,
        text_model=text_model,
        words=words,
        embeddings=embeddings,
        labelled=labelled,
        label_from=label_from,
        subset_from=subset_from,
        box_context=box_context,
        label_names=label_names,
        root=root,
        answers=answers,
        predictions=predictions,
        pool=pool,
        seed=seed,
        layout=layout,
        batch_size=batch_size,
        engine=engine,
        progress=progress,
    )
    return Workspace(made.path, made.info)
