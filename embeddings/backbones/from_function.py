"""An extractor made of a function of yours, with a fingerprint that follows what it does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import ModelError
from embeddings.records import Batch

_PROBES: Final = 4  # pictures of noise that a function is asked about, to tell it from others
_SEED: Final = 0
_DECIMALS: Final = 3  # of the probes' answers: the same model may differ in the last places


class FunctionExtractor:
    """Embeds by a function; made by :func:`from_function`."""

    classes: tuple[str, ...] | None = None

    def __init__(
        self,
        function: Callable[[NDArray[np.uint8]], Any],
        *,
        name: str,
        fingerprint: str,
        size: int,
        width: int,
        notes: tuple[str, ...],
    ) -> None:
        self._function = function
        self.name, self.fingerprint = name, fingerprint
        self.input_size, self.width, self.notes = size, width, notes

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, size, size, 3) uint8 RGB."""
        return Batch(_embedded(self._function, images, self.name), None)


def from_function(
    function: Callable[[NDArray[np.uint8]], Any],
    *,
    size: int,
    name: str = "",
    fingerprint: str = "",
) -> FunctionExtractor:
    """Make an extractor of a function that embeds pictures.

    Parameters
    ----------
    function
        Takes (n, ``size``, ``size``, 3) uint8 RGB and returns (n, width) numbers, as an array or
        anything that NumPy makes one of.
    size
        Side of the square that the function sees, px.
    name
        What reports call it; by default the function's own name.
    fingerprint
        Any text that is another for another model: embeddings of equal fingerprints are taken for
        those of one model. By default what the function says of some pictures of noise, to three
        decimals: give one where your models differ by less, or answer at random.

    Raises
    ------
    ModelError
        It fails, or returns something else than one row of numbers for each picture.

    Examples
    --------
    >>> import numpy as np
    >>> model = from_function(lambda images: images.mean(axis=(1, 2)), size=32)
    >>> model.width, model.name
    (3, 'a function')
    """
    own = getattr(function, "__name__", type(function).__name__)
    called = name or ("a function" if own == "<lambda>" else own)
    rng = np.random.default_rng(_SEED)
    probes = rng.integers(0, 256, (_PROBES, size, size, 3), dtype=np.uint8)
    said = _embedded(function, probes, called)
    notes: tuple[str, ...] = ()
    if not fingerprint:
        # + 0.0 makes minus zero zero
        rounded = np.round(said.astype(np.float64), _DECIMALS) + 0.0
        digest = hashlib.sha256(f"function {size} {said.shape[1]} ".encode())
        fingerprint = hashlib.sha256(digest.digest() + rounded.tobytes()).hexdigest()
        notes = (f"{called} is told from other models by what it says of {_PROBES} pictures.",)
    return FunctionExtractor(
        function,
        name=called,
        fingerprint=fingerprint,
        size=size,
        width=said.shape[1],
        notes=notes,
    )


def _embedded(
    function: Callable[[NDArray[np.uint8]], Any], images: NDArray[np.uint8], name: str
) -> NDArray[np.float32]:
    try:
        said = np.asarray(function(images), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{name} gives no numbers: {error}.",
            hint="It takes (n, size, size, 3) uint8 and returns (n, width) numbers.",
        ) from error
    if said.ndim != 2 or len(said) != len(images) or not said.shape[1]:
        raise ModelError(
            f"{name} gives an array of shape {said.shape} for {len(images)} pictures.",
            hint=f"It has to return one row for each: ({len(images)}, width).",
        )
    return said
