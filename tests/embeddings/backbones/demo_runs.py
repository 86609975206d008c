"""A few pictures of the drawn demo through the command ``rosette run``, with a model's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.demo.picture import draw_picture, encode
from embeddings.demo.plan import plan
from embeddings.images import prepare
from embeddings.workspace import Workspace
from explorer import cli

_LABELS = ("jaguar", "car", "cup")
_EACH = 3


def few_of_the_demo(folder: Path) -> Path:
    """Draw the first pictures of some labels of the demo, and return the folder of labels."""
    pictures = plan(0)
    for label in _LABELS:
        for picture in [p for p in pictures if p.label == label][:_EACH]:
            file = folder / picture.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encode(draw_picture(picture.kind, Random(f"1/0/{picture.file}"))))
    return folder / "images"


def assert_stored(
    folder: Path, model: str | Path, size: int, own: Callable[[NDArray[np.uint8]], Any]
) -> None:
    """Run the command with a model, and compare each stored embedding with the framework's own.

    ``own`` takes (n, size, size, 3) uint8 pixels and gives (n, width). What is stored is in half
    precision, so it is the same to a thousandth.
    """
    images, where = few_of_the_demo(folder / "demo"), folder / "ws"
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(images), "-w", str(where), "--model", str(model), "--second-look",
                  "none"])  # fmt: skip
    assert not ended.value.code
    ws = Workspace.open(where)
    frame = ws.manifest()
    assert list(frame[c.STATUS]) == [c.OK] * (len(_LABELS) * _EACH)
    pixels = np.stack([prepare(images / str(file), size).pixels for file in frame[c.FILE]])
    wanted = np.asarray(own(pixels), dtype=np.float32)
    stored = ws.embeddings(frame)
    assert stored.shape == wanted.shape
    assert float(np.abs(stored - stored[0]).max()) > 0  # the pictures differ, as their content does
    np.testing.assert_allclose(stored, wanted, rtol=1e-3, atol=1e-3 * float(np.abs(wanted).max()))
