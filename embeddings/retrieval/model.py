"""The model of a run, loaded again to embed a picture that is not in the data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import ImageError, MissingStageError, ModelError, UsageError
from embeddings.records import Extractor, ModelSpec
from embeddings.retrieval.vectors import Alike, nearest_to
from embeddings.storage import EmbeddingStore
from embeddings.workspace import GIVEN, Workspace

LARGEST_PICTURE = 11_000_000  # bytes of a picture that is searched by


def model_of(ws: Workspace, model: ModelSpec | None = None) -> Extractor:
    """Load the model that embedded a workspace.

    Parameters
    ----------
    model
        Its file, where it is not one of the table: the workspace knows its name alone. Layer,
        scaling and precision as they were given to the run.

    Raises
    ------
    MissingStageError
        Nothing was embedded yet.
    UsageError
        The embeddings came ready-made, the file is not known, or it is another model.
    """
    from embeddings import backbones

    info = ws.info.model
    if info is None:
        raise MissingStageError(ws.path, "embed")
    if info.name == GIVEN:
        raise UsageError(
            "The embeddings of this run came ready-made: a picture can't be embedded as they were.",
            hint="Search from an image of the data set, or run with a model.",
        )
    if model is None and backbones.find(info.name) is None:
        raise UsageError(
            f"Where {info.name}, the model of this run, lies is not known.",
            hint="Say it with --model FILE.",
        )
    asked = model or ModelSpec(info.name)
    with backbones.quiet_native_logs():
        extractor = backbones.load_spec(asked)
    if extractor.fingerprint != info.fingerprint:
        raise UsageError(
            f"{asked.model} is not the model that embedded this run, or not read as it was.",
            hint="Give file, --layer, --preprocess and --precision as they were given to the run.",
        )
    return extractor


@dataclass(frozen=True, slots=True)
class Query:
    """Searches by picture: the model of a run, and the embeddings that it made."""

    extractor: Extractor
    store: EmbeddingStore

    def nearest(self, picture: Path | bytes, most: int) -> Alike:
        """Return the ``most`` contents that look most like a picture, which is kept nowhere.

        Raises
        ------
        ImageError
            It is no image that can be read, or too large.
        ModelError
            The model has no finite embedding of it.
        """
        pixels = pixels_of(picture, self.extractor.input_size)
        vector = self.extractor.extract(pixels[None]).embeddings[0]
        if not np.isfinite(vector).all():
            raise ModelError(
                "The model gives no finite embedding of this picture.", hint="Try another."
            )
        return nearest_to(self.store, vector, most)


def pixels_of(picture: Path | bytes, size: int) -> NDArray[np.uint8]:
    """Read a picture as (size, size, 3) uint8 RGB, as the images of a data set are read.

    Raises
    ------
    ImageError
        It is no image that can be read, or too large.
    """
    from embeddings.images import prepare

    try:
        n = len(picture) if isinstance(picture, bytes) else picture.stat().st_size
    except OSError as error:
        raise ImageError(f"{error.filename} can't be read: {error.strerror}.") from error
    if n > LARGEST_PICTURE:
        raise ImageError(
            f"The picture has {n / 1e6:.0f} MB.",
            hint=f"Search by one of at most {LARGEST_PICTURE / 1e6:.0f} MB.",
        )
    try:
        return prepare(picture, size).pixels
    except ImageError as error:  # its words are made for a list of files
        raise ImageError(
            f"The picture can't be read: {error.message}.", hint="Save it anew as JPEG or PNG."
        ) from error
