"""Exported programs: ``.pt2`` files of ``torch.export``, and modules that are exported here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import ModelDescription, Options, damage_said, file_digest
from embeddings.backbones.graphs.ops import Graph
from embeddings.backbones.runtime.graph_extractor import (
    DEFAULT_SIZE,
    Compute,
    GraphExtractor,
    Opened,
    described,
)
from embeddings.backbones.torch_models.packages import torch
from embeddings.backbones.torch_models.torch_graph import Step, graph_from, lists_of_numbers
from embeddings.errors import ModelError

# Sizes are kept as expressions of SymPy, which evaluates them as Python.
_NAME: Final = r"(?:[A-Z][A-Za-z]*|[a-z]+\d+|True|False|positive|integer|nonnegative|evaluate)"
_PLAIN_EXPRESSION: Final = re.compile(rf"(?:{_NAME}(?!\w)|'\w+'|\d+|[\s+*/(),<>=!&|~%\[\]-])*")
_CHECKS: Final = ("_guards_fn", "_assert_scalar")  # of the input's shape
_EXPRESSION: Final = re.compile(rb'"expr_str"\s*:\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Program:
    """An exported program: its module of operations, its graph, and how it takes images."""

    module: Any
    graph: Graph
    layouts: dict[str, bool]
    size: int
    size_notes: tuple[str, ...]
    step: int | None
    first: bool
    dtype: Any

    def tensors(self, names: tuple[str, ...]) -> Compute:
        """Return a function for the tensors of those names; maps have channels last."""
        lib = torch()
        part = _pruned(self.module, names)

        def compute(x: NDArray[Any]) -> Sequence[NDArray[Any]]:
            # programs with a batch that may vary are often exported for two and more
            given = np.repeat(x, 2, axis=0) if len(x) == 1 and self.step is None else x
            images = lib.from_numpy(np.ascontiguousarray(given))
            if self.first:
                images = images.permute(0, 3, 1, 2).contiguous()
            with lib.inference_mode():
                made = part(images.to(self.dtype))
            return [
                as_array(out, first=self.layouts.get(name, False))[: len(x)]
                for name, out in zip(names, made, strict=True)
            ]

        return compute


def as_array(tensor: Any, *, first: bool) -> NDArray[Any]:
    """Return a tensor's values; a map with ``first`` turned to channels last."""
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    if tensor.is_floating_point():
        tensor = tensor.float()
    values: NDArray[Any] = tensor.detach().cpu().numpy()
    return np.moveaxis(values, 1, -1) if values.ndim == 4 and first else values


def program_of(exported: Any, what: str, *, names: Sequence[str] = ()) -> Program:
    """Read an ``ExportedProgram``; ``names`` are what its outputs are called.

    Raises
    ------
    ModelError
        It does not take one batch of square RGB images.
    """
    module = exported.module()
    placeholders = [node for node in module.graph.nodes if node.op == "placeholder"]
    if len(placeholders) != 1:
        raise ModelError(
            f"{what} takes {len(placeholders)} inputs.", hint="Export a model of one image input."
        )
    (given,) = placeholders
    value = given.meta["val"]
    shape = tuple(value.shape)
    first, size, notes = _input_shape(shape, what)
    steps = _steps(module.graph, given)
    returned = _returned(module.graph)
    graph, layouts = graph_from(steps, (given.name, _sizes(shape)), returned, first=first)
    if len(names) == len(returned):
        graph = Graph(graph.ops, graph.input, tuple(zip(returned, names, strict=True)))
    step = shape[0] if isinstance(shape[0], int) else None
    return Program(module, graph, layouts, size, notes, step, first, value.dtype)


def _input_shape(shape: tuple[Any, ...], what: str) -> tuple[bool, int, tuple[str, ...]]:
    if len(shape) == 3 and 3 in (shape[0], shape[2]):
        raise ModelError(
            f"{what} takes one image {list(shape)} without a batch dimension.",
            hint="Export it with one: torch.export.export(model, (torch.zeros(1, 3, h, w),)).",
        )
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ModelError(
            f"{what} takes {[str(s) for s in shape]}, not RGB images (n, 3, height, width).",
            hint="Give a classifier of RGB images.",
        )
    first = shape[1] == 3
    height, width = shape[2:4] if first else shape[1:3]
    if not isinstance(height, int) or not isinstance(width, int):
        return first, DEFAULT_SIZE, (f"The model takes any size; {DEFAULT_SIZE} px are given.",)
    if height != width:
        raise ModelError(f"{what} takes {height} by {width} px.", hint="Only square is supported.")
    return first, height, ()


def _steps(graph: Any, given: Any) -> list[Step]:
    flowing = {given}
    steps: list[Step] = []
    for node in graph.nodes:
        if node.op != "call_function":
            continue
        inputs = [n for n in node.all_input_nodes if n in flowing]
        value = node.meta.get("val")
        if not inputs or isinstance(value, int) or "Sym" in type(value).__name__:
            continue  # sizes hold nothing of what an image shows
        name = _name(node.target)
        if name in ("sym_size", *_CHECKS):
            continue
        flowing.add(node)
        shape = getattr(value, "shape", None)
        dtype = getattr(value, "dtype", None)
        steps.append(
            Step(
                name,
                [n.name for n in inputs],
                node.name,
                shape=_sizes(shape) if shape is not None else None,
                whole=dtype is not None and not dtype.is_floating_point,
                biased=_is_biased(name, node.args),
                kernel=_kernel(name, node.args),
                numbers=list(lists_of_numbers(node.args)),
            )
        )
    return steps


