"""A TensorFlow Lite graph as ``ops.Op``s."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from embeddings.backbones.graphs.ops import WEIGHED, Graph, Kind, Op, kinds_table

_KINDS: Final = kinds_table(
    softmax="SOFTMAX",
    log_softmax="LOG_SOFTMAX",
    sigmoid="LOGISTIC",
    bend="RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 HARD_SWISH TANH ELU LEAKY_RELU PRELU GELU EXP LOG "
    "SQRT RSQRT SQUARE ABS",
    affine="NEG",
    shape="RESHAPE SQUEEZE EXPAND_DIMS TRANSPOSE CAST PAD PADV2 MIRROR_PAD STRIDED_SLICE SLICE "
    "SPLIT SPLIT_V UNPACK GATHER REVERSE_V2 RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR TILE "
    "BROADCAST_TO SPACE_TO_DEPTH DEPTH_TO_SPACE SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND",
    quantise="QUANTIZE DEQUANTIZE FAKE_QUANT",
    norm="L2_NORMALIZATION",
    mix="ADD ADD_N SUB MUL DIV MAXIMUM MINIMUM POW SQUARED_DIFFERENCE CONCATENATION PACK MEAN "
    "SELECT SELECT_V2",
    pick="ARG_MAX ARG_MIN TOPK_V2 REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ANY REDUCE_ALL SUM "
    "GREATER GREATER_EQUAL LESS LESS_EQUAL EQUAL NOT_EQUAL LOGICAL_NOT LOGICAL_AND LOGICAL_OR "
    "WHERE ONE_HOT ROUND FLOOR CEIL SIGN HASHTABLE_FIND",
    dense="FULLY_CONNECTED BATCH_MATMUL",
    conv="CONV_2D",
)
_REDUCTIONS: Final = frozenset({"MEAN", "REDUCE_MAX", "AVERAGE_POOL_2D", "MAX_POOL_2D"})
_SIZES: Final = frozenset({"SHAPE", "RANK"})
_DELEGATED: Final = "DELEGATE"


def graph_of(interpreter: Any, content: bytes) -> Graph:
    """Translate what an interpreter without delegates has read from ``content``.

    A tensor that nothing makes, or that is made of such tensors alone, is a constant, but for the
    input: weights kept in half precision are made so.
    """
    details = {int(t["index"]): t for t in interpreter.get_tensor_details()}
    built_in = _activations(content)
    given = int(interpreter.get_input_details()[0]["index"])
    flowing = {given}
    ops: list[Op] = []
    for place, step in enumerate(interpreter._get_ops_details()):
        name = str(step["op_name"])
        if name == _DELEGATED:
            continue
        inputs = [int(i) for i in step["inputs"] if i >= 0]
        moving = [i for i in inputs if i in flowing]
        if not moving or name in _SIZES:
            continue
        outputs = [int(o) for o in step["outputs"]]
        flowing.update(outputs)
        bent = place < len(built_in) and built_in[place]
        for output in outputs:
            ops += _ops(name, details, inputs, moving, output, bent=bent)
    outputs_ = interpreter.get_output_details()
    return Graph(tuple(ops), str(given), tuple((str(o["index"]), str(o["name"])) for o in outputs_))


def _ops(
    name: str, details: dict[int, Any], inputs: list[int], moving: list[int], output: int, *,
    bent: bool,
) -> list[Op]:  # fmt: skip
    kind = _kind(name, details, inputs, moving, output)
    told = details[output]
    shape = tuple(int(s) for s in told["shape"][1:])
    whole = not np.issubdtype(told["dtype"], np.floating) and not told["quantization"][0]
    flowing = tuple(map(str, moving))
    biased = kind in WEIGHED and len(inputs) > 2
    tensor, label = str(output), str(output)
    if kind in WEIGHED and bent:
        inner = f"{tensor} before its activation"
        return [
            Op(kind, flowing, inner, label, shape, biased),
            Op("bend", (inner,), tensor, label, shape, whole=whole),
        ]
    return [Op(kind, flowing, tensor, label, shape, biased, whole)]


def _kind(
    name: str, details: dict[int, Any], inputs: list[int], moving: list[int], output: int
) -> Kind:
    kind = _KINDS.get(name, "other")
    constants = [i for i in inputs if i not in moving]
    if kind in WEIGHED and len(moving) != 1:
        return "other"
    if kind == "conv":
        kernel = tuple(details[constants[0]]["shape"][1:3]) if constants else ()
        return "conv" if kernel == (1, 1) else "wide_conv"
    if name in _REDUCTIONS and _pools(details, inputs[0], output):
        return "pool"
    if name == "GATHER" and inputs[0] in constants:
        return "pick"  # names looked up by class numbers
    if kind == "mix" and len(moving) == 1 and len(inputs) > 1 and name != "MEAN":
        if name in ("MAXIMUM", "MINIMUM", "POW", "SQUARED_DIFFERENCE"):
            return "bend"
        return "shape" if name in ("CONCATENATION", "PACK") else "affine"
    return kind


def _pools(details: dict[int, Any], before: int, after: int) -> bool:
    """Whether a reduction is over all places of a map."""
    wide, narrow = details[before]["shape"], details[after]["shape"]
    return len(wide) == 4 and (len(narrow) == 2 or tuple(narrow[1:3]) == (1, 1))


def _activations(content: bytes) -> list[bool]:
    """Say of each step whether an activation is built into it; the interpreter does not tell."""
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.Model.GetRootAsModel(content, 0)
    options = {
        schema.BuiltinOptions.FullyConnectedOptions: schema.FullyConnectedOptions,
        schema.BuiltinOptions.Conv2DOptions: schema.Conv2DOptions,
    }
    graph = model.Subgraphs(0)
    bent = []
    for place in range(graph.OperatorsLength()):
        step = graph.Operators(place)
        reader = options.get(step.BuiltinOptionsType())
        table = step.BuiltinOptions()
        if reader is None or table is None:
            bent.append(False)
            continue
        told = reader()
        told.Init(table.Bytes, table.Pos)
        bent.append(told.FusedActivationFunction() != schema.ActivationFunctionType.NONE)
    return bent
