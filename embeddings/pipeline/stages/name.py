"""Stage name: words for the parts of labels, from the model's head and from the text model.

What the head of the run's model knows names first, unless a list of words was given: these are what
the data set may show, so the text model is asked for them first. Each fills what the other leaves
without a name. Without a list the text model is asked for the words of ImageNet's classes.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import RosetteError, UsageError
from embeddings.kind_names import (
    KindName,
    imagenet_hierarchy,
    name_parts,
    read_words,
    sentences_for,
    zero_shot_scores,
)
from embeddings.pipeline.reading import embeddings_of
from embeddings.pipeline.stages.stage import stage
from embeddings.records import Progress, no_progress
from embeddings.retrieval import pair_of
from embeddings.storage import atomic_path, class_scores, write_frame, write_text
from embeddings.workspace import KIND_NAMES_FILE, ModelInfo, Workspace

if TYPE_CHECKING:
    import pandas as pd

WORDS_FILE: Final = "words.txt"  # of the workspace: what parts may be called by, where given
_AT_ONCE: Final = 64  # texts between two reports of progress
_NOT_NAMED: Final = "Parts were not named by the text model."


def name(
    workspace: str | Path,
    *,
    words: str | Path | None = None,
    progress: Progress = no_progress,
) -> Workspace:
    """Name the parts of the current run, and write the names beside it.

    A model without a head, or whose classes have no names, names nothing; without a text model too
    the file is then empty.

    Parameters
    ----------
    words
        A file of words, one a line, that the text model is asked for; it is kept for later runs.

    Raises
    ------
    UsageError
        The words can't be read, or there is no text model that could be asked for them.
    """
    with stage(workspace, "name"):
        ws = Workspace.open(workspace)
        progress(0, 1, "names")
        if words is not None:
            listed = words_asked_for(words, ws.info.text is not None)
            write_text(ws.path / WORDS_FILE, "\n".join(listed) + "\n")
        named = _named(ws, progress)
        write_frame(ws.run_folder / KIND_NAMES_FILE, _frame(named))
        progress(1, 1, "names")
        return ws


def words_asked_for(file: str | Path, has_text_model: bool) -> tuple[str, ...]:
    """Read a list of words that parts may be called by.

    Raises
    ------
    UsageError
        They can't be read, or there is no text model that could be asked for them.
    """
    if not has_text_model:
        raise UsageError(
            "A list of words needs a text model, and none has embedded these images.",
            hint="Give one too: --text-model FOLDER (docs/search.md).",
        )
    return read_words(Path(file))


def _named(ws: Workspace, progress: Progress) -> tuple[KindName, ...]:
    """Return one name at most for each part, by label and cluster."""
    items = ws.items()
    items = items[np.isfinite(items[c.X].to_numpy(dtype=float))]  # the others are in no part
    listed = (ws.path / WORDS_FILE).is_file()
    by_head, by_text = _by_head(ws, items), _by_text_model(ws, items, listed, progress)
    order = (by_head, by_text) if listed else (by_text, by_head)
    best = {(one.label, one.cluster): one for names in order for one in names}
    return tuple(best[part] for part in sorted(best))


def _by_head(ws: Workspace, items: pd.DataFrame) -> tuple[KindName, ...]:
    model = ws.info.model
    if model is None or not model.classes:
        return ()
    keys = ws.keys(items)
    scores = class_scores(ws.store(model.fingerprint), keys)
    if scores is None:
        return ()
    return name_parts(scores, *_parts(items), model.classes, contents=keys)


def _by_text_model(
    ws: Workspace, items: pd.DataFrame, listed: bool, progress: Progress
) -> tuple[KindName, ...]:
    info = ws.info.text
    if info is None or not len(items):
        return ()
    words = read_words(ws.path / WORDS_FILE) if listed else _words_of_imagenet()
    notes = tuple(note for note in ws.info.run_notes if not note.startswith(_NOT_NAMED))
    try:
        sentences = _embedded(ws, info, sentences_for(words), progress)
    except RosetteError as error:
        ws.update(run_notes=(*notes, f"{_NOT_NAMED} {error}"))
        return ()
    if notes != ws.info.run_notes:
        ws.update(run_notes=notes)
    keys = [str(key) for key in items[c.SHA256].fillna("")]
    with embeddings_of(ws, keys, info) as (images, _):
        scores = zero_shot_scores(images, sentences)
    found = name_parts(scores, *_parts(items), words, contents=keys, as_given=True)
    return tuple(replace(one, by=info.name) for one in found)


def _parts(items: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    return items[c.LABEL].to_numpy(dtype=object), items[c.CLUSTER].to_numpy(dtype=np.int64)


def _words_of_imagenet() -> tuple[str, ...]:
    hierarchy = imagenet_hierarchy()
    return tuple(dict.fromkeys(hierarchy.words[node][0] for node in hierarchy.classes))


def _embedded(
    ws: Workspace, info: ModelInfo, texts: list[str], progress: Progress
) -> NDArray[np.float32]:
    """Return the embeddings of texts by the run's pair, from the disk where they were made before.

    Raises
    ------
    UsageError, ModelError
        The pair is not where it was, or is another.
    """
    digest = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    file = ws.store(info.fingerprint).folder / f"words-{digest[:16]}.npy"
    with suppress(OSError, ValueError, EOFError):  # what is damaged is made anew
        kept: NDArray[np.float32] = np.load(file, allow_pickle=False)
        if kept.shape == (len(texts), info.width):
            return kept
    encoder = pair_of(ws).text_encoder()
    made = []
    for start in range(0, len(texts), _AT_ONCE):
        progress(start, len(texts), "words")
        made.append(encoder.embed(texts[start : start + _AT_ONCE]))
    rows = np.concatenate(made)
    with atomic_path(file) as part, part.open("wb") as handle:
        np.save(handle, rows, allow_pickle=False)
    progress(len(texts), len(texts), "words")
    return rows


def _frame(names: tuple[KindName, ...]) -> pd.DataFrame:
    import pandas as pd

    rows = [(n.label, n.cluster, n.name, n.general, n.count, n.of, n.bits, n.by) for n in names]
    return pd.DataFrame(rows, columns=[c.LABEL, c.CLUSTER, *c.KIND_COLUMNS])
