"""A model's graph, whatever its format: steps between tensors, of a few kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal[
    "dense",  # a matrix product by weights
    "conv",  # a 1 by 1 convolution: a dense layer at every place
    "wide_conv",  # a convolution with a larger kernel
    "pool",  # the mean or the largest value over all places
    "shape",  # the same values in another shape, type or order, or some of them
    "quantise",  # the same values with fewer or more bits
    "dropout",
    "linear", "softmax", "log_softmax", "sigmoid",  # what a classifier ends in
    "bend",  # any other function of each value by itself
    "affine",  # arithmetic with a constant
    "norm",  # normalisation: of a batch, of a layer, to length one
    "mix",  # arithmetic between tensors, or several joined
    "pick",  # the largest values, their places, comparisons, sums: what can't be turned back
    "other",
]  # fmt: skip

WEIGHED: Final = frozenset({"dense", "conv", "wide_conv"})
"""Kinds that can be a classifier's head."""


def kinds_table(**listed: str) -> dict[str, Kind]:
    """Return the kind of each operation from the names of each kind's operations."""
    kinds = {kind: kind for kind in get_args(Kind)}
    return {name: kinds[kind] for kind, names in listed.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Op:
    """One step of a graph.

    ``inputs`` are the tensors that depend on the image; ``shape`` is that of one image's output
    with channels last, 0 where it may vary, None where unknown; ``biased`` says of a weighed step
    that a constant is added inside; ``whole`` that the output holds whole numbers, truth values or
    text.
    """

    kind: Kind
    inputs: tuple[str, ...]
    output: str
    label: str
    shape: tuple[int, ...] | None = None
    biased: bool = False
    whole: bool = False

    @property
    def width(self) -> int:
        """Channels of the output; 0 where that is not known."""
        return self.shape[-1] if self.shape else 0


@dataclass(frozen=True, slots=True)
class Graph:
    """The steps of a model in any order, its input tensor, and tensor and name of each output."""

    ops: tuple[Op, ...]
    input: str
    outputs: tuple[tuple[str, str], ...]

    def made_by(self) -> dict[str, Op]:
        """Return the step that makes each tensor."""
        return {op.output: op for op in self.ops}
