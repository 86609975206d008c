"""ONNX classifiers: how PyTorch, MXNet and others come in. Needs the extra ``onnx``."""

from __future__ import annotations

from collections.abc import Sequence
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
from embeddings.backbones.graphs.onnx_graph import ops_of, shapes_of
from embeddings.backbones.graphs.penultimate import Head, candidates, find_head, scaling_inside
from embeddings.backbones.runtime.batching import in_steps, pooled
from embeddings.backbones.runtime.preprocess import Scaling, assumed, scale, scaling, told
from embeddings.backbones.runtime.scores import NOTES, judge, probe, to_probabilities
from embeddings.errors import ModelError, UsageError
from embeddings.records import Batch

DEFAULT_SIZE: Final = 224
_PIXELS: Final = {
    "tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}  # fmt: skip


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
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load(str(path))
        if not model.graph.node or not model.graph.output:
            raise ValueError("no graph")
    except (DecodeError, onnx.checker.ValidationError, OSError, ValueError) as error:
        raise ModelError(
            f"{path} can't be loaded as an ONNX model.",
            hint="See that the file is whole, and any file of weights beside it.",
        ) from error
    return model


def _session(model: Any, names: Sequence[str], path: Path) -> Any:
    """Start the model with ``names`` among its outputs."""
    onnx, runtime = _packages()
    present = {o.name for o in model.graph.output}
    for name in names:
        if name not in present:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    errors = runtime.capi.onnxruntime_pybind11_state
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong comes back as an error, and is said there
    try:
        return runtime.InferenceSession(
            model.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # to the same provider, after printing so
        )
    except (errors.Fail, errors.InvalidGraph, errors.InvalidArgument, errors.NotImplemented) as e:
        raise ModelError(
            f"{path} can't be run: {str(e).splitlines()[0][:160]}.",
            hint="Export it with standard ONNX operations only.",
        ) from e


class OnnxExtractor:
    """Runs an ONNX classifier; images are given channels first or last, as it takes them."""

    def __init__(self, path: Path, options: Options) -> None:
        model = _open(path)
        self.ops = ops_of(model.graph, shapes_of(model))
        self.outputs = tuple((o.name, o.name) for o in model.graph.output)
        self.head = find_head(self.ops, self.outputs)
        if options.layer is not None:
            self._choose(path, options.layer)
        names = [self.head.embedding, *([self.head.scores] if self.head.scores else [])]
        self._names = names
        self._session = _session(model, names, path)
        given = self._session.get_inputs()
        if len(given) != 1 or given[0].type not in _PIXELS:
            raise ModelError(
                f"{path} takes {', '.join(f'{g.name} {g.type}' for g in given)}.",
                hint="Export a model of one image input.",
            )
        self._input = given[0]
        self._first, self.input_size, size_notes = _input_shape(self._input.shape, path)
        # A model that scales by what is in its batch would let images change one another.
        by_batch = any(node.op_type == "DynamicQuantizeLinear" for node in model.graph.node)
        fixed = self._input.shape[0] if isinstance(self._input.shape[0], int) else None
        self._step = 1 if by_batch and fixed is None else fixed
        self._scaling, scaling_notes = self._found_scaling(options.preprocess)
        self.name = path.name
        self.fingerprint = fingerprint(
            _digest(path), self.head.embedding, self._scaling, self.input_size
        )
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
        )

    def _choose(self, path: Path, layer: str) -> None:
        if layer not in {op.output for op in self.ops}:
            likely = ", ".join(c.name for c in candidates(self.ops, self.outputs))
            raise UsageError(f"{path} has no tensor {layer!r}.", hint=f"Likely ones: {likely}.")
        self.head = Head(layer, self.head.scores, self.head.kind, layer, "as asked")

    def _found_scaling(self, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
        if _PIXELS[self._input.type] is np.uint8:
            if asked not in (None, "raw"):
                raise UsageError("The model takes 8-bit pixels.", hint="Leave out --preprocess.")
            return "raw", ("Pixels are given as 8-bit values: the model takes no others.",)
        if asked is not None:
            return scaling(asked), ()
        inside = scaling_inside(self.ops, self._input.name)
        if inside is not None:
            return inside[0], (told(*inside),)
        return "imagenet", (assumed("The model", "imagenet"),)

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = self._outputs(images)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _outputs(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        x = scale(images, self._scaling).astype(_PIXELS[self._input.type], copy=False)
        if self._first:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        return in_steps(x, self._step, self._run)

    def _run(self, x: NDArray[Any]) -> list[NDArray[np.float32]]:
        _, runtime = _packages()
        errors = runtime.capi.onnxruntime_pybind11_state
        try:
            outputs = self._session.run(self._names, {self._input.name: x})
        except (errors.Fail, errors.RuntimeException, errors.InvalidArgument) as error:
            raise ModelError(
                f"{self.name} can't embed {len(x)} images: {str(error).splitlines()[0][:160]}.",
                hint="Export it with a batch size that may vary, or of one.",
            ) from error
        return [pooled(out, channels_first=self._first) for out in outputs]


def _digest(path: Path) -> str:
    """Return the hash of the model, weights that lie in files of their own included."""
    onnx, _ = _packages()
    bare = onnx.load(str(path), load_external_data=False)
    beside = {
        entry.value
        for tensor in bare.graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    return fingerprint(file_digest(path), *(file_digest(path.parent / b) for b in sorted(beside)))


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


def load(path: Path, options: Options) -> OnnxExtractor:
    """Load an ``.onnx`` classifier."""
    with damage_said(path, "an ONNX model"):
        return OnnxExtractor(path, options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe an ``.onnx`` classifier."""
    return described(load(path, options), path.name, "ONNX")
