"""TensorFlow Lite classifiers, float or quantised."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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

_PASSING: Final = frozenset({"RESHAPE", "SQUEEZE", "SOFTMAX", "QUANTIZE", "DEQUANTIZE", "CAST"})
_HEADS: Final = frozenset({"FULLY_CONNECTED", "CONV_2D"})


@contextmanager
def _quiet() -> Iterator[None]:
    # The interpreter moved to another package, which has no wheel for every platform we serve.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        # The penultimate tensor is one of those kept; they are few megabytes for one image.
        warnings.filterwarnings("ignore", message=r"(?s).*experimental_preserve_all_tensors")
        yield


def _interpreter(path: Path, *, plain: bool) -> Any:
    """Open the model with all tensors kept; ``plain`` leaves the graph as it is in the file."""
    import tensorflow as tf

    resolver = tf.lite.experimental.OpResolverType
    kind = resolver.BUILTIN_WITHOUT_DEFAULT_DELEGATES if plain else resolver.AUTO
    try:
        with _quiet():
            interpreter = tf.lite.Interpreter(
                str(path),
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=kind,
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{path} can't be loaded as a TensorFlow Lite model.",
            hint="See that the file is whole and uses built-in operations only.",
        ) from error
    inputs = interpreter.get_input_details()
    if len(inputs) != 1 or len(inputs[0]["shape"]) != 4 or inputs[0]["shape"][3] != 3:
        raise ModelError(
            f"{path} does not take one RGB image (n, height, width, 3).",
            hint="Give a classifier of RGB images.",
        )
    if inputs[0]["shape"][1] != inputs[0]["shape"][2]:
        raise ModelError(f"{path} does not take square images.", hint="Give one that does.")
    return interpreter


def _penultimate(interpreter: Any) -> tuple[int, str, list[int]]:
    """Return the tensor that feeds the head, why, and every tensor that could be it."""
    made_by = {int(o): op for op in interpreter._get_ops_details() for o in op["outputs"]}
    tensor = int(interpreter.get_output_details()[0]["index"])
    seen = []
    while tensor in made_by and made_by[tensor]["op_name"] in _PASSING:
        seen.append(tensor)
        tensor = int(made_by[tensor]["inputs"][0])
    head = made_by.get(tensor)
    if head is None or head["op_name"] not in _HEADS:
        return tensor, "the model has no head: its output", [tensor, *seen]
    return int(head["inputs"][0]), "it feeds the last dense layer", [int(head["inputs"][0]), *seen]


def _default_scaling(details: Any, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
    if details["dtype"] in (np.uint8, np.int8):
        if asked is not None:
            raise UsageError(
                "A quantised model takes 8-bit pixels as they are.", hint="Leave out --preprocess."
            )
        return "raw", ("Pixels are given as 8-bit values: the model is quantised.",)
    if asked is not None:
        return scaling(asked), ()
    return "-1..1", (
        f"The model does not say how it wants its pixels; {DESCRIPTIONS['-1..1']} was assumed, as "
        "most TensorFlow Lite classifiers do. If that is wrong, say --preprocess.",
    )


class TFLiteExtractor:
    """Runs one image at a time, which a small quantised network is made for."""

    def __init__(self, path: Path, *, layer: str | None, preprocess: str | None) -> None:
        plain = _interpreter(path, plain=True)
        tensor, why, _ = _penultimate(plain)
        if layer is not None:
            tensor, why = _by_name(plain, layer), "as asked"
        self._interpreter = _interpreter(path, plain=False)
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self._tensor = {t["index"]: t for t in self._interpreter.get_tensor_details()}[tensor]
        self._scaling, notes = _default_scaling(self._input, preprocess)
        shape = self._tensor["shape"]
        has_head = tensor != int(self._output["index"]) and "no head" not in why
        self._scores = self._output if has_head else None
        self.name = path.name
        self.input_size = int(self._input["shape"][1])
        self.width = int(shape[-1])
        self.fingerprint = fingerprint(file_digest(path), tensor, self._scaling, self.input_size)
        names = class_names_beside(path)
        n_classes = int(self._output["shape"][-1])
        self.classes = names if names and has_head and len(names) == n_classes else None
        self.notes = (f"Embeddings are read from tensor {tensor}: {why}.", *notes)

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        given = self._given(images)
        embeddings, scores = [], []
        for image in given:
            self._interpreter.set_tensor(self._input["index"], image[None])
            self._interpreter.invoke()
            vector = self._read(self._tensor)
            embeddings.append(vector.reshape(-1, vector.shape[-1]).mean(axis=0))
            if self._scores is not None:
                scores.append(self._read(self._scores).reshape(-1))
        said = as_probabilities(np.stack(scores)) if scores else None
        return Batch(np.stack(embeddings), said)

    def _given(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        if self._input["dtype"] is np.uint8:
            return images
        if self._input["dtype"] is np.int8:
            return (images.astype(np.int16) - 128).astype(np.int8)
        return scale(images, self._scaling)

    def _read(self, details: Any) -> NDArray[np.float32]:
        value = self._interpreter.get_tensor(details["index"]).astype(np.float32)
        step, zero = details["quantization"]
        return np.asarray((value - zero) * np.float32(step) if step else value, dtype=np.float32)


def _by_name(interpreter: Any, layer: str) -> int:
    for tensor in interpreter.get_tensor_details():
        if layer in (str(tensor["index"]), tensor["name"]):
            return int(tensor["index"])
    raise UsageError(
        f"The model has no tensor {layer!r}.", hint="`rosette models FILE` lists the likely ones."
    )


def load(path: Path, *, layer: str | None, preprocess: str | None) -> TFLiteExtractor:
    """Load a ``.tflite`` classifier."""
    return TFLiteExtractor(path, layer=layer, preprocess=preprocess)


def describe(path: Path) -> ModelDescription:
    """Describe a ``.tflite`` classifier."""
    interpreter = _interpreter(path, plain=True)
    tensor, why, likely = _penultimate(interpreter)
    details = {t["index"]: t for t in interpreter.get_tensor_details()}
    found = tuple(Candidate(str(t), tuple(int(s) for s in details[t]["shape"][1:])) for t in likely)
    return ModelDescription(
        name=path.name,
        format="TensorFlow Lite",
        input_size=int(interpreter.get_input_details()[0]["shape"][1]),
        candidates=found,
        chosen=str(tensor),
        why=why,
        n_classes=int(interpreter.get_output_details()[0]["shape"][-1]),
    )
