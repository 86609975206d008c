"""Models of Keras Applications with ImageNet weights."""

from __future__ import annotations

from pathlib import Path

from embeddings.backbones.description import file_digest, fingerprint
from embeddings.backbones.graphs.keras_graph import graph_of, penultimate
from embeddings.backbones.runtime.download import fetch
from embeddings.backbones.runtime.keras_extractor import KerasExtractor
from embeddings.backbones.runtime.precision import Precision
from embeddings.backbones.table import Backbone
from embeddings.errors import ModelError
from embeddings.records import Progress, no_progress


def load(
    row: Backbone, *, precision: Precision = "fp32", progress: Progress = no_progress
) -> KerasExtractor:
    """Load a model of the table; its weights are downloaded once and kept where Keras keeps them.

    Raises
    ------
    ModelError
        The weights are not here and can't be downloaded, or are damaged; the hint says which
        file goes where.
    """
    if not row.is_here:
        fetch(row.url, row.weights_path, digest=row.digest, what=row.name, progress=progress)
    return build(row, weights=row.weights_path, precision=precision)


def build(row: Backbone, *, weights: Path | None, precision: Precision = "fp32") -> KerasExtractor:
    """Build a model of the table from a file of weights; None gives random ones, for tests."""
    import keras

    from embeddings.backbones.embedded import class_names

    factory = getattr(keras.applications, row.factory)
    try:
        model = factory(weights=weights and str(weights), classifier_activation="softmax")
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"The weights of {row.name} at {weights} can't be read.",
            hint=f"Delete that file; it will be fetched again from {row.url}.",
        ) from error
    found = penultimate(graph_of(model), None, what=row.name)
    digest = file_digest(weights) if weights else "random"
    return KerasExtractor(
        keras.Model(model.inputs[0], [found.tensor, found.scores]),
        name=row.name,
        fingerprint=fingerprint(row.name, digest, row.scaling, row.input_size),
        input_size=row.input_size,
        scaling=row.scaling,
        scores="probabilities",
        classes=class_names(),
        notes=(),
        precision=precision,
    )
