"""A model whose graph can be read at work: embedding and probabilities from one forward pass.

One class for every format of which a loader gives an ``Opened``: the graph, and a way to compute
any of its tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import (
    ModelDescription,
    Options,
    class_names,
    fingerprint,
    of_precision,
)
from embeddings.backbones.graphs.ops import Graph
from embeddings.backbones.graphs.penultimate import (
    LEAST_WIDTH,
    Head,
    candidates,
    find_head,
    head_asked_for,
    no_such_layer,
)
from embeddings.backbones.graphs.pixel_scaling import pixels_reached, scaling_read, wants_bytes
from embeddings.backbones.runtime.batching import in_steps
from embeddings.backbones.runtime.precision import NOTES as PRECISION_NOTES
from embeddings.backbones.runtime.preprocess import (
    Scaling,
    assumed,
    scale,
    scaling,
    told,
    told_apart,
)
from embeddings.backbones.runtime.scores import NOTES, judge, probe, to_probabilities
from embeddings.errors import UsageError
from embeddings.records import Batch, Pace

DEFAULT_SIZE: Final = 224
"""Given to models that take any size, in px."""
EIGHT_BIT_NOTE: Final = "Pixels are given as 8-bit values: the model takes no others."
_RAW: Final[Scaling] = "raw"
_GRAPHS_READ: Final = 2  # a part of fingerprints: raised when the same tensor gives other values

# Takes scaled pixels (n, size, size, 3) and returns the tensors asked for, one row per image; maps
# have channels last.
Compute = Callable[[NDArray[Any]], Sequence[NDArray[Any]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A model's file, read: its ``graph``, and what it takes.

    ``tensors`` returns a function for the tensors of those names. ``told`` is the scaling where the
    file says it outright, with the note on it; ``usual`` what models of this format mostly take.
    ``step`` is how many images it takes at once, None for any number. ``named`` finds a tensor by
    what a person calls it.
    """

    path: Path
    format: str
    digest: str
    graph: Graph
    tensors: Callable[[tuple[str, ...]], Compute]
    input_size: int
    size_notes: tuple[str, ...]
    usual: Scaling
    step: int | None
    told: tuple[Scaling, str] | None = None
    eight_bit: bool = False
    classes_inside: tuple[str, ...] = ()
    more_notes: tuple[str, ...] = ()
    pace: Pace = Pace()  # noqa: RUF009 - frozen
    named: Callable[[str], str | None] = lambda _: None


