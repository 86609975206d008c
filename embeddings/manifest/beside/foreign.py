"""Files of data sets in formats that are not read: what each is, and what helps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from embeddings.images import VIDEO_SUFFIXES

_AS_FILES: Final = (
    "Write its pictures as files, one folder a label, or as Parquet with the columns 'image' "
    "(bytes) and 'label'."
)
_AS_CSV: Final = "Save it as CSV (UTF-8) with the columns 'file' and 'label'."
_UNPACK: Final = "Unpack it, and give the folder."


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not read: ``what`` a file of it is, with its article, and what helps."""

    what: str
    remedy: str
    often_model: bool = False  # a file of it beside pictures is rather a model than a data set


_FORMATS: Final[tuple[tuple[tuple[str, ...], Foreign], ...]] = (
    ((".tfrecord", ".tfrecords", ".tfrec"), Foreign("a TFRecord of TensorFlow", _AS_FILES)),
    ((".rec", ".idx"), Foreign("a RecordIO of MXNet", _AS_FILES)),
    ((".lmdb", ".mdb"), Foreign("an LMDB database", _AS_FILES)),
    ((".h5", ".hdf5", ".hdf"), Foreign("an HDF5 file", _AS_FILES, often_model=True)),
    (
        (".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth"),
        Foreign(
            "a file of pickled Python objects, which could run code", _AS_FILES, often_model=True
        ),
    ),
    (
        (".mat",),
        Foreign(
            "a MATLAB file",
            "Write its labels as CSV with the columns 'file' and 'label', such as with "
            "scipy.io.loadmat.",
        ),
    ),
    ((".xlsx", ".xls", ".xlsm", ".ods", ".numbers"), Foreign("a spreadsheet", _AS_CSV)),
    (
        (".db", ".sqlite", ".sqlite3", ".duckdb", ".mdf"),
        Foreign("a database", f"Write its table out. {_AS_CSV}"),
    ),
    ((".rar", ".7z", ".zst", ".gz", ".bz2", ".xz", ".lz4"), Foreign("a packed file", _UNPACK)),
    (
        VIDEO_SUFFIXES,
        Foreign(
            "a video",
            "Take pictures out of it: `ffmpeg -i FILE -vf fps=1 frame_%05d.jpg`. Videos in a "
            "folder of their own are read with `pip install 'rosette-explorer[video]'`.",
        ),
    ),
)
_BY_SUFFIX: Final = {suffix: one for suffixes, one in _FORMATS for suffix in suffixes}
_LITTER: Final = frozenset(("thumbs.db", "ehthumbs.db", "iconcache.db"))
_IDX = re.compile(r"idx[0-9]-ubyte(\.gz)?$")
_SHARDED = re.compile(r"\.tfrecord(-\d+-of-\d+)?$")
_BATCH = re.compile(r"(data|test)_batch(_\d+)?$")
_PLAIN: Final = Foreign("a file of numbers in MNIST's own form (IDX)", _AS_FILES)


def foreign_format(name: str) -> Foreign | None:
    """Return what a file is by its name, None where it is of no such format."""
    last = PurePosixPath(name).name.lower()
    if last in _LITTER:
        return None
    if _IDX.search(last):
        return _PLAIN
    if _SHARDED.search(last):
        return _BY_SUFFIX[".tfrecord"]
    if _BATCH.fullmatch(last):
        return _BY_SUFFIX[".pkl"]
    return _BY_SUFFIX.get(PurePosixPath(last).suffix)


def foreign_notes(names: Iterable[str], *, pictures: bool) -> list[str]:
    """Say which files of a folder may hold pictures or labels and are not read, by format.

    ``pictures`` says that pictures lie in the folder too: then models are no news.
    """
    found: Counter[Foreign] = Counter()
    first: dict[Foreign, str] = {}
    for name in names:
        if (one := foreign_format(name)) is not None and not (pictures and one.often_model):
            found[one] += 1
            first.setdefault(one, name)
    return [
        f"{first[one]!r} is {one.what}, which is not read"
        f"{f', and so are {count - 1} more' if count > 1 else ''}. {one.remedy}"
        for one, count in found.items()
    ]
