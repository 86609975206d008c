"""Images that a sentence speaks of, by the text-image pair that embedded a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.retrieval.vectors import Alike, nearest_to
from embeddings.storage import EmbeddingStore
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.backbones import TextEncoder, TextImagePair


@dataclass(frozen=True, slots=True)
class Sentences:
    """Searches by sentence: the encoder of texts of a run's pair, and its embeddings of images."""

    name: str
    encoder: TextEncoder
    store: EmbeddingStore

    def nearest(self, text: str, most: int) -> Alike:
        """Return the ``most`` contents that a text fits best, by the cosine of their embeddings.

        Raises
        ------
        UsageError
            There is no text.
        ModelError
            The pair has no finite embedding of it.
        """
        if not text.strip():
            raise UsageError("There is no text to search by.", hint="Say what is to be seen.")
        return nearest_to(self.store, self.encoder.embed([text])[0], most)


def pair_of(ws: Workspace, folder: str | Path | None = None) -> TextImagePair:
    """Return the text-image pair that embedded a workspace, not yet loaded.

    Parameters
    ----------
    folder
        Where it lies now, if not where it lay when it was given.

    Raises
    ------
    UsageError
        No pair embedded this workspace, it is not where it was, or it is another one.
    ModelError
        It is not whole.
    """
    from embeddings.backbones import text_image_pair

    info = ws.info.text
    embed = f"rosette embed {ws.path} --text-model FOLDER"
    if info is None:
        raise UsageError(
            "No text model has embedded these images, so sentences can't be searched by.",
            hint=f"Add one: `{embed}` (docs/search.md).",
        )
    asked = Path(folder or ws.info.text_folder)
    if folder is None and not asked.is_dir():
        raise UsageError(
            f"The text model of this run, {info.name}, is not in {asked} any more.",
            hint=f"Say where it is now: `{embed}`; nothing is embedded anew.",
        )
    pair = text_image_pair(asked)
    if pair.fingerprint != info.fingerprint:
        raise UsageError(
            f"{asked} is not the text model that embedded this run, or was changed since.",
            hint=f"Give the same, or embed by this one: `{embed}`.",
        )
    return pair


def sentences_of(ws: Workspace, folder: str | Path | None = None) -> Sentences:
    """Load what sentences are searched by; see :func:`pair_of`.

    Raises
    ------
    UsageError, ModelError
        As :func:`pair_of`, or the encoder of texts can't be loaded.
    """
    pair = pair_of(ws, folder)
    return Sentences(pair.name, pair.text_encoder(), ws.store(pair.fingerprint))


def not_embedded(ws: Workspace, items: pd.DataFrame) -> int:
    """Return how many images that can be read the pair has not seen, as after new ones came."""
    if ws.info.text is None:
        return 0
    readable = items.loc[items[c.STATUS] == c.OK, c.SHA256].astype(str)
    return int((~readable.isin(ws.store(ws.info.text.fingerprint).done())).sum())


def rows_of_contents(found: Alike, items: pd.DataFrame, most: int) -> list[tuple[int, float]]:
    """Return the places of the items that hold some contents, and the cosine of each."""
    by_content = items.groupby(items[c.SHA256].astype(str), sort=False).indices
    rows = [
        (int(row), float(cosine))
        for key, cosine in zip(found.keys, found.cosine, strict=True)
        for row in by_content.get(key, ())
    ]
    return rows[:most]
