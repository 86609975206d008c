"""A PyTorch module as a program: it is exported here, with its own scaling of pixels inside."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embeddings.backbones.runtime.graph_extractor import Opened
from embeddings.backbones.torch_models.exported import opened_program, program_of
from embeddings.backbones.torch_models.packages import torch
from embeddings.errors import ModelError

log = logging.getLogger(__name__)


def opened_module(
    module: Any,
    *,
    path: Path,
    format_: str,
    digest: str,
    size: int,
    mean: Sequence[float],
    deviation: Sequence[float],
    asked: str | None,
    classes: tuple[str, ...] = (),
    outputs: Sequence[str] = (),
    notes: tuple[str, ...] = (),
) -> Opened:
    """Export a module and return what the extractor needs.

    Parameters
    ----------
    module
        Takes images (n, 3, size, size) float32 and returns a tensor, or several.
    mean, deviation
        Of each channel, for pixels from 0 to 1; subtracted and divided by.
    asked
        A scaling that was asked for; the module's own is then left out.
    outputs
        What the outputs are called.

    Raises
    ------
    ModelError
        PyTorch can't export it.
    """
    lib = torch()
    told = (
        f"Pixels are divided by 255, less {_listed(mean)}, by {_listed(deviation)}, as the model's "
        "configuration says."
    )
    whole = module.eval() if asked is not None else _normalised(module.eval(), mean, deviation)
    images = lib.zeros(2, 3, size, size)
    shapes = ({0: lib.export.Dim("n", min=2)},)
    try:
        with warnings.catch_warnings(), lib.no_grad():
            warnings.simplefilter("ignore")
            try:
                exported = lib.export.export(whole, (images,), dynamic_shapes=shapes)
            except Exception as error:  # PyTorch raises whatever the network makes of it
                # a batch that the network fixes somewhere: one image at a time; what is wrong with
                # that too is raised below
                log.info("%s is exported for one image at a time: %s", path.name, error)
                notes = (*notes, "The model fixes the number of images: it takes one at a time.")
                exported = lib.export.export(whole, (images[:1],))
    except Exception as error:  # what a network does that can't be exported shows as anything
        said = " ".join(str(error).split())[:160]
        raise ModelError(
            f"{path.name} can't be exported by PyTorch {lib.__version__} ({said}).",
            hint="Use it as a function: embeddings.backbones.from_function (docs/models.md).",
        ) from error
    program = program_of(exported, path.name, names=outputs)
    more: dict[str, Any] = {} if asked is not None else {"told": ("raw", told)}
    return opened_program(
        program, path, format_, digest, classes_inside=classes, more_notes=notes, **more
    )


def _normalised(module: Any, mean: Sequence[float], deviation: Sequence[float]) -> Any:
    """Return a module of pixels from 0 to 255."""
    lib = torch()

    class Normalised(lib.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.module = module
            shape = (1, 3, 1, 1)
            self.register_buffer("mean", lib.tensor(tuple(mean)).view(shape) * 255)
            self.register_buffer("deviation", lib.tensor(tuple(deviation)).view(shape) * 255)

        def forward(self, images: Any) -> Any:
            return self.module((images - self.mean) / self.deviation)

    return Normalised().eval()


def _listed(values: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:.4g}" for value in values) + ")"
