"""The description of a classifier whose head was found in a graph, whatever its format."""

from __future__ import annotations

from typing import Protocol

from embeddings.backbones.description import ModelDescription
from embeddings.backbones.graphs.penultimate import Head, Op, candidates


class Read(Protocol):
    """What the extractors of ONNX, SavedModel and TensorFlow Lite have found out."""

    input_size: int
    width: int
    ops: tuple[Op, ...]
    outputs: tuple[tuple[str, str], ...]
    head: Head
    n_classes: int | None
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]


def described(found: Read, name: str, format: str) -> ModelDescription:
    """Describe what was found; the first note, which layer is read, stands apart as ``why``."""
    return ModelDescription(
        name=name,
        format=format,
        input_size=found.input_size,
        width=found.width,
        candidates=candidates(found.ops, found.outputs),
        chosen=found.head.label,
        why=found.head.why,
        n_classes=found.n_classes,
        classes=found.classes,
        notes=found.notes[1:],
    )
