"""Where a classifier's embedding lies: one search, whatever the format of its graph.

Each loader translates its format into ``Op``s; what feeds the head and what the scores are is read
from those alone. The search goes back from an output over everything that has no weights: what it
meets first is the head, unless what lies between says that the output is an embedding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from embeddings.backbones.description import Candidate
from embeddings.backbones.graphs.ops import WEIGHED, Graph, Op
from embeddings.backbones.runtime.scores import ScoreKind
from embeddings.errors import ModelError, UsageError

MOST_WIDTH: Final = 4096
"""Wider than any known embedding; only maps laid flat, pixel by pixel, are."""
LEAST_WIDTH: Final = 8
"""Narrower than any embedding: an output of fewer columns is one of scores."""
IMAGENET_CLASSES: Final = (1000, 1001)
MOST_HEADS: Final = 16  # more are no ensemble, but the steps of a residual network
_NAMED: Final = re.compile(r"embed|feature|project|pooler", re.IGNORECASE)
_ENDINGS: Final = frozenset({"softmax", "log_softmax", "sigmoid", "bend", "norm"})
_SAYS_CLASSES: Final = frozenset({"softmax", "log_softmax", "sigmoid", "pick"})


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


@dataclass(frozen=True, slots=True)
class _Reached:
    """What lies before a tensor: the weighed steps met first, and the weightless ones passed.

    ``foreign`` says that something else was met too: the input, or a step that is not known.
    """

    heads: tuple[Op, ...]
    passed: tuple[Op, ...]
    foreign: bool

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(op.kind for op in self.passed)


def find_head(graph: Graph, *, what: str = "The model", certain: bool = False) -> Head:
    """Find what feeds the classifier's last dense layer.

    Parameters
    ----------
    graph
        The model.
    what
        How errors call it: the name of its file.
    certain
        The outputs are known to be scores, so that a head must be found.

    Returns
    -------
    The first output's that has a head; else an output that is called an embedding, or the first.

    Raises
    ------
    ModelError
        The model gives scores, class numbers or the like, and what they are made from was not
        found; the hint lists layers to choose from.
    """
    made_by = graph.made_by()
    heads = [h for t, name in graph.outputs if (h := _walk(made_by, t, name, certain=certain))]
    scores = {head.scores for head in heads}
    vectors = [(t, n) for t, n in graph.outputs if t not in scores and _may_embed(made_by, t)]
    if len(graph.outputs) > 1 and (named := [(t, n) for t, n in vectors if _is_named(n)]):
        tensor, name = named[0]
        found = (heads[0].scores, heads[0].kind) if heads else (None, None)
        return Head(tensor, *found, name, "an output of the model that is called so")
    if heads:
        return heads[0]
    if not certain and not vectors:
        return find_head(graph, what=what, certain=True)
    if not vectors or certain:
        raise head_not_found(graph, what)
    tensor, name = max(vectors, key=lambda v: _is_vector(made_by.get(v[0])))
    label = made_by[tensor].label if tensor in made_by else name
    return Head(tensor, None, None, label, "the model has no classification head: its output")


def head_asked_for(graph: Graph, tensor: str, label: str, *, what: str) -> Head:
    """Return what to read where the layer was named; the scores are found as far as they can be."""
    try:
        found = find_head(graph, what=what)
    except ModelError:
        return Head(tensor, None, None, label, "as asked")
    return Head(tensor, found.scores, found.kind, label, "as asked")


def head_not_found(graph: Graph, what: str) -> ModelError:
    """Return the error that says so, with the layers that could be named instead."""
    name = graph.outputs[0][1]
    likely = [c.name for c in candidates(graph) if c.width >= LEAST_WIDTH]
    listed = f" Likely ones: {', '.join(dict.fromkeys(likely))}." if likely else ""
    return ModelError(
        f"{what} gives scores or class numbers ({name.strip()!r}), and the classification head "
        "that makes them was not found: these are no embeddings.",
        hint=f"Name the layer to read with --layer.{listed}",
    )


def no_such_layer(graph: Graph, layer: str, what: str) -> UsageError:
    """Return the error for a layer that the model has not."""
    likely = ", ".join(dict.fromkeys(c.name for c in candidates(graph)))
    return UsageError(f"{what} has no layer {layer!r}.", hint=f"Likely ones: {likely}.")


def _may_embed(made_by: dict[str, Op], tensor: str) -> bool:
    """Whether an output could be an embedding, as far as its graph and its shape tell."""
    op = made_by.get(tensor)
    if op is None:
        return False
    if op.whole or (op.shape is not None and (not op.shape or 0 < op.width < LEAST_WIDTH)):
        return False
    between = _reached(made_by, tensor)
    return not (_SAYS_CLASSES & between.kinds)


def _is_vector(op: Op | None) -> bool:
    return op is not None and op.shape is not None and len(op.shape) == 1


def _walk(made_by: dict[str, Op], output: str, name: str, *, certain: bool) -> Head | None:
    """Go back from ``output`` to the last weighed step, or give up."""
    reached = _reached(made_by, output)
    if reached.foreign or not _parallel(made_by, reached.heads):
        return None
    head = reached.heads[0]
    if not (certain or _SAYS_CLASSES & reached.kinds) and not _are_logits(reached, name, made_by):
        return None
    scores, endings = output, reached.passed
    for place, op in enumerate(reached.passed):
        if op.kind == "pick":
            scores, endings = op.inputs[0], reached.passed[place + 1 :]
    head = _first_of_stacked(made_by, head)
    tensor, label = _feeding(made_by, head.inputs[0])
    layer = "dense layer" if head.kind == "dense" else "convolution"
    layer = "1 by 1 convolution" if head.kind == "conv" else layer
    why = f"it feeds the last {layer}, {head.label!r}"
    if len(reached.heads) > 1:
        why += f", the first of {len(reached.heads)} whose scores are joined"
    kind = _kind(endings) or (None if certain else _kind_of_rectified(reached))
    return Head(tensor, scores, kind, label, why)


def _kind_of_rectified(reached: _Reached) -> ScoreKind | None:
    """Return what SqueezeNet's scores are: logits that are never below zero."""
    only = {"bend", "pool", "shape", "dropout", "linear", "quantise"} >= reached.kinds
    return "logits" if only and "bend" in reached.kinds else None


