"""SavedModel folders: Keras models saved by ``export`` or by older versions, and others like them.

A SavedModel holds a compiled graph, not layers: what feeds the last matrix product is found in
that graph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import (
    Candidate,
    ModelDescription,
    class_names_beside,
    file_digest,
    fingerprint,
)
from embeddings.backbones.preprocess import DESCRIPTIONS, Scaling, as_probabilities, scale, scaling
from embeddings.errors import ModelError, UsageError
from embeddings.records import Batch

DEFAULT_SIZE: Final = 224
_PASSING: Final = frozenset(
    {"Identity", "Softmax", "Reshape", "Squeeze", "BiasAdd", "Add", "AddV2"}
)
_HEADS: Final = frozenset({"MatMul", "Conv2D"})


class SavedModelExtractor:
    """Runs the serving signature of a SavedModel, pruned to embedding and scores."""

    def __init__(self, path: Path, *, layer: str | None, preprocess: str | None) -> None:
        import tensorflow as tf
        from tensorflow.python.framework.convert_to_constants import (
            convert_variables_to_constants_v2,
        )

        try:
            loaded = tf.saved_model.load(str(path))
            function = loaded.signatures["serving_default"]
        except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
            raise ModelError(
                f"{path} can't be loaded as a SavedModel with a serving signature.",
                hint="Save it again with model.export(folder).",
            ) from error
        # One flat graph: what feeds the head often lies inside a called function.
        flat = convert_variables_to_constants_v2(function)
        if len(flat.inputs) != 1 or len(flat.inputs[0].shape) != 4 or flat.inputs[0].shape[3] != 3:
            raise ModelError(
                f"{path} does not take one RGB image (n, height, width, 3).",
                hint="Give a classifier of RGB images.",
            )
        output = flat.outputs[0]
        tensor, why = _penultimate(output)
        self.likely = tuple(
            Candidate(t.name, tuple(int(s or 0) for s in t.shape[1:]))
            for t in (tensor, output)
            if t.shape.rank is not None
        )
        if layer is not None:
            tensor, why = _by_name(flat.graph, layer), "as asked"
        has_head = tensor is not output
        self._function = flat.prune(flat.inputs, [tensor, output] if has_head else [tensor])
        self._has_head = has_head
        size = flat.inputs[0].shape[1]
        self.input_size = int(size) if size else DEFAULT_SIZE
        self._scaling: Scaling = scaling(preprocess) if preprocess else "raw"
        self.name = path.name
        self.layer, self.why = tensor.name, why
        self.fingerprint = fingerprint(
            file_digest(path), tensor.name, self._scaling, self.input_size
        )
        probe = self.extract(np.zeros((1, self.input_size, self.input_size, 3), np.uint8))
        self.width = probe.embeddings.shape[1]
        self.n_classes = probe.probabilities.shape[1] if probe.probabilities is not None else None
        names = class_names_beside(path)
        self.classes = names if names and len(names) == self.n_classes else None
        assumed = (
            f"A SavedModel does not say how it wants its pixels; {DESCRIPTIONS['raw']} was "
            "assumed. If that is wrong, say --preprocess."
        )
        self.notes: tuple[str, ...] = (
            f"Embeddings are read from tensor {tensor.name!r}: {why}.",
            *(() if preprocess else (assumed,)),
        )

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        import tensorflow as tf

        outputs = self._function(tf.constant(scale(images, self._scaling)))
        embeddings = np.asarray(outputs[0], dtype=np.float32)
        if embeddings.ndim == 4:
            embeddings = embeddings.mean(axis=(1, 2))
        scores = as_probabilities(np.asarray(outputs[1])) if self._has_head else None
        return Batch(embeddings, scores)


def _penultimate(output: Any) -> tuple[Any, str]:
    tensor = output
    while tensor.op.type in _PASSING:
        tensor = tensor.op.inputs[0]
    if tensor.op.type not in _HEADS:
        return output, "the model has no head: its output"
    feeding = tensor.op.inputs[0]
    while feeding.op.type == "Identity":
        feeding = feeding.op.inputs[0]
    return feeding, "it feeds the last dense layer"


def _by_name(graph: Any, layer: str) -> Any:
    try:
        return graph.get_tensor_by_name(layer if ":" in layer else f"{layer}:0")
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"The model has no tensor {layer!r}.",
            hint="`rosette models FOLDER` lists the likely ones.",
        ) from error


def load(path: Path, *, layer: str | None, preprocess: str | None) -> SavedModelExtractor:
    """Load a SavedModel folder."""
    return SavedModelExtractor(path, layer=layer, preprocess=preprocess)


def describe(path: Path) -> ModelDescription:
    """Describe a SavedModel folder."""
    found = load(path, layer=None, preprocess=None)
    return ModelDescription(
        name=path.name,
        format="SavedModel",
        input_size=found.input_size,
        candidates=found.likely,
        chosen=found.layer,
        why=found.why,
        n_classes=found.n_classes,
    )
