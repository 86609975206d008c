"""ONNX classifiers: how PyTorch, MXNet and others come in. Needs the extra ``onnx``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import (
    ModelDescription,
    Options,
    damage_said,
    file_digest,
    fingerprint,
)
from embeddings.backbones.graphs.onnx_graph import (
    ancestors_of,
    graph_of,
    inferred,
    layouts_of,
    scale_of_quantised,
)
from embeddings.backbones.runtime.graph_extractor import (
    DEFAULT_SIZE,
    Compute,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.errors import ModelError

# By the number of TensorProto's type.
_PIXELS: Final = {1: np.float32, 2: np.uint8, 10: np.float16, 11: np.float64}


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


def _read(path: Path) -> Any:
    onnx, _ = _packages()
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    _refuse_missing_weights(path)
    try:
        model = onnx.load(str(path))
        if not model.graph.node or not model.graph.output:
            raise ValueError("no graph")
    except (DecodeError, onnx.checker.ValidationError, OSError, ValueError) as error:
        raise ModelError(
            f"{path} can't be loaded as an ONNX model.",
            hint="See that the file is whole, and any file of weights beside it.",
        ) from error
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    _stop_training(model)
    return inferred(model)


def _refuse_missing_weights(path: Path) -> None:
    missing = [name for name in files_beside(path) if not (path.parent / name).is_file()]
    if missing:
        raise ModelError(
            f"{path} keeps its weights in {', '.join(missing)}, which is not beside it.",
            hint=f"Copy {missing[0]} into {path.parent}, under that name.",
        )


def files_beside(path: Path) -> list[str]:
    """Return the files of weights that a model names, empty where it can't be read."""
    onnx, _ = _packages()
    from google.protobuf.message import DecodeError

    try:
        bare = onnx.load(str(path), load_external_data=False)
    except (DecodeError, OSError, ValueError):
        return []
    entries = [e for tensor in bare.graph.initializer for e in tensor.external_data]
    return sorted({e.value for e in entries if e.key == "location"})


def _stop_training(model: Any) -> None:
    """Let a model that was exported in training mode judge: nothing is dropped out by chance."""
    for node in model.graph.node:
        if node.op_type == "Dropout":
            del node.input[1:]
        elif node.op_type == "BatchNormalization":
            for attribute in node.attribute:
                if attribute.name == "training_mode" and attribute.i:
                    attribute.i = 0
                    del node.output[1:]


def _session(model: Any, path: Path) -> Any:
    return _running(model.SerializeToString(), path)


def session_of_file(path: Path) -> Any:
    """Return a session of ONNX Runtime for a whole model as it is in its file.

    Raises
    ------
    ModelError
        It can't be run.
    """
    return _running(str(path), path)


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises of a model or inputs; the last one of damaged names."""
    _, runtime = _packages()
    errors = runtime.capi.onnxruntime_pybind11_state
    return (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NoSuchFile,
        errors.NotImplemented,
        errors.RuntimeException,
        UnicodeDecodeError,
    )


def _running(model: bytes | str, path: Path) -> Any:
    _, runtime = _packages()
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong comes back as an error, and is said there
    try:
        return runtime.InferenceSession(
            model,
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # to the same provider, after printing so
        )
    except runtime_errors() as error:
        said = " ".join(str(error).split())
        raise ModelError(f"{path} can't be run: {shortened(said)}.", hint=_remedy(said)) from error


def shortened(said: str) -> str:
    """Leave out the error's number, and where in its own source the runtime stood."""
    said = said.split("ModelOptions&) ")[-1].split(" failed:")[-1]
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", said)[:200].strip(" .")


def _remedy(said: str) -> str:
    if "IR version" in said or "opset" in said.lower():
        return (
            "It was written for a newer runtime: pip install -U onnxruntime, or export it for an "
            "older opset."
        )
    return "Export it with standard ONNX operations only."


def _part(model: Any, names: Sequence[str]) -> Any:
    """Return what is needed of the model for the tensors of those names, as its outputs."""
    onnx, _ = _packages()
    nodes = ancestors_of(model.graph, names)
    used = {name for node in nodes for name in _all_read(node)} | set(names)
    part = onnx.ModelProto()
    part.CopyFrom(_without_weights(model))
    del part.graph.node[:], part.graph.output[:]
    part.graph.node.extend(nodes)
    part.graph.initializer.extend(w for w in model.graph.initializer if w.name in used)
    for name in names:
        part.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return part


def _all_read(node: Any) -> set[str]:
    names = set(node.input)
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            names |= {name for step in inner.node for name in _all_read(step)}
            names |= {o.name for o in inner.output}
    return names


