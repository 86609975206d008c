"""The weights of the embedded model: half precision, no pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from embeddings.storage import atomic_path


def save_weights(model: Any, file: Path) -> int:
    """Write the weights as float16 in the order of the graph; return the size in bytes."""
    arrays = {f"w{i:04d}": w.astype(np.float16) for i, w in enumerate(model.get_weights())}
    with atomic_path(file) as temporary, temporary.open("wb") as handle:
        np.savez(handle, **arrays)
    return file.stat().st_size


def load_weights(model: Any, file: Path) -> None:
    """Read what :func:`save_weights` wrote into a model of the same shape."""
    with np.load(file, allow_pickle=False) as pack:
        model.set_weights([pack[name].astype(np.float32) for name in sorted(pack.files)])