def _reached(made_by: dict[str, Op], tensor: str) -> _Reached:
    heads: list[Op] = []
    passed: list[Op] = []
    foreign = False
    waiting, seen = [tensor], set()
    while waiting:
        tensor = waiting.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        op = made_by.get(tensor)
        if op is None or op.kind == "other" or not op.inputs:
            foreign = True
        elif op.kind in WEIGHED and len(op.inputs) == 1:
            heads.append(op)
        else:
            passed.append(op)
            waiting += reversed(_followed(made_by, op))
    return _Reached(tuple(heads), tuple(passed), foreign)


def _followed(made_by: dict[str, Op], op: Op) -> tuple[str, ...]:
    """Return the inputs to go back to.

    Of a tensor that is scaled by a function of itself (SiLU, GELU, its length) only the tensor: the
    function's steps say nothing of what the values are.
    """
    inputs = tuple(dict.fromkeys(op.inputs))
    if op.kind == "mix" and 2 <= len(inputs) <= 3:
        for plain in inputs:
            if all(_derives_from(made_by, t, plain) for t in inputs if t != plain):
                return (plain,)
    return inputs


def _derives_from(made_by: dict[str, Op], tensor: str, source: str) -> bool:
    """Whether ``tensor`` is made from ``source`` alone, without weights."""
    waiting, seen = [tensor], {source}
    while waiting:
        tensor = waiting.pop()
        if tensor in seen:
            continue
        seen.add(tensor)
        op = made_by.get(tensor)
        if op is None or op.kind in WEIGHED or op.kind == "other" or not op.inputs:
            return False
        waiting += op.inputs
    return True


def _parallel(made_by: dict[str, Op], heads: Sequence[Op]) -> bool:
    """Whether there are heads, none of which is made from another: not a residual network."""
    if not 1 <= len(heads) <= MOST_HEADS:
        return False
    if len(heads) == 1:
        return True
    outputs = {head.output for head in heads}
    waiting, seen = [t for head in heads for t in head.inputs], set[str]()
    while waiting:
        tensor = waiting.pop()
        if tensor in outputs:
            return False
        if tensor not in seen and tensor in made_by:
            seen.add(tensor)
            waiting += made_by[tensor].inputs
    return True


