"""A Keras model at work: embedding and probabilities from one forward pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.batching import in_steps
from embeddings.backbones.description import file_digest, fingerprint
from embeddings.backbones.preprocess import Scaling, scale
from embeddings.backbones.scores import ScoreKind, judge, probe, to_probabilities
from embeddings.errors import ModelError
from embeddings.records import Batch

EMBEDDED_NOTE: Final = (
    "The embedded model was used. It needs no download; where ImageNet weights can be had they "
    "tell finer kinds apart: --model mobilenetv3large."
)


class KerasExtractor:
    """Runs a Keras model of one input, and of one or two outputs: embedding, scores.

    The graph is traced once per batch size, so give batches of one size. It is not compiled by
    XLA, which is many times slower on a CPU.
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
    ) -> None:
        import tensorflow as tf

        self.name = name
        self.fingerprint = fingerprint
        self.input_size = input_size
        self.width = int(model.outputs[0].shape[-1])
        self.classes = classes
        self.notes = notes
        self._scaling: Scaling = scaling
        self._step = model.inputs[0].shape[0]
        self._has_scores = len(model.outputs) > 1
        self._model = model  # keeps the weights alive for the traced function
        self._call = tf.function(lambda x: model(x, training=False))
        self._kind: ScoreKind = scores or self._judged()

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = in_steps(scale(images, self._scaling), self._step, self._run)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _run(self, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        import tensorflow as tf

        outputs = self._call(tf.constant(x))
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        return [np.asarray(out, dtype=np.float32) for out in outputs]

    def _judged(self) -> ScoreKind:
        if not self._has_scores:
            return "probabilities"
        x = scale(probe(self.input_size), self._scaling)
        scores = in_steps(x, self._step, self._run)[1]
        return judge(scores.reshape(len(scores), -1))


def load_embedded() -> KerasExtractor:
    """Load the model that ships with the project.

    Raises
    ------
    ModelError
        Its weights are missing: the installation is not whole.
    """
    try:
        from embeddings.backbones import embedded
    except ImportError as error:
        raise _not_whole(Path(__file__).with_name("embedded")) from error
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
    )


def _not_whole(path: Path) -> ModelError:
    return ModelError(
        f"The embedded model is missing: {path}.", hint="Install rosette-explorer again."
    )
