"""Small classifiers in the shapes that people give them, and in every form they are saved in."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZE, WIDTH, CLASSES = 24, 12, 5
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
FORMS = ("keras", "h5", "saved_model", "tflite")
QUANTISED = ("float16", "dynamic", "int8")


def features(x: Any, name: str = "pool") -> Any:
    """Return the penultimate layer of most of them: (n, 12)."""
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu", name=f"{name}_conv")(x)
    return layers.GlobalAveragePooling2D(name=name)(x)


def _plain(x: Any) -> Any:
    from keras import layers

    return layers.Dense(CLASSES)(features(x))


def _softmax_apart(x: Any) -> Any:
    from keras import layers

    return layers.Softmax()(layers.Dense(CLASSES)(layers.Dropout(0.5)(features(x))))


def _temperature(x: Any) -> Any:
    from keras import layers

    return layers.Softmax()(layers.Dense(CLASSES)(features(x)) / 1.7)


def _per_cent(x: Any) -> Any:
    from keras import layers

    return layers.Dense(CLASSES, activation="softmax")(features(x)) * 100.0


def _argmax(x: Any) -> Any:
    import keras

    return keras.ops.argmax(keras.layers.Dense(CLASSES)(features(x)), axis=-1)


def _confidence(x: Any) -> Any:
    import keras

    scores = keras.layers.Dense(CLASSES, activation="softmax")(features(x))
    return keras.ops.max(scores, axis=-1, keepdims=True)


def _top_two(x: Any) -> Any:
    import keras

    scores = keras.layers.Dense(CLASSES, activation="softmax")(features(x))
    return list(keras.ops.top_k(scores, k=2))


def _several_labels(x: Any) -> Any:
    from keras import layers

    return layers.Dense(CLASSES, activation="sigmoid")(features(x))


def _thresholded(x: Any) -> Any:
    import keras

    scores = keras.layers.Dense(CLASSES, activation="sigmoid")(features(x))
    return keras.ops.cast(keras.ops.greater(scores, 0.5), "int32")


def _ensemble(x: Any) -> Any:
    from keras import layers

    shared = features(x)
    heads = [layers.Dense(CLASSES, activation="softmax")(shared) for _ in range(2)]
    return layers.Average()(heads)


def _two_heads(x: Any) -> Any:
    from keras import layers

    shared = features(x)
    return [
        layers.Dense(CLASSES, activation="softmax", name="kind")(shared),
        layers.Dense(2, activation="sigmoid", name="flags")(shared),
    ]


def _calibrated(x: Any) -> Any:
    from keras import layers

    logits = layers.Dense(CLASSES)(features(x))
    return layers.Dense(CLASSES, activation="softmax", name="calibration")(logits)


def _batch_normalised_head(x: Any) -> Any:
    from keras import layers

    logits = layers.Dense(CLASSES, use_bias=False)(features(x))
    return layers.Softmax()(layers.BatchNormalization()(logits))


def _convolution_as_head(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu", name="pool")(x)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(CLASSES, 1)(x))
    return layers.Softmax()(x)


def _squeezed(x: Any) -> Any:
    """As SqueezeNet ends: a rectified 1 by 1 convolution, pooled."""
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu", name="pool")(x)
    return layers.GlobalAveragePooling2D()(layers.Conv2D(CLASSES, 1, activation="relu")(x))


def _wide_convolution_as_head(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu", name="pool")(x)
    return layers.Softmax()(layers.GlobalAveragePooling2D()(layers.Conv2D(CLASSES, 3)(x)))


def _largest_of_places(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(WIDTH, 3, strides=2, activation="relu")(x)
    return layers.Dense(CLASSES)(layers.GlobalMaxPooling2D(name="pool")(x))


def _laid_flat(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(4, 3, strides=4, activation="relu")(x)
    x = layers.Dropout(0.5)(layers.Flatten(name="pool")(x))
    return layers.Dense(CLASSES, activation="softmax")(x)


def _softmax_by_hand(x: Any) -> Any:
    import keras

    e = keras.ops.exp(keras.layers.Dense(CLASSES)(features(x)))
    return e / keras.ops.sum(e, axis=-1, keepdims=True)


CLASSIFIERS: dict[str, Callable[[Any], Any]] = {
    maker.__name__.strip("_"): maker
    for maker in (
        _plain, _softmax_apart, _temperature, _per_cent, _argmax, _confidence, _top_two,
        _several_labels, _thresholded, _ensemble, _two_heads, _calibrated, _batch_normalised_head,
        _convolution_as_head, _squeezed, _wide_convolution_as_head, _largest_of_places, _laid_flat,
        _softmax_by_hand,
    )
}  # fmt: skip


def _neck(x: Any) -> Any:
    from keras import layers

    return layers.Dense(32, activation="relu", name="neck")(features(x))


def _unit_length(x: Any) -> Any:
    from keras import layers

    return layers.UnitNormalization()(layers.Dense(32)(features(x)))


def _silu(x: Any) -> Any:
    import keras

    return keras.ops.silu(keras.layers.Dense(32)(features(x)))


def _gelu(x: Any) -> Any:
    import keras

    return keras.ops.gelu(keras.layers.Dense(32)(features(x)), approximate=False)


def _projection(x: Any) -> Any:
    from keras import layers

    return layers.Dense(128, use_bias=False)(features(x))


ENCODERS: dict[str, Callable[[Any], Any]] = {
    maker.__name__.strip("_"): maker
    for maker in (features, _neck, _unit_length, _silu, _gelu, _projection)
}


def model_of(maker: Callable[[Any], Any]) -> Any:
    """Build one with random weights that let scores differ; pixels are scaled inside."""
    import keras

    keras.utils.set_random_seed(1)
    pixels = keras.Input((SIZE, SIZE, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="scaled")(pixels)
    return keras.Model(pixels, maker(x))


def wanted(model: Any, layer: str = "pool") -> np.ndarray:
    """Return the output of a layer for ``IMAGES``, maps averaged."""
    import keras

    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    values = np.asarray(part(IMAGES.astype(np.float32), training=False))
    return values.mean(axis=(1, 2)) if values.ndim == 4 else values


def saved(model: Any, folder: Path, form: str) -> Path:
    """Write a model in a form; TensorFlow Lite also quantised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if form == "saved_model":
            model.export(folder / "saved", verbose=False)
            return folder / "saved"
        if form in ("keras", "h5"):
            model.save(folder / f"m.{form}")
            return folder / f"m.{form}"
        file = folder / f"{form}.tflite"
        file.write_bytes(_tflite(model, folder, form))
        return file


def _tflite(model: Any, folder: Path, form: str) -> bytes:
    import tensorflow as tf

    model.export(folder / "for_lite", verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "for_lite"))
    if form != "tflite":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form == "int8":
        converter.representative_dataset = lambda: (
            [image[None].astype(np.float32)] for image in IMAGES
        )
    return bytes(converter.convert())