def _name(target: Any) -> str:
    """Return ``linear`` of ``aten.linear.default`` and ``getitem`` of the operator."""
    said = getattr(target, "_name", None) or getattr(target, "__name__", str(target))
    return str(said).split("::")[-1].split(".")[0]


def _sizes(shape: Sequence[Any]) -> tuple[int, ...]:
    return tuple(s if isinstance(s, int) else 0 for s in shape)


def _is_biased(name: str, arguments: Sequence[Any]) -> bool:
    if name == "addmm":
        return True
    return name in ("linear", "conv2d", "convolution") and len(arguments) > 2 and bool(arguments[2])


def _kernel(name: str, arguments: Sequence[Any]) -> tuple[int, ...] | None:
    if name not in ("conv2d", "convolution") or len(arguments) < 2:
        return None
    value = arguments[1].meta.get("val")
    groups = arguments[-1] if name == "convolution" else (*arguments, *[1] * 7)[6]
    shape = getattr(value, "shape", ())
    return tuple(int(s) for s in shape[2:]) if groups == 1 else None


def _returned(graph: Any) -> list[str]:
    """Return the names of the tensors that the program gives."""
    output = next(node for node in graph.nodes if node.op == "output")
    return [node.name for node in output.all_input_nodes]


def _pruned(module: Any, names: Sequence[str]) -> Any:
    """Return a module that computes the tensors of those names and no more."""
    lib = torch()
    graph = lib.fx.Graph()
    copies: dict[Any, Any] = {}
    graph.graph_copy(module.graph, copies)
    by_name = {node.name: copy for node, copy in copies.items()}
    graph.output(tuple(_kept(graph, by_name[name]) for name in names))
    for node in reversed(list(graph.nodes)):
        checks = node.op == "call_module" or _name(node.target) in _CHECKS
        if checks and not node.users:
            graph.erase_node(node)
    graph.eliminate_dead_code()
    return lib.fx.GraphModule(module, graph)


def _kept(graph: Any, node: Any) -> Any:
    """Return a copy of a tensor, which a later step that writes in place leaves as it is."""
    with graph.inserting_after(node):
        return graph.call_function(torch().clone, (node,))


def opened_program(program: Program, path: Path, format_: str, digest: str, **more: Any) -> Opened:
    """Return what the extractor needs of a program."""
    known = {op.label: op.output for op in program.graph.ops}
    return Opened(
        path=path,
        format=format_,
        digest=digest,
        graph=program.graph,
        tensors=program.tensors,
        input_size=program.size,
        size_notes=program.size_notes,
        usual="imagenet",
        step=program.step,
        named=known.get,
        eight_bit=program.dtype == torch().uint8,
        **more,
    )


def _read(path: Path, *, allow_code: bool) -> Any:
    lib = torch()
    if not allow_code:
        _refuse_unsafe(path)
    try:
        return lib.export.load(path)
    except (RuntimeError, ValueError, OSError, KeyError, AssertionError) as error:
        said = " ".join(str(error).split())[:160]
        raise ModelError(
            f"{path} can't be loaded as a program of torch.export ({said}).",
            hint="Save it again with torch.export.save, by the PyTorch that is installed here "
            f"({lib.__version__}).",
        ) from error


def _refuse_unsafe(path: Path) -> None:
    """Read what is in the archive without loading it: nothing in it may run code.

    Raises
    ------
    ModelError
        It holds compiled code, pickled objects that are no tensors, or expressions that are none.
    """
    lib = torch()
    with zipfile.ZipFile(path) as pack:
        for name in pack.namelist():
            if name.endswith((".so", ".cubin", ".cpp")):
                raise ModelError(
                    f"{path} holds compiled code ({name}), which is not run.",
                    hint="Give what torch.export.save writes, not a package of AOTInductor.",
                )
            content = pack.read(name)
            if name.endswith(".json"):
                for found in _EXPRESSION.findall(content):
                    if not is_plain_expression(found.decode("utf-8", "replace")):
                        raise _carries_code(path, name)
            elif content[:2] in (b"PK", b"\x80\x02"):
                try:
                    lib.load(io.BytesIO(content), weights_only=True, map_location="cpu")
                except Exception as error:  # whatever it is, it is no plain tensor
                    raise _carries_code(path, name) from error


def is_plain_expression(text: str) -> bool:
    """Whether an expression of sizes is one of SymPy's names, numbers and signs alone."""
    return _PLAIN_EXPRESSION.fullmatch(text) is not None


def _carries_code(path: Path, name: str) -> ModelError:
    return ModelError(
        f"{path} carries Python objects in {name}, and loading them could run code.",
        hint="Export it with tensors alone; if you trust the file, add --trust-model-code.",
    )


def _open(path: Path, options: Options) -> Opened:
    exported = _read(path, allow_code=options.allow_code)
    program = program_of(exported, str(path))
    return opened_program(program, path, "torch.export", file_digest(path))


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a ``.pt2`` of ``torch.export``."""
    with damage_said(path, "a program of torch.export"):
        return GraphExtractor(_open(path, options), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a ``.pt2`` of ``torch.export``."""
    return described(load(path, options))
