"""TorchScript files, scripted or traced."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import ModelDescription, Options, damage_said, file_digest
from embeddings.backbones.runtime.graph_extractor import (
    Compute,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.backbones.torch_models.exported import as_array
from embeddings.backbones.torch_models.packages import torch
from embeddings.backbones.torch_models.torch_graph import Step, graph_from, lists_of_numbers
from embeddings.errors import ModelError

# A file of TorchScript does not say what size it takes: these are tried, in px.
_SIZES: Final = (224, 384, 256, 299, 336, 518, 448, 512, 192, 160, 128, 112, 96, 64, 32)


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # TorchScript is still what many people have; that it will go some day they need not read.
        warnings.filterwarnings("ignore", category=FutureWarning, message=r".*torch\.jit")
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=r".*torch\.jit")
        yield


def _read(path: Path) -> tuple[Any, Any]:
    """Return the module, frozen, and its graph with every call laid open."""
    lib = torch()
    try:
        with _quiet():
            module = lib.jit.load(str(path), map_location="cpu").eval()
    except (RuntimeError, ValueError, OSError) as error:
        said = " ".join(str(error).split())[:160]
        raise ModelError(
            f"{path} can't be loaded as TorchScript ({said}).",
            hint="See that the file is whole; save it again with torch.jit.save.",
        ) from error
    with _quiet(), suppress(RuntimeError):  # it was frozen when it was saved
        module = lib.jit.freeze(module, optimize_numerics=False)
    graph = module.graph.copy()
    lib._C._jit_pass_inline(graph)
    lib._C._jit_pass_remove_mutation(graph)
    return module, graph


def _function(module: Any, graph: Any, names: Sequence[str]) -> Any:
    """Return a function of images for the values of those names."""
    lib = torch()
    # a copy calls its values anew, but keeps their order
    places = {o.debugName(): i for i, o in enumerate(_values(graph))}
    part = graph.copy()
    values = _values(part)
    for _ in list(part.outputs()):
        part.eraseOutput(0)
    for name in names:
        part.registerOutput(values[places[name]])
    part.makeMultiOutputIntoTuple()
    lib._C._jit_pass_dce(part)
    function = lib._C._create_function_from_graph("part", part)

    def call(images: Any) -> Any:
        with lib.inference_mode():
            made = function(module._c, images)
        return made if isinstance(made, tuple) else (made,)

    return call


def _values(graph: Any) -> list[Any]:
    return [output for node in graph.nodes() for output in node.outputs()]


def _steps(graph: Any) -> list[Step]:
    (_, given) = graph.inputs()
    flowing = {given.debugName()}
    steps: list[Step] = []
    for node in graph.nodes():
        inputs = [i.debugName() for i in node.inputs() if i.debugName() in flowing]
        if not inputs or node.kind() in ("aten::size", "prim::NumToTensor", "aten::len"):
            continue
        name = node.kind().split("::")[-1]
        if node.kind() in ("prim::ListConstruct", "prim::TupleConstruct"):
            name = "stack"
        elif node.kind() in ("prim::ListUnpack", "prim::TupleUnpack"):
            name = "getitem"
        elif not node.kind().startswith(("aten::", "quantized::")):
            name = "unknown"
        outputs = [o for o in node.outputs() if _holds_values(o)]
        flowing.update(o.debugName() for o in outputs)
        steps += [
            Step(
                name,
                inputs,
                o.debugName(),
                biased=_is_biased(name, node),
                kernel=_kernel(name, node),
                numbers=list(lists_of_numbers([i.toIValue() for i in node.inputs()])),
            )
            for o in outputs
        ]
    return steps


def _holds_values(value: Any) -> bool:
    return str(value.type()) not in ("int", "bool", "float", "int[]", "Device", "NoneType")


def _constant(node: Any, place: int) -> Any:
    inputs = list(node.inputs())
    return inputs[place].toIValue() if len(inputs) > place else None


def _is_biased(name: str, node: Any) -> bool:
    if name == "addmm":
        return True
    return name in ("linear", "conv2d", "_convolution") and _constant(node, 2) is not None


def _kernel(name: str, node: Any) -> tuple[int, ...] | None:
    if name not in ("conv2d", "_convolution"):
        return None
    weights = _constant(node, 1)
    groups = _constant(node, 6 if name == "conv2d" else 8)
    return tuple(weights.shape[2:]) if weights is not None and groups == 1 else None


def _returned(graph: Any) -> list[str]:
    """Return the names of the tensors that the model gives, tuples and dictionaries laid open."""
    names: list[str] = []
    waiting = list(graph.outputs())
    while waiting:
        value = waiting.pop(0)
        if value.node().kind() in ("prim::TupleConstruct", "prim::ListConstruct"):
            waiting = [*value.node().inputs(), *waiting]
        elif value.node().kind() == "prim::DictConstruct":
            waiting = [*list(value.node().inputs())[1::2], *waiting]
        elif _holds_values(value):
            names.append(value.debugName())
    return names


def _sized(module: Any, graph: Any, steps: list[Step], path: Path) -> int:
    """Run the model once on a size that it takes, and note the shape of each step.

    Raises
    ------
    ModelError
        It takes none of the usual ones.
    """
    lib = torch()
    kinds = {o.debugName(): str(o.type()) for o in _values(graph)}
    tensors = [s for s in steps if "[" not in kinds[s.output] and "Tensor" in kinds[s.output]]
    call = _function(module, graph, [s.output for s in tensors])
    said = ""
    for size in _SIZES:
        try:
            made = call(lib.zeros(2, 3, size, size))
        except RuntimeError as error:
            said = said or " ".join(str(error).split())[-160:]
            continue
        for step, value in zip(tensors, made, strict=True):
            step.shape = tuple(value.shape)
            step.whole = not (value.is_floating_point() or value.is_quantized)
        return size
    raise ModelError(
        f"{path} can't be run on RGB images (2, 3, height, width) of any usual size ({said}).",
        hint="Trace it with a batch of such images: torch.jit.trace(model, torch.zeros(2, 3, …)).",
    )


def _tensors(module: Any, graph: Any, layouts: dict[str, bool], names: tuple[str, ...]) -> Compute:
    lib = torch()
    call = _function(module, graph, names)

    def compute(x: NDArray[Any]) -> Sequence[NDArray[Any]]:
        images = lib.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2).contiguous()
        made = call(images.float())
        return [
            as_array(out, first=layouts.get(name, False))
            for name, out in zip(names, made, strict=True)
        ]

    return compute


def _open(path: Path) -> Opened:
    module, graph = _read(path)
    if len(list(graph.inputs())) != 2:
        raise ModelError(
            f"{path} takes {len(list(graph.inputs())) - 1} inputs.",
            hint="Save a model of one image input.",
        )
    steps = _steps(graph)
    size = _sized(module, graph, steps, path)
    given = list(graph.inputs())[1].debugName()
    read, layouts = graph_from(steps, (given, (0, 3, size, size)), _returned(graph), first=True)
    known = {op.label: op.output for op in read.ops}
    return Opened(
        path=path,
        format="TorchScript",
        digest=file_digest(path),
        graph=read,
        tensors=lambda names: _tensors(module, graph, layouts, names),
        input_size=size,
        size_notes=(f"TorchScript does not tell the size of its images; {size} px are given.",),
        usual="imagenet",
        step=None,
        named=known.get,
    )


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a TorchScript file."""
    with damage_said(path, "TorchScript"):
        return GraphExtractor(_open(path), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a TorchScript file."""
    return described(load(path, options))