def _without_weights(model: Any) -> Any:
    onnx, _ = _packages()
    bare = onnx.ModelProto(
        ir_version=model.ir_version, opset_import=model.opset_import, functions=model.functions
    )
    bare.graph.name = model.graph.name or "part"
    bare.graph.input.extend(model.graph.input)
    return bare


def _dequantised(model: Any, name: str) -> str:
    """Return the tensor with its true values, where ``name`` holds them in 8 bits."""
    onnx, _ = _packages()
    scale = scale_of_quantised(model.graph, name)
    if scale is None:
        return name
    whole = f"{name} in full"
    if all(whole not in node.output for node in model.graph.node):
        step = onnx.helper.make_node("DequantizeLinear", [name, *scale], [whole])
        model.graph.node.append(step)
    return whole


def _tensors(model: Any, names: tuple[str, ...], path: Path, pixels: Any, first: bool) -> Compute:
    read = [_dequantised(model, name) for name in names]
    session = _session(_part(model, read), path)
    maps_first = layouts_of(model)
    given = session.get_inputs()

    def compute(x: NDArray[Any]) -> list[NDArray[Any]]:
        x = x.astype(pixels, copy=False)
        if first:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        try:
            outputs = session.run(read, {given[0].name: x})
        except runtime_errors() as error:
            raise ModelError(
                f"{path} can't embed {len(x)} images: {shortened(' '.join(str(error).split()))}.",
                hint="Export it with a batch size that may vary, or of one.",
            ) from error
        return [
            np.moveaxis(out, 1, -1) if out.ndim == 4 and maps_first.get(name, False) else out
            for name, out in zip(names, outputs, strict=True)
        ]

    return compute


def _input(model: Any, path: Path) -> tuple[Any, Any]:
    """Return the model's one input, and the type of its pixels."""
    onnx, _ = _packages()
    weights = {w.name for w in model.graph.initializer}
    inputs = [given for given in model.graph.input if given.name not in weights]
    types = [given.type.tensor_type.elem_type for given in inputs]
    if len(inputs) != 1 or types[0] not in _PIXELS:
        said = (
            f"{given.name} ({onnx.TensorProto.DataType.Name(t).lower()})"
            for given, t in zip(inputs, types, strict=True)
        )
        raise ModelError(
            f"{path} takes {', '.join(said) or 'nothing'}, not one image of numbers.",
            hint="Export a model of one image input.",
        )
    return inputs[0], _PIXELS[types[0]]


def input_shape(shape: Sequence[Any], path: Path) -> tuple[bool, int, tuple[str, ...]]:
    """Return whether channels come first, the size in px, and what was assumed."""
    if len(shape) == 3 and 3 in (shape[0], shape[2]):
        raise ModelError(
            f"{path} takes one image {list(shape)} without a batch dimension.",
            hint="Export it with one: torch.onnx.export(model, torch.zeros(1, 3, size, size), …).",
        )
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ModelError(
            f"{path} takes {list(shape)}, not RGB images (n, 3, height, width).",
            hint="Give a classifier of RGB images.",
        )
    first = shape[1] == 3
    height, width = shape[2:4] if first else shape[1:3]
    if not isinstance(height, int) or not isinstance(width, int):
        known = next((s for s in (height, width) if isinstance(s, int)), DEFAULT_SIZE)
        return first, known, (f"The model takes any size; images are given at {known} px.",)
    if height != width:
        raise ModelError(f"{path} takes {height} by {width} px.", hint="Only square is supported.")
    return first, height, ()


def _open(path: Path) -> Opened:
    model = _read(path)
    given, pixels = _input(model, path)
    dims = [d.dim_value or None for d in given.type.tensor_type.shape.dim]
    first, size, size_notes = input_shape(dims, path)
    fixed = dims[0]
    # A model that scales by what is in its batch would let images change one another.
    by_batch = any(node.op_type == "DynamicQuantizeLinear" for node in model.graph.node)
    graph = graph_of(model)
    known = {op.output for op in graph.ops}
    return Opened(
        path=path,
        format="ONNX",
        digest=fingerprint(
            file_digest(path), *(file_digest(path.parent / b) for b in files_beside(path))
        ),
        graph=graph,
        tensors=lambda names: _tensors(model, names, path, pixels, first),
        input_size=size,
        size_notes=size_notes,
        usual="imagenet",
        step=1 if by_batch and fixed is None else fixed,
        eight_bit=pixels is np.uint8,
        named=lambda layer: layer if layer in known else None,
    )


def load(path: Path, options: Options) -> GraphExtractor:
    """Load an ``.onnx`` classifier."""
    with damage_said(path, "an ONNX model"):
        return GraphExtractor(_open(path), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe an ``.onnx`` classifier."""
    return described(load(path, options))
