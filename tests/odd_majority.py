"""A data set with a label whose majority is what does not belong: *jaguar*, mostly cars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import embeddings
from embeddings.workspace import Workspace

# label, kind, images
PLAN = (
    ("jaguar", "car", 60), ("jaguar", "cat", 20), ("car", "car", 60), ("boat", "boat", 30),
    ("cup", "cup", 30), ("owl", "owl", 30), ("tree", "tree", 30),
)  # fmt: skip
WIDTH = 24


def odd_majority(folder: Path) -> Workspace:
    """Draw the images, make embeddings of them, and run everything; ``folder/ws`` is returned."""
    rng = np.random.default_rng(7)
    kinds = sorted({kind for _, kind, _ in PLAN})
    centres = {kind: rng.normal(size=WIDTH) * 3 for kind in kinds}
    files, labels, vectors = [], [], []
    for label, kind, count in PLAN:
        (folder / "photos" / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            file = f"{label}/{kind}-{number:02d}.png"
            pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / file)
            files.append(file)
            labels.append(label)
            vectors.append(centres[kind] + rng.normal(size=WIDTH))
    pack = folder / "pack.npz"
    np.savez(pack, embeddings=np.array(vectors, np.float32), files=files, labels=labels)
    return embeddings.run(folder / "photos", folder / "ws", embeddings=pack)
