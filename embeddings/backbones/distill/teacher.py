"""The teachers: a classifier whose features are matched, and perhaps one that gives soft labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import ModelError


class KerasTeacher:
    """A ``.keras`` classifier; pixels 0 to 255 in, features and probabilities out.

    ``weights`` are those of the layers up to ``layer``, in the order of the graph.

    Raises
    ------
    ModelError
        The file can't be read, or has no such layer.
    """

    def __init__(self, file: Path, layer: str) -> None:
        import keras
        import tensorflow as tf

        try:
            model = keras.models.load_model(file, compile=False)
            features = model.get_layer(layer).output
        except (ValueError, OSError) as error:
            raise ModelError(
                f"{file} can't teach ({str(error).splitlines()[0]}).",
                hint="Give a .keras classifier, and with --layer the layer before its head.",
            ) from error
        body = keras.Model(model.input, features)
        both = keras.Model(model.input, [features, model.output])
        self.size = int(model.input.shape[1])
        self.weights: list[NDArray[np.float32]] = body.get_weights()
        self._call = tf.function(lambda x: both(x, training=False), reduce_retracing=True)

    def __call__(
        self, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return features (n, width) and probabilities (n, classes), float32.

        ``images`` is (n, size, size, 3) uint8.
        """
        import tensorflow as tf

        features, probabilities = self._call(tf.constant(images, tf.float32))
        return np.asarray(features), np.asarray(probabilities)


class SoftLabels:
    """A ``.tflite`` classifier; one image at a time, which is quick for an int8 network.

    Parameters
    ----------
    skip
        Classes dropped at the front: 1 for the 'background' of 1001-class ImageNet models.
    """

    def __init__(self, file: Path, skip: int) -> None:
        import tensorflow as tf

        self._interpreter: Any = tf.lite.Interpreter(str(file), num_threads=2)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self._skip = skip
        if self._input["dtype"] is not np.uint8:
            raise ModelError(
                f"{file} takes {self._input['dtype'].__name__}, not 8-bit pixels.",
                hint="Give a quantised classifier with uint8 input.",
            )

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities (n, classes) float32 of ``images`` (n, size, size, 3) uint8."""
        scale, zero = self._output["quantization"]
        out = []
        for image in images:
            self._interpreter.set_tensor(self._input["index"], image[None])
            self._interpreter.invoke()
            said = self._interpreter.get_tensor(self._output["index"])[0].astype(np.float32)
            out.append((said - zero) * scale if scale else said)
        matrix: NDArray[np.float32] = np.stack(out)[:, self._skip :]
        matrix /= np.maximum(matrix.sum(axis=1, keepdims=True), 1e-6)
        return matrix
