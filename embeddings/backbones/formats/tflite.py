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

from embeddings.backbones.description import ModelDescription, Options, damage_said, file_digest
from embeddings.backbones.graphs.tflite_graph import graph_of
from embeddings.backbones.runtime.graph_extractor import (
    EIGHT_BIT_NOTE,
    Compute,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.backbones.runtime.preprocess import DESCRIPTIONS, Scaling, scaling_of_range
from embeddings.errors import ModelError

_DELEGATES_DIFFER: Final = 0.02  # of the largest value: how far faster kernels may round
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


def _dequantised(value: NDArray[Any], details: Any) -> NDArray[np.float32]:
    step, zero = details["quantization"]
    value = np.asarray(value, dtype=np.float32)
    return (value - np.float32(zero)) * np.float32(step) if step else value


def _input_range(details: Any) -> tuple[float, float]:
    """Return what black and white stand for in a quantised input."""
    ends = np.iinfo(details["dtype"])
    low, high = _dequantised(np.array([ends.min, ends.max]), details)
    return float(low), float(high)


def _told_scaling(details: Any) -> tuple[Scaling, str] | None:
    """Return the scaling that the range of a quantised input says, with a note on it."""
    if details["dtype"] not in _EIGHT_BIT:
        return None
    if not details["quantization"][0]:
        return "raw", EIGHT_BIT_NOTE
    low, high = _input_range(details)
    found = scaling_of_range(low, high)
    if found is None:
        return None
    return found, (
        f"Pixels are given {DESCRIPTIONS[found]}: the quantised input reaches from "
        f"{low:.2f} to {high:.2f}."
    )


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


def _tensors(interpreter: Any, names: tuple[str, ...]) -> Compute:
    """Return a function for the tensors of those names, in their true values."""
    given = interpreter.get_input_details()[0]
    details = {str(t["index"]): t for t in interpreter.get_tensor_details()}
    wanted = [details[name] for name in names]

    def compute(x: NDArray[Any]) -> list[NDArray[Any]]:
        interpreter.set_tensor(given["index"], _quantised(x, given))
        interpreter.invoke()
        return [_dequantised(interpreter.get_tensor(d["index"]), d) for d in wanted]

    return compute


def _kept_tensors(fast: Any, plain: Any, names: tuple[str, ...]) -> Compute:
    """Return a function for the tensors of those names, of the fast interpreter if it has them.

    A delegate that takes over a part of a graph keeps nothing of what lies inside that part: what
    is read there is what the memory held before. So both are asked once, and compared.
    """
    quick, slow = _tensors(fast, names), _tensors(plain, names)
    given = plain.get_input_details()[0]
    noise = np.random.default_rng(0).uniform(0, 1, given["shape"]).astype(np.float32)
    for one, other in zip(quick(noise), slow(noise), strict=True):
        size = float(np.abs(other).max()) or 1.0
        if not np.allclose(one, other, rtol=0, atol=_DELEGATES_DIFFER * size):
            return slow
    return quick


def _quantised(x: NDArray[Any], details: Any) -> NDArray[Any]:
    """Return scaled pixels in the type that the model takes."""
    dtype = details["dtype"]
    if dtype not in _EIGHT_BIT:
        return x.astype(np.float32, copy=False)
    step, zero = details["quantization"]
    if not step:
        step, zero = 1, 0 if dtype == np.uint8 else -128
    ends = np.iinfo(dtype)
    quantised: NDArray[Any] = np.clip(np.rint(x / np.float32(step)) + zero, ends.min, ends.max)
    return quantised.astype(dtype)


def _by_name(interpreter: Any, layer: str) -> str | None:
    for tensor in interpreter.get_tensor_details():
        if layer in (str(tensor["index"]), tensor["name"]):
            return str(tensor["index"])
    return None


def _open(path: Path) -> Opened:
    plain = _interpreter(path, plain=True)
    fast = _interpreter(path, plain=False)
    given = fast.get_input_details()[0]
    return Opened(
        path=path,
        format="TensorFlow Lite",
        digest=file_digest(path),
        graph=graph_of(plain, path.read_bytes()),
        tensors=lambda names: _kept_tensors(fast, plain, names),
        input_size=int(given["shape"][1]),
        size_notes=(),
        usual="-1..1",
        step=int(given["shape"][0]),
        told=_told_scaling(given),
        classes_inside=_names_inside(path),
        named=lambda layer: _by_name(plain, layer),
    )


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a ``.tflite`` classifier."""
    with damage_said(path, "a TensorFlow Lite model"):
        return GraphExtractor(_open(path), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a ``.tflite`` classifier."""
    return described(load(path, options))