class GraphExtractor:
    """Runs a model that was read; the head is found, or named by ``options.layer``.

    Raises
    ------
    UsageError
        No such layer, or a scaling that the model can't take.
    ModelError
        What the model gives are scores, and their head was not found.
    """

    def __init__(self, opened: Opened, options: Options) -> None:
        self.opened = opened
        self.name = opened.path.name
        self.input_size = opened.input_size
        self.pace = opened.pace
        self._scaling, scaling_notes = self._found_scaling(options.preprocess)
        self.head = self._found_head(options.layer)
        if not scaling_notes and options.preprocess is None:
            self._scaling, scaling_notes = self._assumed_scaling()
        wanted = (self.head.embedding, *([self.head.scores] if self.head.scores else []))
        self._compute = opened.tensors(wanted)
        print_ = fingerprint(
            opened.digest, self.head.embedding, self._scaling, self.input_size, _GRAPHS_READ
        )
        self.fingerprint = of_precision(print_, options.precision)
        self._places = 0
        embeddings, *scores = self._outputs(probe(self.input_size))
        self.width = embeddings.shape[1]
        self._kind = self.head.kind or (judge(scores[0]) if scores else "logits")
        self.n_classes = max(2, scores[0].shape[1]) if scores else None
        self.classes, class_notes = class_names(
            opened.path, self.n_classes, options.classes_file, inside=opened.classes_inside
        )
        pooled = f" Its {self._places} places are averaged." if self._places else ""
        self.notes: tuple[str, ...] = (
            f"Embeddings are read from {self.head.label!r}: {self.head.why}.{pooled}",
            *opened.size_notes,
            *opened.more_notes,
            *scaling_notes,
            *((NOTES[self._kind],) if scores and NOTES[self._kind] else ()),
            *class_notes,
            *((PRECISION_NOTES[options.precision],) if options.precision != "fp32" else ()),
        )

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, *scores = self._outputs(images)
        if not scores:
            return Batch(embeddings, None)
        return Batch(embeddings, to_probabilities(scores[0], self._kind))

    def _outputs(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        x = images if self.opened.eight_bit else scale(images, self._scaling)
        made = in_steps(x, self.opened.step, self._compute)
        self._places = int(np.prod(made[0].shape[1:-1])) if made[0].ndim > 2 else 0
        return [pooled(tensor) for tensor in made]

    def _found_scaling(self, asked: str | None) -> tuple[Scaling, tuple[str, ...]]:
        opened = self.opened
        if opened.eight_bit:
            if asked not in (None, "raw"):
                raise UsageError(f"{self.name} takes 8-bit pixels.", hint="Leave out --preprocess.")
            return "raw", (EIGHT_BIT_NOTE,)
        if asked is not None:
            return scaling(asked), ()
        if opened.told is not None:
            return opened.told[0], (opened.told[1],)
        last = pixels_reached(opened.graph)
        if last is not None:
            compute = opened.tensors((last.output,))
            found = scaling_read(lambda x: in_steps(x, opened.step, compute)[0], opened.input_size)
            if found is not None:
                return found, (told(found, last.label),)
        return opened.usual, ()

    def _assumed_scaling(self) -> tuple[Scaling, tuple[str, ...]]:
        usual = self.opened.usual
        compute = self.opened.tensors((self.head.embedding,))
        pictures = probe(self.input_size)
        scaled_, raw = (
            pooled(in_steps(scale(pictures, how), self.opened.step, compute)[0])
            for how in (usual, _RAW)
        )
        if wants_bytes(scaled_, raw):
            return "raw", (told_apart(usual),)
        return usual, (assumed("The model", usual),)

    def _found_head(self, layer: str | None) -> Head:
        opened = self.opened
        if layer is not None:
            tensor = opened.named(layer)
            if tensor is None:
                raise no_such_layer(opened.graph, layer, self.name)
            return head_asked_for(opened.graph, tensor, layer, what=self.name)
        head = find_head(opened.graph, what=str(opened.path))
        if head.scores is None and self._are_scores(head.embedding):
            return find_head(opened.graph, what=str(opened.path), certain=True)
        return head

    def _are_scores(self, tensor: str) -> bool:
        """Whether an output that could be an embedding is one of scores by what it says."""
        compute = self.opened.tensors((tensor,))
        pictures = probe(self.input_size)
        x = pictures if self.opened.eight_bit else scale(pictures, self._scaling)
        (values,) = in_steps(x, self.opened.step, compute)
        return are_scores(values)


def are_scores(values: NDArray[Any]) -> bool:
    """Whether what a model says of :func:`probe` can't be embeddings: shares, or whole numbers."""
    made = pooled(values)
    if made.shape[1] < LEAST_WIDTH or not np.issubdtype(values.dtype, np.floating):
        return True
    return judge(made) == "probabilities"


def pooled(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return (n, width) float32: a map with channels last is averaged over its places."""
    values = np.asarray(values, dtype=np.float32)
    if values.ndim > 2:
        values = values.mean(axis=tuple(range(1, values.ndim - 1)))
    return values.reshape(len(values), -1)


def described(found: GraphExtractor) -> ModelDescription:
    """Describe what was found; the first note, which layer is read, stands apart as ``why``."""
    return ModelDescription(
        name=found.name,
        format=found.opened.format,
        input_size=found.input_size,
        width=found.width,
        candidates=candidates(found.opened.graph),
        chosen=found.head.label,
        why=found.head.why,
        n_classes=found.n_classes,
        classes=found.classes,
        notes=found.notes[1:],
    )
