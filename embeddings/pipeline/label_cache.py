"""Cache of the results for each label on disk, so that a stopped run can resume.

Labels are taken in the order of their names and gathered into parts of some thousand items; a part
is written when its last label is done. Its name holds the hash of all inputs: contents, model,
seed, version of the method.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.records import Candidates, LabelMap, Layout, Mapper, Task, in_turn
from embeddings.storage import map_arrow, write_arrow

PART_ITEMS = 2000
# Raised whenever the method changes, so that parts made by an older one are not taken for new.
METHOD_VERSION = 6


@dataclass(frozen=True, slots=True)
class LabelWork:
    """One label's items: ``rows`` (m,) are their places in the matrix, ``keys`` their contents."""

    label: str
    rows: NDArray[np.intp]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelOutcome:
    """The map of one label and the ways to cut it."""

    label: str
    map: LabelMap
    candidates: Candidates


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What all parts of a run have in common: model, seed, and what draws the maps."""

    fingerprint: str
    seed: int
    layout: Layout = "built-in"


def gather(works: Sequence[LabelWork], items: int = PART_ITEMS) -> Iterator[tuple[LabelWork, ...]]:
    """Gather labels into parts of about ``items`` items, in the order given."""
    part: list[LabelWork] = []
    size = 0
    for work in works:
        part.append(work)
        size += len(work.rows)
        if size >= items:
            yield tuple(part)
            part, size = [], 0
    if part:
        yield tuple(part)


def part_key(part: Sequence[LabelWork], made_with: MadeWith) -> str:
    """Return the name of a part: the hash of all that it is made from."""
    how = f"{METHOD_VERSION}/{made_with.fingerprint}/{made_with.seed}"
    if made_with.layout != "built-in":  # parts from before there was a choice stay
        how += f"/{made_with.layout}"
    digest = hashlib.sha256(how.encode())
    for work in part:
        digest.update(f"\0{work.label}\0{len(work.rows)}\0".encode(errors="surrogatepass"))
        digest.update("\0".join(work.keys).encode(errors="surrogatepass"))
    return digest.hexdigest()[:24]


def write_part(target: Path, outcomes: Sequence[LabelOutcome]) -> None:
    """Write a part: a row per label."""
    import pyarrow as pa

    partitions = [[p.astype(np.int32).tolist() for p in o.candidates.partitions] for o in outcomes]
    table = pa.table(
        {
            c.LABEL: pa.array([o.label for o in outcomes], pa.string()),
            "method": pa.array([o.map.method for o in outcomes], pa.string()),
            c.X: pa.array([o.map.xy[:, 0] for o in outcomes], pa.list_(pa.float32())),
            c.Y: pa.array([o.map.xy[:, 1] for o in outcomes], pa.list_(pa.float32())),
            "candidate_names": pa.array(
                [list(o.candidates.names) for o in outcomes], pa.list_(pa.string())
            ),
            "candidates": pa.array(partitions, pa.list_(pa.list_(pa.int32()))),
        }
    )
    write_arrow(target, table)


def read_part(file: Path) -> list[LabelOutcome]:
    """Read what :func:`write_part` wrote."""
    table = map_arrow(file)
    out = []
    for row in range(table.num_rows):
        xy = np.stack(
            [np.asarray(table.column(name)[row].values, dtype=np.float32) for name in (c.X, c.Y)],
            axis=1,
        )
        partitions = tuple(
            np.asarray(p, dtype=np.int32) for p in table.column("candidates")[row].as_py()
        )
        names = tuple(table.column("candidate_names")[row].as_py())
        label_map = LabelMap(xy=xy, method=table.column("method")[row].as_py())
        out.append(
            LabelOutcome(
                table.column(c.LABEL)[row].as_py(), label_map, Candidates(partitions, names)
            )
        )
    return out


def run_parts(
    folder: Path,
    works: Sequence[LabelWork],
    *,
    made_with: MadeWith,
    task: Callable[[LabelWork], Task],
    work_out: Callable[[Task], LabelOutcome],
    progress: Callable[[int, int, str], None],
    each: Mapper = in_turn,
) -> dict[str, LabelOutcome]:
    """Compute every label, reading the parts that exist; parts no longer used are deleted.

    Parameters
    ----------
    folder
        Where the parts lie.
    made_with
        Goes into the names of the parts, with the contents.
    task
        Gathers all inputs of one label; they may be sent to another machine.
    work_out
        Computes one label.
    progress
        Told the items done, of how many.
    each
        The mapper: in turn, ``engines.Workers``, or that of another engine.
    """
    total = sum(len(w.rows) for w in works)
    parts = [(part, folder / f"{part_key(part, made_with)}.arrow") for part in gather(works)]
    there = {file for _, file in parts if file.is_file()}
    missing = (task(work) for part, file in parts if file not in there for work in part)
    # one stream through all parts, so that workers need not wait at the end of each
    fresh = iter(each(work_out, missing))
    outcomes: dict[str, LabelOutcome] = {}
    done = 0
    for part, file in parts:
        if file in there:
            results = read_part(file)
            done += sum(len(w.rows) for w in part)
        else:
            results = []
            for work, outcome in zip(part, fresh, strict=False):
                results.append(outcome)
                done += len(work.rows)
                progress(done, total, "cluster")
            write_part(file, results)
        outcomes.update((o.label, o) for o in results)
    progress(done, total, "cluster")
    wanted = {file for _, file in parts}
    for file in folder.glob("*.arrow"):
        if file not in wanted:
            file.unlink()
    return outcomes
