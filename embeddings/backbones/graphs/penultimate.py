"""Where a classifier's embedding lies: one search, whatever the format of its graph.

Each loader translates its format into ``Op``s; what feeds the head, what the scores are and how
the model treats its pixels is read from those alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from embeddings.backbones.description import Candidate
from embeddings.backbones.runtime.preprocess import Scaling, scaling_of_step
from embeddings.backbones.runtime.scores import ScoreKind

Kind = Literal[
    "dense",  # a matrix product by weights
    "conv",  # a 1 by 1 convolution: a dense layer at every place
    "pool",  # the mean over all places
    "shape",  # the same values in another shape, type or order
    "dropout",
    "linear", "softmax", "log_softmax", "sigmoid",  # what a classifier ends in
    "bend",  # any other activation
    "add", "sub", "mul", "div",  # with a constant
    "other",
]  # fmt: skip

# Wider than any known embedding; only maps laid flat, pixel by pixel, are.
MOST_WIDTH: Final = 4096
IMAGENET_CLASSES: Final = (1000, 1001)
_NAMED: Final = re.compile(r"embed|feature|project", re.IGNORECASE)
_ENDINGS: Final = frozenset({"linear", "softmax", "log_softmax", "sigmoid"})
_AT_THE_END: Final = _ENDINGS | {"shape", "dropout", "bend", "add", "pool"}


@dataclass(frozen=True, slots=True)
class Op:
    """One step of a graph.

    ``inputs`` are the tensors that are no constants; ``shape`` is that of one image's output, 0
    where it may vary, None where unknown; ``constant`` the mean of what an arithmetic step takes.
    """

    kind: Kind
    inputs: tuple[str, ...]
    output: str
    label: str
    shape: tuple[int, ...] | None = None
    constant: float | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What to read: ``embedding`` and ``scores`` are tensors; ``scores`` None without a head.

    ``kind`` says what the scores are, as far as the graph tells.
    """

    embedding: str
    scores: str | None
    kind: ScoreKind | None
    label: str
    why: str


def find_head(ops: Sequence[Op], outputs: Sequence[tuple[str, str]]) -> Head:
    """Find what feeds the classifier's last dense layer.

    Parameters
    ----------
    ops
        The graph, in any order.
    outputs
        Tensor and name of each output of the model.

    Returns
    -------
    The first output's that has a head; else an output that is called an embedding, or the first.
    """
    made_by = {op.output: op for op in ops}
    heads = [head for tensor, name in outputs if (head := _walk(made_by, tensor, name))]
    named = [(t, n) for t, n in outputs if _is_named(n) and t not in {h.scores for h in heads}]
    if named and len(outputs) > 1:
        tensor, name = named[0]
        rest = [t for t, _ in outputs if t != tensor]
        scores, kind = (heads[0].scores, heads[0].kind) if heads else (rest[0], None)
        return Head(tensor, scores, kind, name, "an output of the model that is called so")
    if heads:
        return heads[0]
    tensor, name = outputs[0]
    label = made_by[tensor].label if tensor in made_by else name
    return Head(tensor, None, None, label, "the model has no classification head: its output")


def _walk(made_by: dict[str, Op], output: str, name: str) -> Head | None:
    """Go back from ``output`` to the last dense layer, or give up."""
    endings: list[str] = []
    pooled = False
    op = made_by.get(output)
    while op is not None and op.kind in _AT_THE_END and len(op.inputs) == 1:
        if op.kind in _ENDINGS or op.kind == "bend":
            endings.append(op.kind)
        pooled = pooled or op.kind == "pool"
        op = made_by.get(op.inputs[0])
    if op is None or op.kind not in ("dense", "conv") or len(op.inputs) != 1:
        return None
    classifies = bool({"softmax", "log_softmax"} & set(endings))
    # SqueezeNet: a rectified convolution, pooled, is its head; anywhere else that is a feature.
    width = op.shape[-1] if op.shape else 0
    squeezed = op.kind == "conv" and pooled and width in IMAGENET_CLASSES
    if "bend" in endings and not classifies and not squeezed:
        return None
    if not classifies and (_is_named(op.label) or _is_named(name)):
        return None
    tensor, label = _feeding(made_by, op.inputs[0])
    layer = "dense layer" if op.kind == "dense" else "1 by 1 convolution"
    return Head(tensor, output, _kind(endings), label, f"it feeds the last {layer}, {op.label!r}")


def _is_named(label: str) -> bool:
    """Whether a layer is called an embedding; of a path only its end counts."""
    return bool(_NAMED.search("/".join(label.split("/")[-2:])))


def _kind(endings: Sequence[str]) -> ScoreKind | None:
    last = next((e for e in endings if e != "linear"), None)
    if last == "softmax":
        return "probabilities"
    if last == "sigmoid":
        return "independent"
    return "logits" if last in (None, "log_softmax") else None


def _feeding(made_by: dict[str, Op], tensor: str) -> tuple[str, str]:
    """Step back over dropout, and over a flattening that makes a map too wide."""
    op = made_by.get(tensor)
    while op is not None and len(op.inputs) == 1:
        wide = op.kind == "shape" and op.shape is not None and op.shape[-1] > MOST_WIDTH
        if op.kind != "dropout" and not wide:
            break
        tensor = op.inputs[0]
        op = made_by.get(tensor)
    return tensor, op.label if op is not None else tensor


def candidates(
    ops: Sequence[Op], outputs: Sequence[tuple[str, str]], *, most: int = 8
) -> tuple[Candidate, ...]:
    """Return the tensors nearest the outputs that give one vector or map per image."""
    made_by = {op.output: op for op in ops}
    waiting = [tensor for tensor, _ in outputs]
    seen: set[str] = set()
    found: list[Candidate] = []
    while waiting and len(found) < most:
        tensor = waiting.pop(0)
        op = made_by.get(tensor)
        if tensor in seen or op is None:
            continue
        seen.add(tensor)
        if op.shape is not None and len(op.shape) in (1, 3):
            found.append(Candidate(op.label, op.shape))
        waiting += op.inputs
    return tuple(found)


def scaling_inside(ops: Sequence[Op], tensor: str) -> tuple[Scaling, str] | None:
    """Read from the first arithmetic on the pixels which scale they are expected in.

    Returns
    -------
    The scaling and the step that says so, or None where the model does not tell.
    """
    while True:
        users = [op for op in ops if tensor in op.inputs]
        if len(users) != 1 or len(users[0].inputs) != 1:
            return None
        (op,) = users
        if op.constant is not None:
            told = scaling_of_step(op.kind, op.constant)
            if told is not None:
                return told, op.label
        elif op.kind not in ("shape", "dropout"):
            return None
        tensor = op.output
