"""Models of the tests that workers can load: in a module, so that they travel by name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
from PIL import Image

from embeddings.records import Batch


class Colours:
    """The mean colour of each quarter, and a head that says bright or dark."""

    name = "colours"
    fingerprint = "c0105" * 8
    input_size = 16
    width = 12
    classes = ("dark", "bright")
    notes = ("A note of the model.",)

    def extract(self, images: np.ndarray) -> Batch:
        x = images.astype(np.float32) / 255
        quarters = [x[:, i : i + 8, j : j + 8].mean(axis=(1, 2)) for i in (0, 8) for j in (0, 8)]
        bright = x.mean(axis=(1, 2, 3))
        return Batch(np.concatenate(quarters, axis=1), np.stack([1 - bright, bright], axis=1))


class Mortal(Colours):
    """Colours, but the first process to see a third batch is killed; only one ever is."""

    def __init__(self, flag: Path) -> None:
        self.flag = flag
        self.batches = 0

    def extract(self, images: np.ndarray) -> Batch:
        self.batches += 1
        if self.batches == 3:
            try:
                self.flag.touch(exist_ok=False)
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().extract(images)


class Doomed(Colours):
    """Colours, but every process that embeds is killed."""

    def extract(self, images: np.ndarray) -> Batch:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


class Broken(Colours):
    """Colours, but it fails at its work."""

    def extract(self, images: np.ndarray) -> Batch:
        raise ZeroDivisionError("a fault of the model")


def draw(root: Path) -> Path:
    """Draw three labels, one of two kinds, and a file that is broken; return ``root``."""
    rng = np.random.default_rng(0)
    kinds = (
        ("night", 24, (20, 20, 40)),
        ("mixed", 20, (230, 40, 40)),
        ("mixed", 12, (20, 20, 40)),
        ("grass", 24, (40, 200, 40)),
    )
    for label, n, colour in kinds:
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        start = len(list(folder.iterdir()))
        for i in range(start, start + n):
            pixels = np.clip(rng.normal(colour, 25, (24, 24, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{i:03d}.png")
    whole = (root / "grass" / "000.png").read_bytes()
    (root / "grass" / "broken.png").write_bytes(whole[:60])
    return root
