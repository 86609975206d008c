"""The demo data set: drawn pictures under words of which four mean two things.

Everything is drawn by this program with Pillow; nothing is photographed. The same seed gives the
same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from embeddings.files import write_text
from embeddings.records import Progress, no_progress

__all__ = ["DemoSet", "make_demo"]

VERSION: Final = 1  # raised whenever a picture changes
_MARK: Final = "demo.json"  # written last: what it names is finished
_QUALITY: Final = 88
_CHUNK: Final = 16
_README: Final = """\
These pictures are drawn by a program, not photographed. They belong to the demo of Rosette: under
'jaguar', 'crane', 'mouse' and 'bat' stand two kinds of thing each, under every other label one.
truth.csv says which picture is which.
"""


@dataclass(frozen=True, slots=True)
class DemoSet:
    """What was drawn: ``splits`` are the labels that mean two things."""

    root: Path
    n_images: int
    labels: tuple[str, ...]
    splits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """One picture to draw: ``file`` relative to the root, kind by its places in the table."""

    file: str
    word: int
    kind: int
    seed: str


def make_demo(root: Path, *, seed: int = 0, progress: Progress = no_progress) -> DemoSet:
    """Draw the data set into ``root/images`` and its truth into ``root/truth.csv``.

    Parameters
    ----------
    root
        A folder; pictures that a finished run of the same seed left there are kept.
    seed
        The same seed gives the same bytes.
    progress
        Told the pictures done, of how many.
    """
    from embeddings.demo.words import WORDS

    jobs = list(_jobs(seed))
    made = DemoSet(
        root=Path(root),
        n_images=len(jobs),
        labels=tuple(w.label for w in WORDS),
        splits=tuple(w.label for w in WORDS if len(w.kinds) > 1),
    )
    mark = json.dumps({"version": VERSION, "seed": seed, "images": len(jobs)}) + "\n"
    if _is_finished(made.root, mark):
        return made
    for label in made.labels:
        (made.root / "images" / label).mkdir(parents=True, exist_ok=True)
    _draw_all(made.root, jobs, progress)
    write_text(made.root / "truth.csv", _truth(jobs))
    write_text(made.root / "README.txt", _README)
    write_text(made.root / _MARK, mark)
    return made


def _is_finished(root: Path, mark: str) -> bool:
    file = root / _MARK
    return file.is_file() and file.read_text(encoding="utf-8") == mark


def _jobs(seed: int) -> Iterator[_Job]:
    """Yield every picture; inside a label the kinds are shuffled, so that no number tells."""
    from embeddings.demo.words import WORDS

    for place, word in enumerate(WORDS):
        kinds = [i for i, kind in enumerate(word.kinds) for _ in range(kind.count)]
        Random(f"{seed}/{word.label}").shuffle(kinds)
        for number, kind in enumerate(kinds):
            file = f"images/{word.label}/{number:04d}.jpg"
            yield _Job(file, place, kind, f"{seed}/{word.label}/{number}")


def _draw_all(root: Path, jobs: list[_Job], progress: Progress) -> None:
    progress(0, len(jobs), "draw")
    workers = min(8, os.cpu_count() or 1)
    # fork would copy the threads' locks of whoever calls
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        drawn = pool.map(_draw, jobs, chunksize=_CHUNK)
        for done, (job, content) in enumerate(zip(jobs, drawn, strict=True), start=1):
            (root / job.file).write_bytes(content)
            progress(done, len(jobs), "draw")


def _draw(job: _Job) -> bytes:
    from embeddings.demo.picture import paint
    from embeddings.demo.words import WORDS

    out = io.BytesIO()
    picture = paint(WORDS[job.word].kinds[job.kind], Random(job.seed))
    picture.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()


def _truth(jobs: list[_Job]) -> str:
    from embeddings.demo.words import WORDS

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "label", "kind", "type"])
    for job in jobs:
        word = WORDS[job.word]
        kind = "hidden" if len(word.kinds) > 1 else "pure"
        writer.writerow([job.file, word.label, word.kinds[job.kind].name, kind])
    return out.getvalue()


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
        progress(len(pictures), len(pictures), "drawn")
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
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="draw") as pool:
        jobs = pool.map(lambda picture: _draw(root, picture, seed), pictures)
        for done, _ in enumerate(jobs, start=1):
            progress(done, len(pictures), "drawn")
    write_text(made.truth, _truth_table(pictures))
    write_text(
        root / "README.txt",
        _README.format(
            version=VERSION, seed=seed, n_images=len(pictures), splits=", ".join(splits())
        ),
    )
    _mark(root, {**mine, "finished": True})
    return made


def _draw(root: Path, picture: Picture, seed: int) -> None:
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
