"""What a model file holds, as far as embedding goes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

LOADER_VERSION = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A layer or tensor whose output could be the embedding: ``shape`` is that of one image."""

    name: str
    shape: tuple[int, ...]

    @property
    def width(self) -> int:
        """Values per image after pooling over all but the channels."""
        return self.shape[-1] if self.shape else 0


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What was found in a model file; ``chosen`` is the name of the penultimate layer."""

    name: str
    format: str
    input_size: int
    candidates: tuple[Candidate, ...]
    chosen: str
    why: str
    n_classes: int | None


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder in the order of their names."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def fingerprint(*parts: object) -> str:
    """Return the hash that tells two models apart: weights, layer, scaling, size, loader."""
    text = "\0".join(map(str, (LOADER_VERSION, *parts)))
    return hashlib.sha256(text.encode()).hexdigest()


def class_names_beside(file: Path) -> tuple[str, ...] | None:
    """Read ``<file>.labels.txt`` or ``<stem>.labels.txt``, one class a line, where there is one."""
    for name in (f"{file.name}.labels.txt", f"{file.stem}.labels.txt"):
        path = file.with_name(name)
        if path.is_file():
            return tuple(path.read_text(encoding="utf-8").splitlines())
    return None
