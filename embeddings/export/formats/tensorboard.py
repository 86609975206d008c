r"""TensorBoard's embedding projector: ``tensorboard --logdir OUT`` shows it.

::

    projector_config.pbtxt   the whole data set first, then a tensor for each label, as ranked
    projector/0000/          tensor.bytes, metadata.tsv, sprite.png|jpg and rows.csv of one tensor

Checked against the reader's own code (tensorboard 2.21, ``plugins/projector``): paths stay inside
the log directory and relative; a tensor's name goes into an address as it is; metadata has no
quoting, so tabs and line ends become spaces (``rows.csv`` has the true names, row by row); every
row has text, as blank ones would shift all that follow.

Tensors are little-endian float32. The reader tries text first, and bytes only when the file is not
UTF-8. So the first byte is set to 0xFF, which never occurs in UTF-8. It is the lowest byte of the
first number's mantissa, and changes the number by less than one part in 30,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.folders import replaced_folder, text_file
from embeddings.export.common.names import one_line, tensor_names
from embeddings.export.common.sampling import sample
from embeddings.export.common.scope import flagged
from embeddings.export.common.source import ExportSource, Rows, Written
from embeddings.export.common.sprite import write_sprite
from embeddings.export.formats.csv import write_table
from embeddings.records import Progress, no_progress
from embeddings.storage import atomic_path, neutralised, write_text

CONFIG: Final = "projector_config.pbtxt"
FOLDER: Final = "projector"
MOST_ROWS: Final = 100_000  # the projector reads no more
FEWEST_ROWS: Final = 3  # a map of fewer shows nothing
WHOLE: Final = "all items"

_COLUMNS: Final = (
    c.LABEL,
    c.FILE,
    c.CLUSTER,
    c.SUSPICION,
    c.SUGGESTED_LABEL,
    c.DECISION,
    c.CLUSTER_PROBABILITY,
    c.TYPICALITY,
    c.PREDICTED,
)
_FLAGGED: Final = "flagged"


@dataclass(frozen=True, slots=True)
class _Tensor:
    """One entry of the projector's menu; paths are relative to the log directory."""

    name: str
    shape: tuple[int, int]
    folder: str
    sprite: str
    tile: int


def write(
    source: ExportSource,
    out: Path,
    *,
    progress: Progress = no_progress,
    most_rows: int = MOST_ROWS,
) -> Written:
    """Write the log directory ``out``.

    Parameters
    ----------
    most_rows
        Above this number of items a tensor is a sample, by label and cluster, flagged ones first.

    Raises
    ------
    UsageError
        Fewer than ``FEWEST_ROWS`` items have an embedding.
    """
    notes: list[str] = []
    flags, kinds = flagged(source), source.kind_names()
    present = _with_embedding(source)
    if len(present) < FEWEST_ROWS:
        raise UsageError(
            f"Only {len(present)} items here have an embedding.",
            hint=f"The projector needs {FEWEST_ROWS}; choose a wider scope.",
        )
    if absent := len(source.items) - len(present):
        notes.append(f"{absent:,} items have no embedding and were left out.")
    plan = _plan(source, present, notes)
    ranks = [(name, _sampled(source, flags, rows, most_rows, name, notes)) for name, rows in plan]
    total = sum(len(rows) for _, rows in ranks)
    done = 0
    tensors = []
    missing = 0
    with replaced_folder(out / FOLDER) as folder:
        for number, (name, rows) in enumerate(ranks):
            place = folder / f"{number:04d}"
            _write_tensor(place / "tensor.bytes", source, rows)
            _write_metadata(place / "metadata.tsv", source, rows, flags, kinds)
            _write_rows(place / "rows.csv", source, rows, flags)
            sprite, tile, without = write_sprite(
                place / "sprite",
                _shas(source.items, rows),
                source.thumbnail,
                partial(_tick, progress, done, total, name),
            )
            missing = max(missing, without)
            done += len(rows)
            tensors.append(
                _Tensor(
                    name,
                    (len(rows), source.width),
                    f"{FOLDER}/{place.name}",
                    f"{FOLDER}/{place.name}/{sprite.name}",
                    tile,
                )
            )
    if missing:
        notes.append(f"{missing:,} items have no thumbnail; their tiles are grey.")
    config = out / CONFIG
    write_text(config, "".join(_entry(tensor) for tensor in tensors))
    notes.append(f"Look at it: tensorboard --logdir {out}, then http://localhost:6006/#projector")
    return Written((config, out / FOLDER), tuple(notes))


def _tick(progress: Progress, before: int, total: int, name: str, done: int) -> None:
    progress(before + done, total, name)


