"""A graph of PyTorch as ``ops.Op``s: an exported program, or TorchScript.

Both consist of the same operations (ATen), whatever module they were written as.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from embeddings.backbones.graphs.ops import WEIGHED, Graph, Kind, Op, kinds_table

_KINDS: Final = kinds_table(
    softmax="softmax _softmax special_softmax",
    log_softmax="log_softmax _log_softmax",
    sigmoid="sigmoid sigmoid_ special_expit",
    bend="relu relu_ relu6 gelu silu silu_ hardswish hardswish_ hardsigmoid hardsigmoid_ hardtanh "
    "hardtanh_ leaky_relu leaky_relu_ elu elu_ selu celu prelu tanh tanh_ exp log sqrt rsqrt pow "
    "square abs erf clamp clamp_ clamp_min clamp_max softplus mish reciprocal clip quick_gelu glu",
    affine="neg rsub",
    shape="view _unsafe_view reshape flatten unflatten squeeze squeeze_ unsqueeze permute "
    "transpose transpose_ t contiguous to _to_copy type_as float half slice select index "
    "index_select gather expand expand_as repeat pad constant_pad_nd reflection_pad2d "
    "upsample_bilinear2d _upsample_bilinear2d_aa upsample_bicubic2d _upsample_bicubic2d_aa "
    "upsample_nearest2d interpolate flip roll chunk split split_with_sizes unbind narrow movedim "
    "pixel_shuffle pixel_unshuffle channel_shuffle as_strided tile getitem im2col unfold",
    quantise="quantize_per_tensor quantize_per_channel dequantize fake_quantize_per_tensor_affine "
    "quantize_per_tensor_dynamic",
    dropout="dropout dropout_ feature_dropout alpha_dropout native_dropout clone detach alias "
    "lift_fresh_copy lift_fresh identity _assert_tensor_metadata",
    pool="adaptive_avg_pool2d _adaptive_avg_pool2d adaptive_max_pool2d",
    norm="batch_norm _native_batch_norm_legit_no_training native_batch_norm cudnn_batch_norm "
    "layer_norm native_layer_norm rms_norm _fused_rms_norm",
    mix="add add_ sub sub_ mul mul_ div div_ cat concat stack maximum minimum mean where lerp "
    "addcmul",
    pick="argmax argmin topk max min amax amin sum prod sort argsort gt ge lt le eq ne logical_not "
    "logical_and logical_or round floor ceil sign norm linalg_vector_norm linalg_norm logsumexp "
    "one_hot nonzero any all bucketize frobenius_norm",
    dense="linear addmm mm matmul bmm einsum linear_dynamic linear_relu_dynamic linear_relu",
    conv="conv2d convolution _convolution conv2d_relu",
)
_BUILT_IN: Final = ("linear_relu", "linear_relu_dynamic", "conv2d_relu")
_REDUCTIONS: Final = frozenset({"mean", "amax", "avg_pool2d", "max_pool2d"})
_FIRST: Final = frozenset(
    {
        "conv2d", "convolution", "_convolution", "conv2d_relu", "batch_norm", "max_pool2d",
        "avg_pool2d", "adaptive_avg_pool2d", "_adaptive_avg_pool2d", "adaptive_max_pool2d",
        "_native_batch_norm_legit_no_training", "group_norm", "pixel_shuffle",
        "max_pool2d_with_indices",
    }
)  # fmt: skip
_TO_FIRST: Final = [0, 3, 1, 2]
_TO_LAST: Final = [0, 2, 3, 1]


@dataclass(slots=True)
class Step:
    """One operation of either graph, as far as the search looks at it.

    ``shape`` is that of the whole batch as PyTorch gives it, None while it is not known;
    ``numbers`` are the lists of whole numbers among its arguments: orders, kernels.
    """

    name: str
    flowing: list[str]
    output: str
    shape: tuple[int, ...] | None = None
    whole: bool = False
    biased: bool = False
    kernel: tuple[int, ...] | None = None
    numbers: list[list[int]] = field(default_factory=list)


def graph_from(
    steps: Sequence[Step], given: tuple[str, tuple[int, ...] | None], outputs: Sequence[str],
    *, first: bool,
) -> tuple[Graph, dict[str, bool]]:  # fmt: skip
    """Translate steps in the order in which they run.

    ``given`` is the name and the shape of the input, ``first`` whether its channels come first.

    Returns
    -------
    The graph, and of each tensor whether its channels come first if it is a map.
    """
    layouts = {given[0]: first}
    shapes: dict[str, tuple[int, ...] | None] = {given[0]: given[1]}
    ops: list[Op] = []
    for step in steps:
        layouts[step.output] = _layout(step, layouts)
        shapes[step.output] = step.shape
        ops += _ops(step, shapes, first=layouts[step.output])
    return Graph(tuple(ops), given[0], tuple((o, o) for o in outputs)), layouts


def _layout(step: Step, layouts: Mapping[str, bool]) -> bool:
    if step.name in _FIRST:
        return True
    if step.name == "permute" and (_TO_FIRST in step.numbers or _TO_LAST in step.numbers):
        return _TO_FIRST in step.numbers
    return next((layouts[name] for name in step.flowing if name in layouts), True)


def _ops(step: Step, shapes: Mapping[str, tuple[int, ...] | None], *, first: bool) -> list[Op]:
    kind = _kind(step, shapes)
    shape = step.shape[1:] if step.shape is not None else None
    if shape is not None and len(shape) == 3 and first:
        shape = (*shape[1:], shape[0])
    if step.name in _BUILT_IN:
        inner = f"{step.output} before its activation"
        return [
            Op(kind, tuple(step.flowing), inner, step.output, shape, step.biased),
            Op("bend", (inner,), step.output, step.output, shape),
        ]
    biased = step.biased and kind in WEIGHED
    return [Op(kind, tuple(step.flowing), step.output, step.output, shape, biased, step.whole)]


def _kind(step: Step, shapes: Mapping[str, tuple[int, ...] | None]) -> Kind:
    kind = _KINDS.get(step.name, "other")
    if kind in WEIGHED and len(step.flowing) != 1:
        return "other"
    if kind == "conv":
        return "conv" if step.kernel == (1, 1) else "wide_conv"
    if kind == "pool" and step.shape is not None and step.shape[2:] != (1, 1):
        return "other"
    if step.name in _REDUCTIONS and _pools(shapes.get(step.flowing[0]), step.shape):
        return "pool"
    if kind == "mix" and len(set(step.flowing)) == 1 and step.name not in ("mean", "stack"):
        return "shape" if step.name in ("cat", "concat") else "affine"
    if step.name in ("avg_pool2d", "max_pool2d"):
        return "other"
    return kind


def _pools(before: tuple[int, ...] | None, after: tuple[int, ...] | None) -> bool:
    """Whether a reduction is over all places of a map."""
    if before is None or after is None or len(before) != 4:
        return False
    return len(after) == 2 or after[2:] == (1, 1) or after[1:3] == (1, 1)


def lists_of_numbers(arguments: Sequence[Any]) -> Iterator[list[int]]:
    """Yield the lists of whole numbers among arguments."""
    for argument in arguments:
        if isinstance(argument, list | tuple) and all(isinstance(i, int) for i in argument):
            yield list(argument)
