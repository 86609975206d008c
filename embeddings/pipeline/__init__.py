"""The order of the stages; the only module that knows them all.

scan → embed → cluster (which ranks too) → name → check → slices. Each takes a workspace folder,
adds to it, and can be stopped at any moment: what is done is not done again.
"""

from __future__ import annotations

from pathlib import Path

from embeddings.backbones import text_image_pair
from embeddings.engines import Engine
from embeddings.pipeline.provisional import pausing
from embeddings.pipeline.run_identity import Answers, answers_named, layout_named
from embeddings.pipeline.stages.check import check
from embeddings.pipeline.stages.cluster import cluster, is_made
from embeddings.pipeline.stages.embed import AUTO, embed, embed_by_text_model
from embeddings.pipeline.stages.name import name, words_asked_for
from embeddings.pipeline.stages.pool import embed_pool
from embeddings.pipeline.stages.scan import scan
from embeddings.pipeline.stages.slices import slices
from embeddings.pipeline.stages.stage import held
from embeddings.records import (
    Extractor,
    Layout,
    ModelSpec,
    Progress,
    SeenSoFar,
    Tell,
    no_progress,
    tell_nobody,
)
from embeddings.workspace import Workspace

__all__ = [
    "Answers",
    "answers_named",
    "check",
    "cluster",
    "embed",
    "embed_by_text_model",
    "embed_pool",
    "layout_named",
    "name",
    "run",
    "scan",
    "slices",
]


def run(
    source: str | Path,
    workspace: str | Path,
    *,
    model: str | ModelSpec | Extractor = "embedded",
    second_look: str | ModelSpec | Extractor = AUTO,
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
    provisional: bool = False,
    progress: Progress = no_progress,
    tell: Tell = tell_nobody,
) -> Workspace:
    """Scan, embed, cluster, rank, name and check: from images to the labels that are two things.

    Parameters
    ----------
    source
        An image folder (``label/…/file``), a table with ``file`` and ``label`` columns, a Hugging
        Face imagefolder, a table with embeddings in it, or the address of an image folder in
        remote storage (``s3://…``, ``gs://…``).
    workspace
        The folder for everything computed; one that exists is brought up to date.
    model
        A name of the table of models, the path of a classifier, or any ``Extractor``; a
        ``ModelSpec`` where layer, scaling, precision or trust are to be given too.
    second_look
        A further model by which each label is judged too, ``none``, or ``auto``: the embedded model
        where ``model`` is the file of a classifier, which may have been trained on these labels
        and have learnt to see what is under one label as one.
    text_model
        The folder of a text-image pair (two ONNX encoders and their tokenizer, or a model of
        transformers), by which sentences find images; its embeddings are kept beside.
    words
        A file of words, one a line, that the text model may call parts by; by default those of
        ImageNet's classes.
    embeddings
        Ready-made embeddings (``.npy``, ``.npz``, ``.parquet``); no model runs.
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
        The folder that the paths of a table are relative to; by default the table's own.
    answers
        Whose word single labels are checked by: a ``cross-check`` over the embeddings, or that of
        the ``model``, where it was not trained on these items.
    predictions
        What your model says of the items (CSV, Parquet, ``.npz``): the parts of the data set on
        which it fails are looked for. Without it the word of ``model`` counts, where its classes
        are the labels.
    pool
        A folder of images without a label, which is embedded too: what is worth collecting beside
        any images of the data set is found in it (``ws.collect``).
    seed
        Of everything random.
    layout
        What draws the maps: the layout that is ``built-in``, or the package ``umap-learn``, from
        the same neighbours and start. The findings are the same with either.
    batch_size
        Images that the model takes at once; by default what suits model and machine.
    engine
        Where the work is done (``engines.named``); by default this machine.
    provisional
        Make findings on the images seen so far whenever their number has doubled, so that there is
        something to look at while the rest is embedded. The findings in the end are the same.
    progress
        Told (done, total, stage).
    tell
        Told in a few lines how the source was understood, before anything is computed.

    Raises
    ------
    SourceError, ModelError, WorkspaceError
        With a hint that says what to do.
    """
    pair = None if text_model is None else text_image_pair(text_model)
    if words is not None:
        words_asked_for(words, pair is not None or _has_text_model(workspace))
    with held(workspace):
        scan(
            source,
            workspace,
            embeddings=embeddings,
            labelled=labelled,
            label_from=label_from,
            subset_from=subset_from,
            box_context=box_context,
            label_names=label_names,
            root=root,
            engine=engine,
            progress=progress,
            tell=tell,
        )

        def find(seen: SeenSoFar | None = None) -> None:
            if seen:
                progress(seen.done, seen.of, "first findings")
            told = no_progress if seen else progress
            cluster(
                workspace,
                answers=answers,
                layout=layout,
                seed=seed,
                provisional=seen,
                engine=engine,
                progress=told,
            )
            name(workspace, words=words, progress=told)

        embed(
            workspace,
            model=model,
            second_look=second_look,
            text_model=pair,
            batch_size=batch_size,
            engine=engine,
            pause=pausing(Workspace.open(workspace), find) if provisional else None,
            progress=progress,
        )
        ws = Workspace.open(workspace)
        if not is_made(ws, answers=answers, layout=layout, seed=seed):
            find()
            check(workspace, seed=seed, progress=progress)
        else:
            stopped = ws.health() is None  # the run before, just then
            if stopped or pair is not None or words is not None:
                name(workspace, words=words, progress=progress)
            if stopped:
                check(workspace, seed=seed, progress=progress)
        ws = slices(workspace, predictions=predictions, seed=seed, progress=progress)
        if pool is not None:
            spec = ModelSpec(model) if isinstance(model, str) else model
            embed_pool(workspace, pool, model=spec, batch_size=batch_size, progress=progress)
        return ws


def _has_text_model(workspace: str | Path) -> bool:
    return Workspace.exists(workspace) and Workspace.open(workspace).info.text is not None