def _sampled(
    source: ExportSource,
    flags: NDArray[np.bool_],
    rows: Rows,
    most_rows: int,
    name: str,
    notes: list[str],
) -> Rows:
    """Cut ``rows`` to what the reader takes, and note it."""
    if len(rows) <= most_rows:
        return rows
    part = sample(source.items.iloc[rows], flags[rows], most_rows)
    kept = rows[part]
    all_in = int(flags[rows].sum()) == int(flags[kept].sum())
    notes.append(
        f"{name}: {len(kept):,} of {len(rows):,} items, a sample by label and cluster; "
        + ("every flagged item is in. " if all_in else "the most suspicious of the flagged. ")
        + "rows.csv says which."
    )
    return kept


def _plan(source: ExportSource, present: Rows, notes: list[str]) -> list[tuple[str, Rows]]:
    """Return the tensors to write: name and rows; labels as they are ranked."""
    of_label = source.items[c.LABEL].to_numpy(dtype=object)[present].astype(str)
    names, inverse = np.unique(of_label, return_inverse=True)
    groups = {
        str(name): present[np.flatnonzero(inverse == place)] for place, name in enumerate(names)
    }
    if len(groups) == 1:
        return [(WHOLE, present)]
    ranked = [str(label) for label in source.classes[c.LABEL]] if c.LABEL in source.classes else []
    order = dict.fromkeys([*(label for label in ranked if label in groups), *groups])
    shown = [label for label in order if len(groups[label]) >= FEWEST_ROWS]
    if few := len(groups) - len(shown):
        notes.append(
            f"{few:,} labels have fewer than {FEWEST_ROWS} items and no tensor of their own."
        )
    menu = tensor_names(shown, taken=(WHOLE,))
    return [(WHOLE, present), *((menu[label], groups[label]) for label in shown)]


def _with_embedding(source: ExportSource) -> Rows:
    rows = np.arange(len(source.items), dtype=np.intp)
    parts = [part[np.isfinite(matrix).all(axis=1)] for part, matrix in source.batches(rows)]
    return np.concatenate(parts) if parts else rows


def _write_tensor(path: Path, source: ExportSource, rows: Rows) -> None:
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        for part, matrix in source.batches(rows):
            content = bytearray(np.ascontiguousarray(matrix, dtype="<f4").tobytes())
            if part[0] == rows[0] and content:
                content[0] = 0xFF
            stream.write(content)


def _write_metadata(
    path: Path, source: ExportSource, rows: Rows, flags: NDArray[np.bool_], kinds: Sequence[str]
) -> None:
    part = source.items.iloc[rows]
    names = [name for name in _COLUMNS if name in part]
    texts = [[_cell(value) for value in part[name].to_numpy()] for name in names]
    texts.append(["yes" if flag else "no" for flag in flags[rows]])
    texts.append([_cell(kinds[row]) for row in rows])
    with text_file(path) as stream:
        stream.write("\t".join([*names, _FLAGGED, c.KIND_NAME]) + "\n")
        stream.writelines("\t".join(cells) + "\n" for cells in zip(*texts, strict=True))


def _write_rows(path: Path, source: ExportSource, rows: Rows, flags: NDArray[np.bool_]) -> None:
    part = source.items.iloc[rows]
    frame = pd.DataFrame(
        {
            "row": np.arange(len(rows)),
            c.FILE: part[c.FILE].to_numpy(),
            c.LABEL: part[c.LABEL].to_numpy(),
            c.CLUSTER: part[c.CLUSTER].to_numpy(),
            _FLAGGED: flags[rows],
        }
    )
    write_table(path, frame)


def _shas(items: pd.DataFrame, rows: Rows) -> list[str]:
    if c.SHA256 not in items:
        return [""] * len(rows)
    return [str(sha) for sha in items[c.SHA256].iloc[rows].fillna("")]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return neutralised(one_line(value))
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def _entry(tensor: _Tensor) -> str:
    """Write one entry in protocol buffers' text format."""
    rows, width = tensor.shape
    return "\n".join(
        [
            "embeddings {",
            f"  tensor_name: {_quoted(tensor.name)}",
            f"  tensor_path: {_quoted(tensor.folder + '/tensor.bytes')}",
            f"  tensor_shape: {rows}",
            f"  tensor_shape: {width}",
            f"  metadata_path: {_quoted(tensor.folder + '/metadata.tsv')}",
            "  sprite {",
            f"    image_path: {_quoted(tensor.sprite)}",
            f"    single_image_dim: {tensor.tile}",
            f"    single_image_dim: {tensor.tile}",
            "  }",
            "}\n",
        ]
    )


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(text.encode("utf-8", "backslashreplace"))) + '"'


def _escaped(content: bytes) -> Iterable[str]:
    for byte in content:
        plain = 32 <= byte < 127 and byte not in b'"\\'
        yield chr(byte) if plain else f"\\{byte:03o}"
