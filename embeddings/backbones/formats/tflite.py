"""TensorFlow Lite classifiers, float or quantised."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
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
)
from embeddings.backbones.graphs.graph_description import described
from embeddings.backbones.graphs.penultimate import Head, Kind, Op, find_head, scaling_inside
from embeddings.backbones.runtime.batching import in_steps, pooled
from embeddings.backbones.runtime.preprocess import (
    DESCRIPTIONS,
    Scaling,
    assumed,
    scale,
    scaling,
    scaling_of_range,
    told,
)
from embeddings.backbones.runtime.scores import NOTES, judge, probe, to_probabilities
from embeddings.errors import ModelError, UsageError
from embeddings.records import Batch

_KINDS: Final[dict[str, Kind]] = {
    "FULLY_CONNECTED": "dense", "SOFTMAX": "softmax", "LOGISTIC": "sigmoid",
    "LOG_SOFTMAX": "log_softmax", "RELU": "bend", "RELU6": "bend", "HARD_SWISH": "bend",
    "RESHAPE": "shape", "SQUEEZE": "shape", "QUANTIZE": "shape", "DEQUANTIZE": "shape",
    "CAST": "shape", "PAD": "shape", "REVERSE_V2": "shape",
    "ADD": "add", "SUB": "sub", "MUL": "mul", "DIV": "div",
}  # fmt: skip
_EIGHT_BIT: Final = (np.uint8, np.int8)


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
            # as bytes, which are verified; a damaged file given by its name can end the process
            interpreter = tf.lite.Interpreter(
                model_content=path.read_bytes(),
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=kind,
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, OSError, MemoryError) as error:
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
    if inputs[0]["dtype"] not in (*_EIGHT_BIT, np.float32):
        raise ModelError(
            f"{path} takes {np.dtype(inputs[0]['dtype']).name} pixels.",
            hint="Convert it with float32, int8 or uint8 input.",
        )
    return interpreter


def _ops(interpreter: Any) -> tuple[Op, ...]:
    """Translate the graph; a tensor that nothing makes is a constant, but for the input."""
    details = {int(t["index"]): t for t in interpreter.get_tensor_details()}
    steps = interpreter._get_ops_details()
    made = {int(o) for op in steps for o in op["outputs"]}
    made.add(int(interpreter.get_input_details()[0]["index"]))
    return tuple(
        _op(interpreter, details, op, [int(i) for i in op["inputs"] if i >= 0], made)
        for op in steps
        if len(op["outputs"]) == 1
    )


def _op(
    interpreter: Any, details: dict[int, Any], op: Any, inputs: list[int], made: set[int]
) -> Op:
    output = int(op["outputs"][0])
    constants = [i for i in inputs if i not in made]
    shape = tuple(int(s) for s in details[output]["shape"][1:])
    name = str(op["op_name"])
    kind: Kind = _KINDS.get(name, "other")
    constant = None
    one_place = len(shape) == 3 and shape[:2] == (1, 1)
    if name == "CONV_2D" and tuple(details[constants[0]]["shape"][1:3]) == (1, 1):
        kind = "conv"
    elif name in ("MEAN", "AVERAGE_POOL_2D") and (len(shape) == 1 or one_place):
        kind = "pool"
    elif kind in ("add", "sub", "mul", "div"):
        if len(constants) == 1 and len(inputs) == 2:
            value = _dequantised(interpreter.get_tensor(constants[0]), details[constants[0]])
            constant = float(value.mean())
        else:
            kind = "other"
    flowing = tuple(str(i) for i in inputs if i in made)
    return Op(kind, flowing, str(output), str(output), shape, constant)


def _dequantised(value: NDArray[Any], details: Any) -> NDArray[np.float32]:
    step, zero = details["quantization"]
    value = np.asarray(value, dtype=np.float32)
    return (value - np.float32(zero)) * np.float32(step) if step else value


def _input_range(details: Any) -> tuple[float, float]:
    """Return what black and white stand for in a quantised input."""
    ends = np.iinfo(details["dtype"])
    low, high = _dequantised(np.array([ends.min, ends.max]), details)
    return float(low), float(high)


def _scaling(
    details: Any, ops: tuple[Op, ...], asked: str | None
) -> tuple[Scaling, tuple[str, ...]]:
    if asked is not None:
        return scaling(asked), ()
    if details["dtype"] in _EIGHT_BIT:
        if not details["quantization"][0]:
            return "raw", ("Pixels are given as 8-bit values: the model takes no others.",)
        low, high = _input_range(details)
        found = scaling_of_range(low, high)
        if found is not None:
            return found, (
                f"Pixels are given {DESCRIPTIONS[found]}: the quantised input reaches from "
                f"{low:.2f} to {high:.2f}.",
            )
    inside = scaling_inside(ops, str(details["index"]))
    if inside is not None:
        return inside[0], (told(*inside),)
    return "-1..1", (assumed("The model", "-1..1"),)


def _names_inside(path: Path) -> tuple[str, ...]:
    """Read the list of classes that TensorFlow Lite's metadata packs onto the file's end."""
    try:
        with zipfile.ZipFile(path) as pack:
            lists = [name for name in pack.namelist() if name.endswith(".txt")]
            if len(lists) != 1 or pack.getinfo(lists[0]).file_size > 1 << 20:
                return ()
            return tuple(pack.read(lists[0]).decode("utf-8").splitlines())
    except (zipfile.BadZipFile, UnicodeDecodeError):
        return ()


class TFLiteExtractor:
    """Runs one image at a time, or as many as the model was converted for."""

    def __init__(self, path: Path, options: Options) -> None:
        plain = _interpreter(path, plain=True)
        self.ops = _ops(plain)
        self.outputs = tuple((str(o["index"]), str(o["name"])) for o in plain.get_output_details())
        self.head = find_head(self.ops, self.outputs)
        if options.layer is not None:
            tensor = str(_by_name(plain, options.layer))
            self.head = Head(tensor, self.head.scores, self.head.kind, tensor, "as asked")
        self._interpreter = _interpreter(path, plain=False)
        self._input = self._interpreter.get_input_details()[0]
        details = {str(t["index"]): t for t in self._interpreter.get_tensor_details()}
        wanted = [self.head.embedding, *([self.head.scores] if self.head.scores else [])]
        self._wanted = [details[tensor] for tensor in wanted]
        self._scaling, notes = _scaling(self._input, self.ops, options.preprocess)
        self._step = int(self._input["shape"][0])
        self.name = path.name
        self.input_size = int(self._input["shape"][1])
        self.fingerprint = fingerprint(
            file_digest(path), self.head.embedding, self._scaling, self.input_size
        )
        embeddings, *scores = self._outputs(probe(self.input_size))
        self.width = embeddings.shape[1]
        self._kind = self.head.kind or (judge(scores[0]) if scores else "logits")
        self.n_classes = max(2, scores[0].shape[1]) if scores else None
        self.classes, class_notes = class_names(
            path, self.n_classes, options.classes_file, inside=_names_inside(path)
        )
        score_note = NOTES[self._kind] if scores else ""
        self.notes: tuple[str, ...] = (
            f"Embeddings are read from tensor {self.head.label}: {self.head.why}.",
            *notes,
            *((score_note,) if score_note else ()),
            *class_notes,
        )

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = self._outputs(images)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _outputs(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        return in_steps(self._given(images), self._step, self._run)

    def _run(self, x: NDArray[Any]) -> list[NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input["index"], x)
        self._interpreter.invoke()
        return [
            pooled(_dequantised(self._interpreter.get_tensor(d["index"]), d)) for d in self._wanted
        ]

    def _given(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        dtype = self._input["dtype"]
        if dtype not in _EIGHT_BIT:
            return scale(images, self._scaling)
        step, zero = self._input["quantization"]
        if not step:
            return images if dtype == np.uint8 else (images.astype(np.int16) - 128).astype(np.int8)
        ends = np.iinfo(dtype)
        steps = np.rint(scale(images, self._scaling) / np.float32(step)) + zero
        quantised: NDArray[Any] = np.clip(steps, ends.min, ends.max).astype(dtype)
        return quantised


def _by_name(interpreter: Any, layer: str) -> int:
    for tensor in interpreter.get_tensor_details():
        if layer in (str(tensor["index"]), tensor["name"]):
            return int(tensor["index"])
    raise UsageError(
        f"The model has no tensor {layer!r}.", hint="`rosette models FILE` lists the likely ones."
    )


def load(path: Path, options: Options) -> TFLiteExtractor:
    """Load a ``.tflite`` classifier."""
    with damage_said(path, "a TensorFlow Lite model"):
        return TFLiteExtractor(path, options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a ``.tflite`` classifier."""
    return described(load(path, options), path.name, "TensorFlow Lite")
