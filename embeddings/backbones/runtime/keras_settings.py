"""Keras as models are made for it, whatever a person's own settings of it are.

``~/.keras/keras.json`` and ``KERAS_BACKEND`` say which backend Keras computes with, in which
precision and with which order of channels new layers are made. People who also work with PyTorch,
or once followed an old tutorial, have other values there than a model was made under.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from embeddings.errors import ModelError

_BACKEND: Final = "KERAS_BACKEND"
_TENSORFLOW: Final = "tensorflow"
_EPSILON: Final = 1e-7  # Keras' own


@contextmanager
def keras_on_tensorflow() -> Iterator[None]:
    """Let Keras, should it be imported inside, come with TensorFlow; the environment is put back.

    Raises
    ------
    ModelError
        This process has imported Keras with another backend.
    """
    keras = sys.modules.get("keras")
    if keras is not None and (config := getattr(keras, "config", None)) is not None:
        if (running := config.backend()) != _TENSORFLOW:
            raise ModelError(
                f"Keras computes with {running} in this process, and models here need TensorFlow.",
                hint="Set KERAS_BACKEND=tensorflow before keras is imported, or use a new process.",
            )
        yield
        return
    before = os.environ.get(_BACKEND)
    os.environ[_BACKEND] = _TENSORFLOW
    try:
        yield
    finally:
        if before is None:
            del os.environ[_BACKEND]
        else:
            os.environ[_BACKEND] = before


@contextmanager
def keras_defaults() -> Iterator[None]:
    """Import Keras, and hold its settings at their defaults inside: channels last, float32.

    Raises
    ------
    ModelError
        As :func:`keras_on_tensorflow`.
    """
    with keras_on_tensorflow():
        import keras

        config = keras.config
        kept = config.image_data_format(), config.floatx(), config.epsilon(), config.dtype_policy()
        config.set_image_data_format("channels_last")
        config.set_floatx("float32")
        config.set_epsilon(_EPSILON)
        config.set_dtype_policy("float32")
        try:
            yield
        finally:
            layout, kind, epsilon, policy = kept
            config.set_image_data_format(layout)
            config.set_floatx(kind)
            config.set_epsilon(epsilon)
            config.set_dtype_policy(policy)
