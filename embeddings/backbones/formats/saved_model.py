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
    ModelDescription,
    Options,
    class_names,
    damage_said,
    file_digest,
    fingerprint,
    of_precision,
)
from embeddings.backbones.graphs.frozen_graph import freeze
from embeddings.backbones.graphs.graph_description import described
from embeddings.backbones.graphs.penultimate import Head, find_head, scaling_inside
from embeddings.backbones.graphs.saved_model_graph import ops_of, refuse_unsafe
from embeddings.backbones.runtime.batching import in_steps, pooled
from embeddings.backbones.runtime.precision import NOTES as PRECISION_NOTES
from embeddings.backbones.runtime.precision import refuse_unsupported
from embeddings.backbones.runtime.preprocess import Scaling, assumed, scale, scaling, told
from embeddings.backbones.runtime.scores import NOTES, judge, probe, to_probabilities
from embeddings.backbones.runtime.threads import pace
from embeddings.errors import ModelError, UsageError
from embeddings.records import Batch

DEFAULT_SIZE: Final = 224
_SIGNATURES: Final = ("serving_default", "serve")


def _open(path: Path, *, allow_code: bool) -> tuple[Any, Any]:
    """Return the model, which owns its variables, and its graph as one flat function."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    if not allow_code:
        refuse_unsafe(path)
    try:
        loaded = tf.saved_model.load(str(path))
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise ModelError(
            f"{path} can't be loaded as a SavedModel.",
            hint="See that the folder is whole; save it again with model.export(folder).",
        ) from error
    name = next((n for n in _SIGNATURES if n in loaded.signatures), None)
    if name is None:
        raise ModelError(
            f"{path} has no serving signature.", hint="Save it again with model.export(folder)."
        )
    # What feeds the head often lies inside a called function: laid open, it can be seen.
    flat = convert_variables_to_constants_v2(loaded.signatures[name])
    if len(flat.inputs) != 1 or len(flat.inputs[0].shape) != 4 or flat.inputs[0].shape[3] != 3:
        raise ModelError(
            f"{path} does not take one RGB image (n, height, width, 3).",
            hint="Give a classifier of RGB images.",
        )
    return loaded, flat


class SavedModelExtractor:
    """Runs the serving signature of a SavedModel, pruned to embedding and scores."""

    def __init__(self, path: Path, options: Options) -> None:
        self._loaded, flat = _open(path, allow_code=options.allow_code)
        self.ops = ops_of(flat.graph)
        self.outputs = tuple((t.name, t.name) for t in flat.outputs)
        self.head = find_head(self.ops, self.outputs)
        if options.layer is not None:
            tensor = _by_name(flat.graph, options.layer).name
            self.head = Head(tensor, self.head.scores, self.head.kind, tensor, "as asked")
        wanted = [self.head.embedding, *([self.head.scores] if self.head.scores else [])]
        refuse_unsupported(options.precision)
        pruned = flat.prune(flat.inputs, [flat.graph.get_tensor_by_name(name) for name in wanted])
        self._function = freeze(pruned, options.precision)
        self.pace = pace()
        self._input = flat.inputs[0]
        self.input_size, size_notes = _input_size(path, self._input.shape)
        self._step = None if self._input.shape[0] is None else int(self._input.shape[0])
        self._scaling, scaling_notes = self._found_scaling(options.preprocess)
        self.name = path.name
        self.fingerprint = of_precision(
            fingerprint(file_digest(path), self.head.embedding, self._scaling, self.input_size),
            options.precision,
        )
        precision_note = PRECISION_NOTES[options.precision]
        embeddings, *scores = self._outputs(probe(self.input_size))
        self.width = embeddings.shape[1]
        self._kind = self.head.kind or (judge(scores[0]) if scores else "logits")
        self.n_classes = max(2, scores[0].shape[1]) if scores else None
        self.classes, class_notes = class_names(path, self.n_classes, options.classes_file)
        score_note = NOTES[self._kind] if scores else ""
        self.notes: tuple[str, ...] = (
            f"Embeddings are read from tensor {self.head.label!r}: {self.head.why}.",
            *size_notes,
            *scaling_notes,
            *((score_note,) if score_note else ()),
            *class_notes,
            *((precision_note,) if precision_note else ()),
        )

    def _found_scaling(self, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
        if asked is not None:
            return scaling(asked), ()
        if self._input.dtype.name == "uint8":
            return "raw", ("Pixels are given as 8-bit values: the model takes no others.",)
        inside = scaling_inside(self.ops, self._input.name)
        if inside is not None:
            return inside[0], (told(*inside),)
        return "0..1", (assumed("The model", "0..1"),)

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = self._outputs(images)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _outputs(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        x = scale(images, self._scaling).astype(self._input.dtype.as_numpy_dtype, copy=False)
        return in_steps(x, self._step, self._run)

    def _run(self, x: NDArray[Any]) -> list[NDArray[np.float32]]:
        import tensorflow as tf

        return [pooled(np.asarray(out)) for out in self._function(tf.constant(x))]


def _input_size(path: Path, shape: Any) -> tuple[int, tuple[str, ...]]:
    height, width = shape[1], shape[2]
    if not height or not width:
        known = int(height or width or DEFAULT_SIZE)
        return known, (f"The model takes any size; images are given at {known} px.",)
    if height != width:
        raise ModelError(f"{path} takes {height} by {width} px.", hint="Only square is supported.")
    return int(height), ()


def _by_name(graph: Any, layer: str) -> Any:
    try:
        return graph.get_tensor_by_name(layer if ":" in layer else f"{layer}:0")
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"The model has no tensor {layer!r}.",
            hint="`rosette models FOLDER` lists the likely ones.",
        ) from error


def load(path: Path, options: Options) -> SavedModelExtractor:
    """Load a SavedModel folder."""
    with damage_said(path, "a SavedModel"):
        return SavedModelExtractor(path, options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a SavedModel folder."""
    return described(load(path, options), path.name, "SavedModel")
