"""A Keras model at work: embedding and probabilities from one forward pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import file_digest, fingerprint, of_precision
from embeddings.backbones.graphs.frozen_graph import MOST_PARAMETERS, freeze
from embeddings.backbones.runtime.batching import in_steps
from embeddings.backbones.runtime.precision import NOTES, Precision, refuse_unsupported
from embeddings.backbones.runtime.preprocess import Scaling, scaled
from embeddings.backbones.runtime.scores import ScoreKind, judge, probe, to_probabilities
from embeddings.backbones.runtime.threads import pace
from embeddings.errors import ModelError
from embeddings.records import Batch

EMBEDDED_NOTE: Final = (
    "The embedded model was used. It needs no download; where ImageNet weights can be had they "
    "tell finer kinds apart: --model mobilenetv3large."
)


class KerasExtractor:
    """Runs a Keras model of one input, and of one or two outputs: embedding, scores.

    The graph is traced once, for any batch size. It is not compiled by XLA, which is many times
    slower on a CPU. ``extract`` may be called from several threads at once.
    """

    def __init__(
        self,
        model: Any,
        *,
        name: str,
        fingerprint: str,
        input_size: int,
        scaling: Scaling,
        scores: ScoreKind | None,
        classes: tuple[str, ...] | None,
        notes: tuple[str, ...],
        precision: Precision = "fp32",
    ) -> None:
        refuse_unsupported(precision)
        self.name = name
        self.fingerprint = of_precision(fingerprint, precision)
        self.input_size = input_size
        self.width = int(model.outputs[0].shape[-1])
        self.classes = classes
        self.notes = (*notes, NOTES[precision]) if NOTES[precision] else notes
        self.pace = pace()
        self._step = model.inputs[0].shape[0]
        self._has_scores = len(model.outputs) > 1
        self._call = _compiled(model, scaling, precision)
        self._kind: ScoreKind = scores or self._judged()

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = in_steps(images, self._step, self._run)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _run(self, x: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        import tensorflow as tf

        outputs = self._call(tf.constant(x))
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        return [np.asarray(out, dtype=np.float32) for out in outputs]

    def _judged(self) -> ScoreKind:
        if not self._has_scores:
            return "probabilities"
        scores = in_steps(probe(self.input_size), self._step, self._run)[1]
        return judge(scores.reshape(len(scores), -1))


def _compiled(model: Any, scaling: Scaling, precision: Precision) -> Callable[[Any], Any]:
    """Return the model as a function of 8-bit pixels; they are scaled inside, on its threads."""
    import tensorflow as tf

    first = channels_first(model)
    shape = [None if s is None else int(s) for s in model.inputs[0].shape]
    size = [shape[0], *shape[2:], 3] if first else [*shape[:3], 3]
    dtype = model.inputs[0].dtype

    def call(x: Any) -> Any:
        pixels = tf.cast(scaled(tf.cast(x, tf.float32), scaling), dtype)
        return model(tf.transpose(pixels, (0, 3, 1, 2)) if first else pixels, training=False)

    given = tf.TensorSpec(size, tf.uint8)
    traced = tf.function(call, input_signature=[given]).get_concrete_function()
    if precision == "fp32" and model.count_params() > MOST_PARAMETERS:
        return partial(_with_variables, model, traced)
    return freeze(traced, precision)


def channels_first(model: Any) -> bool:
    """Whether a Keras model takes images as (n, 3, height, width)."""
    shape = model.inputs[0].shape
    return bool(shape[-1] not in (3, None) and shape[1] == 3)


def _with_variables(model: Any, traced: Callable[[Any], Any], x: Any) -> Any:
    """Call ``traced``, which does not keep the variables of ``model`` alive by itself."""
    return traced(x)


def load_embedded(precision: Precision = "fp32") -> KerasExtractor:
    """Load the model that ships with the project.

    Raises
    ------
    ModelError
        Its weights are missing: the installation is not whole.
    """
    try:
        from embeddings.backbones import embedded
    except ImportError as error:
        raise _not_whole(Path(__file__).parent.with_name("embedded")) from error
    if not embedded.WEIGHTS.is_file():
        raise _not_whole(embedded.WEIGHTS)
    return KerasExtractor(
        embedded.build(),
        name="embedded",
        fingerprint=fingerprint("embedded", file_digest(embedded.WEIGHTS)),
        input_size=embedded.INPUT_SIZE,
        scaling="raw",
        scores="probabilities",
        classes=embedded.class_names(),
        notes=(EMBEDDED_NOTE,),
        precision=precision,
    )


def _not_whole(path: Path) -> ModelError:
    return ModelError(
        f"The embedded model is missing: {path}.", hint="Install rosette-explorer again."
    )
