"""What a model file holds, as far as embedding goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embeddings.backbones.runtime.precision import Precision
from embeddings.errors import ModelError, RosetteError, UsageError

LOADER_VERSION = 2
_OF_DAMAGE = (
    ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError, OSError,
    AssertionError, MemoryError,
)  # fmt: skip


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
    width: int
    candidates: tuple[Candidate, ...]
    chosen: str
    why: str
    n_classes: int | None
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a model's file, as asked; None is: find it out."""

    layer: str | None = None
    preprocess: str | None = None
    classes_file: Path | None = None
    allow_code: bool = False
    precision: Precision = "fp32"


@contextmanager
def damage_said(path: Path, kind: str) -> Iterator[None]:
    """Turn what a library makes of a damaged model into a ``ModelError`` that names the file.

    The libraries check little: what is wrong in a file shows as an index out of range, a name that
    is no text, or a shape that does not fit, wherever it is first met.
    """
    try:
        yield
    except RosetteError:  # some of ours are ValueErrors too, and say what is wrong already
        raise
    except _OF_DAMAGE as error:
        said = " ".join(str(error).split())[:160] or type(error).__name__
        raise ModelError(
            f"{path} can't be loaded as {kind} ({said}).",
            hint="See that the file is whole; export it again.",
        ) from error


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder with their names in order."""
    if not path.is_dir():
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        whole.update(f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\n".encode())
    return whole.hexdigest()


def fingerprint(*parts: object) -> str:
    """Return the hash that tells two models apart: weights, layer, scaling, size, loader."""
    text = "\0".join(map(str, (LOADER_VERSION, *parts)))
    return hashlib.sha256(text.encode()).hexdigest()


def of_precision(print_: str, precision: str) -> str:
    """Return the fingerprint of a model at a precision; full precision is not told apart."""
    return print_ if precision == "fp32" else fingerprint(print_, precision)


def class_names(
    file: Path, n_classes: int | None, asked: Path | None, *, inside: tuple[str, ...] = ()
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Find the names of a model's classes.

    They are read from ``asked``, else from ``<file>.labels.txt`` or ``<stem>.labels.txt`` beside
    the model, one class a line, else taken from ``inside`` the file.

    Returns
    -------
    The names or None, and what there is to say about them.

    Raises
    ------
    UsageError
        ``asked`` can't be read, or has not as many lines as the model has classes.
    """
    if n_classes is None:
        return None, ()
    if asked is not None:
        names = _lines(asked)
        if len(names) != n_classes:
            raise UsageError(
                f"{asked} names {len(names)} classes, but {file.name} has {n_classes}.",
                hint="Give a file with one class a line, in the order of the model.",
            )
        return names, ()
    for name in (f"{file.name}.labels.txt", f"{file.stem}.labels.txt"):
        beside = file.with_name(name)
        if beside.is_file():
            names = _lines(beside)
            if len(names) == n_classes:
                return names, ()
            return None, (f"{name} names {len(names)} classes, not {n_classes}: left aside.",)
    if len(inside) == n_classes:
        return inside, ()
    return None, (
        f"The names of the model's {n_classes} classes are not known; put them into "
        f"{file.stem}.labels.txt beside it, one a line.",
    )


def _lines(file: Path) -> tuple[str, ...]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} can't be read as a list of classes ({error}).",
            hint="Give a UTF-8 text file, one class a line.",
        ) from error
    return tuple(text.splitlines())
