"""The same picture twice among image files: byte for byte, or nearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from embeddings import columns as c
from embeddings.arrays import HasArray, Labels, Matrix, index_of, labels_of, rows_of
from embeddings.display import Table, counted, equal_records, table_of
from embeddings.errors import ImageError, UsageError
from embeddings.records import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.health import Measures

GROUP: Final = "group"
KIND: Final = "kind"


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of files that show the same picture.

    ``files`` (n,) as given; ``groups`` are places in them, the weightiest group first, and
    ``kinds`` what each is, such as *nearly the same picture under different labels*.
    ``unreadable`` are the places of files that could not be looked at. ``index`` is that of the
    pandas object that was given, None where there was none.

    Examples
    --------
    >>> Duplicates(("a.png", "b.png"), ((0, 1),), ("exact copies",)).frame()["file"].tolist()
    ['a.png', 'b.png']
    """

    files: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]
    unreadable: tuple[int, ...] = ()
    index: Any = None

    __eq__ = equal_records

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        held = sum(map(len, self.groups))
        title = (
            f"Duplicates: {counted(len(self.groups), 'picture')} more than once, in {held:,} of "
            f"{counted(len(self.files), 'file')} (.groups, .frame())"
        )
        rows = [
            (kind, ", ".join(self.files[i] for i in group[:3]) + (", …" if group[3:] else ""))
            for kind, group in zip(self.kinds, self.groups, strict=True)
        ]
        notes = [f"{len(self.unreadable):,} could not be read."] if self.unreadable else []
        return table_of(title, (KIND, "files"), rows, notes=notes)

    def frame(self) -> pd.DataFrame:
        """Return one row per file of a group: ``group``, ``kind`` and ``file``."""
        import pandas as pd

        rows = [
            (number, kind, self.files[i], i)
            for number, (kind, group) in enumerate(zip(self.kinds, self.groups, strict=True))
            for i in group
        ]
        frame = pd.DataFrame(rows, columns=[GROUP, KIND, c.FILE, "item"])
        places = frame.pop("item").to_numpy(dtype=np.intp)
        frame.index = pd.Index(places) if self.index is None else self.index[places]
        return frame


def find_duplicates(
    files: Sequence[str | Path] | HasArray,
    labels: Labels | None = None,
    *,
    X: Matrix | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Duplicates:
    """Find files that show the same picture: equal bytes, other sizes, cuts and colours.

    Parameters
    ----------
    files
        (n,) paths of images.
    labels
        (n,) label of each; copies under different labels come first.
    X
        (n, d) embeddings, which find more of the cut and recoloured ones; each pair is still
        verified on the pictures.
    seed
        Of the choices of hash bits.
    progress
        Called as ``progress(done, total, what)``.

    Raises
    ------
    UsageError
        There are no files, or labels or embeddings of another number.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     one, other = pathlib.Path(folder, "a.png"), pathlib.Path(folder, "b.png")
    ...     Image.linear_gradient("L").save(one)
    ...     _ = other.write_bytes(one.read_bytes())
    ...     found = find_duplicates([one, other], ["cat", "dog"])
    >>> found.groups, found.kinds
    (((0, 1),), ('same picture under different labels',))
    """
    from embeddings.health import COPIES, assess

    paths = [Path(str(file)) for file in np.asarray(files, dtype=object)]
    if not paths:
        raise UsageError("There are no files.", hint="Give the paths of images.")
    rows = None if X is None else rows_of(X)
    if rows is not None and len(rows) != len(paths):
        raise UsageError(
            f"There are {len(paths)} files and {len(rows)} embeddings.",
            hint="Give one embedding per file.",
        )
    items, measures = _looked_at(paths, labels_of(labels, len(paths)), progress)
    health = assess(items, measures, rows, seed=seed, progress=progress)
    found = [(f.kind, group) for f in health.findings if f.kind in COPIES for group in f.groups]
    return Duplicates(
        files=tuple(map(str, paths)),
        groups=tuple(group for _, group in found),
        kinds=tuple(kind for kind, _ in found),
        unreadable=tuple(np.flatnonzero((items[c.STATUS] != c.OK).to_numpy()).tolist()),
        index=index_of(files, labels, X),
    )


def _looked_at(
    paths: list[Path], labels: Any, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the items and the measures of their pictures, as a run has them."""
    import pandas as pd

    from embeddings.health import measure, measures_frame
    from embeddings.images import digest_of, prepare

    rows = []
    found: dict[str, Measures] = {}  # by content
    for place, (path, label) in enumerate(zip(paths, labels, strict=True)):
        progress(place, len(paths), "pictures")
        try:
            key, seen = digest_of(path), prepare(path, 32)
        except (ImageError, OSError) as error:
            rows.append((str(path), str(label), "", c.UNREADABLE, str(error), "", 0, 0))
            continue
        rows.append((str(path), str(label), key, c.OK, "", seen.format, seen.width, seen.height))
        if key not in found:
            found[key] = measure(seen.thumbnail)
    progress(len(paths), len(paths), "pictures")
    columns = (c.FILE, c.LABEL, c.SHA256, c.STATUS, c.REASON, c.FORMAT, c.WIDTH, c.HEIGHT)
    return pd.DataFrame(rows, columns=list(columns)), measures_frame(
        list(found), list(found.values())
    )
