"""Any function of images as a model: what no loader reads, and what is loaded already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.description import file_digest, fingerprint
from embeddings.backbones.runtime.scores import judge, probe, to_probabilities
from embeddings.errors import ModelError, UsageError
from embeddings.records import Batch

Function = Callable[[NDArray[np.uint8]], Any]
_DECIMALS: Final = 3  # of the answers: one model may differ in the last places between runs


def from_function(
    function: Function,
    *,
    size: int,
    name: str = "",
    weights: Path | Iterable[Path] | bytes | None = None,
    fingerprint_of: str = "",
    classes: tuple[str, ...] | None = None,
) -> FunctionExtractor:
    """Make a model of a function, for ``embeddings.run(…, model=…)``.

    Parameters
    ----------
    function
        Takes images (n, size, size, 3) uint8 RGB and returns embeddings (n, width), or a pair of
        embeddings and scores (n, classes): arrays, or whatever NumPy makes arrays of.
    size
        Of the images, in px.
    name
        What reports call it; by default the function's own name.
    weights
        The files that the weights are read from, or their bytes.
    fingerprint_of
        Anything else by which two models differ: a version, a layer, a revision.
    classes
        The names of the classes, in the order of the scores.

    Returns
    -------
    An ``Extractor``. Its fingerprint, by which embeddings are kept and found again, covers
    ``size``, ``weights``, ``fingerprint_of`` and what the function returns for some images of
    noise, to three decimals. A function that answers at random, or whose models differ by less,
    is told by ``weights`` or ``fingerprint_of``; where one of them is given nothing hangs on the
    answers but their width.

    Raises
    ------
    UsageError
        Another number of classes is named than there are scores.
    ModelError
        What the function returns for a few pictures is not one finite row of numbers for each.

    Examples
    --------
    >>> model = from_function(lambda images: images.mean(axis=(1, 2)), size=32)
    >>> model.width
    3
    """
    own = getattr(function, "__name__", type(function).__name__)
    called = name or ("a function" if own == "<lambda>" else own)
    pictures = probe(size)
    embeddings, scores = _split(function(pictures), called, len(pictures))
    if classes is not None and (scores is None or scores.shape[1] != len(classes)):
        given = "no scores" if scores is None else f"{scores.shape[1]} scores"
        raise UsageError(
            f"{called} gives {given} an image, and {len(classes)} classes are named.",
            hint="Name as many as it has, in their order.",
        )
    kind = "logits" if scores is None else judge(scores)
    notes = [f"Embeddings are what the function {called} returns."]
    told: tuple[object, ...] = (_digest(weights), fingerprint_of)
    if told == ("", ""):
        told = (_rounded(embeddings), "" if scores is None else _rounded(scores))
        notes.append(f"{called} is told from other models by what it returns for some images.")
    widths = (embeddings.shape[1], 0 if scores is None else scores.shape[1])
    return FunctionExtractor(
        function=function,
        name=called,
        fingerprint=fingerprint("function", size, *widths, *told),
        input_size=size,
        width=embeddings.shape[1],
        classes=classes,
        notes=tuple(notes),
        kind=kind,
    )


@dataclass(frozen=True)
class FunctionExtractor:
    """A function at work; see :func:`from_function`."""

    function: Function
    name: str
    fingerprint: str
    input_size: int
    width: int
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]
    kind: Any

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        embeddings, scores = _split(self.function(images), self.name, len(images))
        return Batch(embeddings, None if scores is None else to_probabilities(scores, self.kind))


def _split(made: Any, name: str, n: int) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    first, second = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    return _rows(first, name, n), None if second is None else _rows(second, name, n)


def _rows(made: Any, name: str, n: int) -> NDArray[np.float32]:
    try:
        rows = np.asarray(made, dtype=np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{name} returns {type(made).__name__}, of which NumPy makes no array ({error}).",
            hint="Return an array (n, width); of PyTorch: tensor.detach().cpu().numpy().",
        ) from error
    if rows.ndim != 2 or len(rows) != n or not rows.shape[1]:
        raise ModelError(
            f"{name} returns an array of shape {rows.shape} for {n} images.",
            hint=f"Return one row an image: ({n}, width).",
        )
    return rows


def _rounded(answers: NDArray[np.float32]) -> str:
    # Adding zero makes minus zero zero.
    rounded = np.round(answers.astype(np.float64), _DECIMALS) + 0.0
    return hashlib.sha256(rounded.tobytes()).hexdigest()


def _digest(weights: Path | Iterable[Path] | bytes | None) -> str:
    if weights is None:
        return ""
    if isinstance(weights, bytes):
        return hashlib.sha256(weights).hexdigest()
    files = [weights] if isinstance(weights, str | Path) else list(weights)
    return fingerprint(*(file_digest(Path(file)) for file in files))
