"""The demo data set: drawn pictures, in which four labels hide two kinds.

Everything is drawn by this program with Pillow; nothing is photographed. The same seed gives the
same bytes.
"""

from __future__ import annotations

import csv
import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from embeddings.demo.picture import draw_picture, encode
from embeddings.demo.plan import LABELS, Picture, plan, splits
from embeddings.errors import SourceError
from embeddings.machine import usable_cores
from embeddings.records import Progress, no_progress
from embeddings.storage import write_text

__all__ = ["DemoSet", "make_demo"]

VERSION: Final = 1  # raised whenever a picture changes
_MARKER: Final = "demo.json"  # says what is here, and whether it is finished
_CHUNK: Final = 24  # pictures that a worker takes at once
_README: Final = """\
These {n_images} pictures are drawn by a program, not photographed. They are the demo of Rosette
(version {version}, seed {seed}). Under {splits} stand two kinds of thing each, under every other
label one; truth.csv says which picture is which.
"""


@dataclass(frozen=True, slots=True)
class DemoSet:
    """What was drawn: ``splits`` are the labels that hide two kinds."""

    root: Path
    n_images: int
    labels: tuple[str, ...]
    splits: tuple[str, ...]

    @property
    def images(self) -> Path:
        """The folder ``label/…`` of pictures."""
        return self.root / "images"

    @property
    def truth(self) -> Path:
        """The table that says what each picture shows."""
        return self.root / "truth.csv"


def make_demo(root: Path, *, seed: int = 0, progress: Progress = no_progress) -> DemoSet:
    """Draw the demo data set into ``root``, or take the finished one that is there.

    Writes ``images/<label>/<nnnn>.jpg``, ``truth.csv`` and ``README.txt``; the same bytes for the
    same seed and versions. A run that was interrupted is begun anew by the next.

    Parameters
    ----------
    root
        The folder to write to; made where it is missing.
    seed
        Another seed gives other pictures of the same things.
    progress
        Told how many pictures are drawn, from the calling thread.

    Raises
    ------
    SourceError
        ``root`` already has an ``images`` folder that is not a demo data set.
    """
    pictures = plan(seed)
    made = DemoSet(root, len(pictures), tuple(LABELS), splits())
    mine: dict[str, object] = {"version": VERSION, "seed": seed, "n_images": len(pictures)}
    found = _marker(root)
    if found == {**mine, "finished": True} and _complete(made, pictures):
        progress(len(pictures), len(pictures), "draw")
        return made
    if made.images.exists():
        if found is None:
            raise SourceError(
                f"{root} already has a folder images that is not the demo data set.",
                hint="Name another folder, or move that one away.",
            )
        shutil.rmtree(made.images)

    _mark(root, {**mine, "finished": False})
    for label in LABELS:
        (made.images / label).mkdir(parents=True)
    progress(0, len(pictures), "draw")
    # spawned, because a fork would copy the locks of the caller's threads
    with ProcessPoolExecutor(usable_cores(), mp_context=get_context("spawn")) as pool:
        jobs = pool.map(partial(_draw, root, seed), pictures, chunksize=_CHUNK)
        for done, _ in enumerate(jobs, start=1):
            progress(done, len(pictures), "draw")
    write_text(made.truth, _truth_table(pictures))
    write_text(
        root / "README.txt",
        _README.format(
            version=VERSION, seed=seed, n_images=len(pictures), splits=", ".join(splits())
        ),
    )
    _mark(root, {**mine, "finished": True})
    return made


def _draw(root: Path, seed: int, picture: Picture) -> None:
    image = draw_picture(picture.kind, Random(f"{VERSION}/{seed}/{picture.file}"))
    (root / picture.file).write_bytes(encode(image))


def _truth_table(pictures: tuple[Picture, ...]) -> str:
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "label", "kind", "type"])
    writer.writerows((p.file, p.label, p.kind, p.type) for p in pictures)
    return table.getvalue()


def _mark(root: Path, state: dict[str, object]) -> None:
    write_text(root / _MARKER, json.dumps(state, sort_keys=True) + "\n")


def _marker(root: Path) -> dict[str, object] | None:
    """What the marker in ``root`` says; None without one, empty where it can't be read."""
    try:
        state = json.loads((root / _MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def _complete(made: DemoSet, pictures: tuple[Picture, ...]) -> bool:
    return made.truth.is_file() and all((made.root / p.file).is_file() for p in pictures)
