"""The model that ships with the project; MODEL_CARD.md says what it is and is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from embeddings.backbones.embedded.architecture import INPUT_SIZE, N_CLASSES, WIDTH

__all__ = ["INPUT_SIZE", "N_CLASSES", "WEIGHTS", "WIDTH", "build", "class_names"]

WEIGHTS = Path(__file__).parent / "weights.npz"
_CLASSES = Path(__file__).parent / "classes.txt"


def build() -> Any:
    """Load the network: pixels (n, 104, 104, 3) 0 to 255 RGB → embedding, probabilities."""
    from embeddings.backbones.embedded.architecture import network
    from embeddings.backbones.embedded.weights import load_weights

    model = network()
    load_weights(model, WEIGHTS)
    return model


def class_names() -> tuple[str, ...]:
    """Return the 1,000 ImageNet class names of the head, in its order."""
    return tuple(_CLASSES.read_text(encoding="utf-8").splitlines())
