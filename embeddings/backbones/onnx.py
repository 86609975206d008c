"""ONNX classifiers: how PyTorch, MXNet and others come in. Needs the extra ``onnx``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
_PASSING: Final = frozenset({"Softmax", "Reshape", "Flatten", "Squeeze", "Identity", "Cast"})
_HEADS: Final = frozenset({"Gemm", "MatMul", "Conv"})
_BEFORE_HEAD: Final = frozenset({"Dropout", "Identity"})


@dataclass(frozen=True, slots=True)
class _Graph:
    """What was found: the tensors of embedding and scores, and all likely ones."""

    embedding: str
    scores: str | None
    why: str
    likely: tuple[str, ...]


def _packages() -> tuple[Any, Any]:
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "ONNX models need onnx and onnxruntime.",
            hint="Install them: pip install 'rosette-explorer[onnx]'.",
        ) from error
    return onnx, onnxruntime


def _open(path: Path) -> Any:
    onnx, _ = _packages()
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model, full_check=False)
    except (DecodeError, onnx.checker.ValidationError, OSError, ValueError) as error:
        raise ModelError(
            f"{path} can't be loaded as an ONNX model.", hint="See that the file is whole."
        ) from error
    return model


def _look(model: Any, path: Path) -> _Graph:
    """Find embedding and scores: two outputs by their widths, or what feeds the head."""
    outputs = [o.name for o in model.graph.output]
    made_by = {name: node for node in model.graph.node for name in node.output}
    constants = {w.name for w in model.graph.initializer}
    for name in outputs:
        if "embed" in name.lower() or "feature" in name.lower():
            rest = [o for o in outputs if o != name]
            return _Graph(name, rest[0] if rest else None, "an output of that name", tuple(outputs))
    tensor, seen = outputs[0], []
    while tensor in made_by and made_by[tensor].op_type in _PASSING:
        seen.append(tensor)
        tensor = made_by[tensor].input[0]
    # a bias may be added after a matrix product, as a node of its own
    node = made_by.get(tensor)
    if node is not None and node.op_type == "Add" and set(node.input) & constants:
        tensor = next(i for i in node.input if i not in constants)
        node = made_by.get(tensor)
    if node is None or node.op_type not in _HEADS or not set(node.input) & constants:
        return _Graph(outputs[0], None, "the model has no head: its output", (tensor, *seen))
    feeding = node.input[0]
    while feeding in made_by and made_by[feeding].op_type in _BEFORE_HEAD:
        feeding = made_by[feeding].input[0]
    return _Graph(feeding, outputs[0], "it feeds the last dense layer", (feeding, *seen))


def _session(model: Any, names: Sequence[str], path: Path) -> Any:
    onnx, runtime = _packages()
    present = {o.name for o in model.graph.output}
    for name in names:
        if name not in present:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    errors = runtime.capi.onnxruntime_pybind11_state
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    try:
        return runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except (errors.Fail, errors.InvalidGraph, errors.InvalidArgument, errors.NotImplemented) as e:
        raise ModelError(f"{path} can't be run: {str(e).splitlines()[0][:160]}.") from e


class OnnxExtractor:
    """Runs an ONNX classifier; images are given channels first or last, as it takes them."""

    def __init__(self, path: Path, *, layer: str | None, preprocess: str | None) -> None:
        model = _open(path)
        graph = _look(model, path)
        tensor, why = (layer, "as asked") if layer else (graph.embedding, graph.why)
        made = {name for node in model.graph.node for name in node.output}
        if tensor not in made:
            raise UsageError(
                f"{path} has no tensor {tensor!r}.", hint=f"Likely ones: {', '.join(graph.likely)}."
            )
        self._names = [tensor] + ([graph.scores] if graph.scores else [])
        self._session = _session(model, self._names, path)
        self._input = self._session.get_inputs()[0]
        self._first, self.input_size, size_notes = _input_shape(self._input.shape, path)
        self._batch = self._input.shape[0] if isinstance(self._input.shape[0], int) else None
        self._scaling: Scaling = scaling(preprocess) if preprocess else "imagenet"
        self.name = path.name
        self.fingerprint = fingerprint(file_digest(path), tensor, self._scaling, self.input_size)
        probe = self.extract(np.zeros((1, self.input_size, self.input_size, 3), np.uint8))
        self.width = probe.embeddings.shape[1]
        names = class_names_beside(path)
        said = probe.probabilities
        self.classes = names if names and said is not None and len(names) == said.shape[1] else None
        assumed = (
            f"An ONNX file does not say how it wants its pixels; {DESCRIPTIONS['imagenet']} was "
            "assumed. If that is wrong, say --preprocess."
        )
        self.notes = (
            f"Embeddings are read from tensor {tensor!r}: {why}.",
            *size_notes,
            *(() if preprocess else (assumed,)),
        )

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        x = scale(images, self._scaling)
        if self._first:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        step = self._batch or len(x)
        parts = [self._run(x[i : i + step], step) for i in range(0, len(x), step)]
        embeddings = np.concatenate([p[0] for p in parts])
        if embeddings.ndim == 4:
            embeddings = embeddings.mean(axis=(2, 3) if self._first else (1, 2))
        flat = np.asarray(embeddings.reshape(len(x), -1), dtype=np.float32)
        if len(self._names) == 1:
            return Batch(flat, None)
        return Batch(flat, as_probabilities(np.concatenate([p[1] for p in parts])))

    def _run(self, x: NDArray[np.float32], step: int) -> list[NDArray[np.float32]]:
        """Run one part, padded where the model takes batches of one size only."""
        n = len(x)
        if n < step:
            x = np.concatenate([x, np.zeros((step - n, *x.shape[1:]), np.float32)])
        return [out[:n] for out in self._session.run(self._names, {self._input.name: x})]


def _input_shape(shape: Sequence[Any], path: Path) -> tuple[bool, int, tuple[str, ...]]:
    """Return whether channels come first, the size in px, and what was assumed."""
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ModelError(f"{path} takes {shape}, not RGB images.", hint="Give a classifier of RGB.")
    first = shape[1] == 3
    height, width = shape[2:4] if first else shape[1:3]
    if not isinstance(height, int) or not isinstance(width, int):
        return first, DEFAULT_SIZE, (f"The model takes any size; {DEFAULT_SIZE} px are given.",)
    if height != width:
        raise ModelError(f"{path} takes {height} by {width} px.", hint="Only square is supported.")
    return first, height, ()


def load(path: Path, *, layer: str | None, preprocess: str | None) -> OnnxExtractor:
    """Load an ``.onnx`` classifier."""
    return OnnxExtractor(path, layer=layer, preprocess=preprocess)


def describe(path: Path) -> ModelDescription:
    """Describe an ``.onnx`` classifier."""
    extractor = OnnxExtractor(path, layer=None, preprocess=None)
    graph = _look(_open(path), path)
    probe = extractor.extract(
        np.zeros((1, extractor.input_size, extractor.input_size, 3), np.uint8)
    )
    return ModelDescription(
        name=path.name,
        format="ONNX",
        input_size=extractor.input_size,
        candidates=tuple(
            Candidate(n, (extractor.width,) if n == graph.embedding else ()) for n in graph.likely
        ),
        chosen=graph.embedding,
        why=graph.why,
        n_classes=probe.probabilities.shape[1] if probe.probabilities is not None else None,
    )