def _are_logits(reached: _Reached, name: str, made_by: dict[str, Op]) -> bool:
    """Whether a weighed step without softmax at the end gives logits, not an embedding."""
    head = reached.heads[0]
    if head.kind == "wide_conv" or _is_named(head.label) or _is_named(name):
        return False
    if {"bend", "norm"} & reached.kinds or _scaled_by_itself(reached, made_by):
        # SqueezeNet: a rectified convolution, pooled, is its head; anywhere else a feature.
        pooled = "pool" in reached.kinds and head.kind == "conv" and "norm" not in reached.kinds
        return pooled and _counts_classes(head, made_by.get(head.inputs[0]))
    biased = head.biased or "affine" in reached.kinds
    projects = head.kind == "dense" and not biased and head.width >= 128 and head.width % 64 == 0
    return not projects  # CLIP and its like end in a product without bias


def _counts_classes(head: Op, before: Op | None) -> bool:
    """Whether a convolution is as wide as a list of classes, not as features are."""
    if head.width in IMAGENET_CLASSES:
        return True
    narrows = before is None or not before.width or before.width > head.width
    return narrows and (head.width % 32 != 0 or head.width < 32)


def _scaled_by_itself(reached: _Reached, made_by: dict[str, Op]) -> bool:
    return any(len(_followed(made_by, op)) < len(op.inputs) for op in reached.passed)


def _is_named(label: str) -> bool:
    """Whether a layer is called an embedding; of a path only its end counts."""
    return bool(_NAMED.search("/".join(label.split("/")[-2:])))


def _kind(passed: Sequence[Op]) -> ScoreKind | None:
    """Return what scores are, from what lies between head and output; None is: not certain."""
    kinds = [op.kind for op in passed]
    ending = next((kind for kind in kinds if kind in _ENDINGS), None)
    if ending is None:
        return "logits"
    if {"affine", "mix"} & set(kinds[: kinds.index(ending)]):  # per cent, say, or a mean
        return None
    known: dict[str, ScoreKind] = {
        "softmax": "probabilities", "sigmoid": "independent", "log_softmax": "logits",
    }  # fmt: skip
    return known.get(ending)


def _first_of_stacked(made_by: dict[str, Op], head: Op) -> Op:
    """Step back from a calibration, a dense layer upon logits or probabilities, to the head."""
    while True:
        before = _reached(made_by, head.inputs[0])
        if before.foreign or len(before.heads) != 1:
            return head
        (inner,) = before.heads
        plain = not {"bend", "norm", "sigmoid"} & before.kinds and inner.kind != "wide_conv"
        as_wide = inner.width == head.width or 0 < inner.width < LEAST_WIDTH
        if "softmax" not in before.kinds and not (plain and as_wide):
            return head
        head = inner


def _feeding(made_by: dict[str, Op], tensor: str) -> tuple[str, str]:
    """Step back over dropout, fewer bits, and a flattening that makes a map too wide."""
    op = made_by.get(tensor)
    while op is not None and len(op.inputs) == 1:
        wide = op.kind == "shape" and op.width > MOST_WIDTH
        if op.kind not in ("dropout", "quantise") and not wide:
            break
        tensor = op.inputs[0]
        op = made_by.get(tensor)
    return tensor, op.label if op is not None else tensor


def candidates(graph: Graph, *, most: int = 8) -> tuple[Candidate, ...]:
    """Return the tensors nearest the outputs that give one vector or map per image."""
    made_by = graph.made_by()
    waiting = [tensor for tensor, _ in graph.outputs]
    seen: set[str] = set()
    found: list[Candidate] = []
    while waiting and len(found) < most:
        tensor = waiting.pop(0)
        op = made_by.get(tensor)
        if tensor in seen or op is None:
            continue
        seen.add(tensor)
        again = found and found[-1] == Candidate(op.label, op.shape or ())
        if op.shape is not None and 1 <= len(op.shape) <= 3 and not op.whole and not again:
            found.append(Candidate(op.label, op.shape))
        waiting += op.inputs
    return tuple(found)
