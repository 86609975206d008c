"""Predictions of a model as people keep them: CSV, Parquet or ``.npz``, a row per file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import SourceError
from embeddings.storage import write_frame

if TYPE_CHECKING:
    import pandas as pd

FILE_NAMES: Final = ("file", "path", "file_name", "filename", "filepath", "image", "image_path")
PREDICTED_NAMES: Final = (
    "predicted", "prediction", "predicted_label", "predicted_class", "pred", "y_pred",
)  # fmt: skip
SPLIT_NAMES: Final = ("split", "subset", "fold")
TRAINED_NAMES: Final = frozenset({"train", "training", "fit"})
_EXPECTED: Final = (
    "It needs a column `file`, and a column `predicted` with the label that the model gives, or a "
    "column of probabilities for each label; in .npz `files` with `predicted`, or with "
    "`probabilities` (n, k) and `classes` (k,)."
)


@dataclass(frozen=True, slots=True)
class FilePredictions:
    """What a file says: ``files`` and ``predicted`` (n,) text, ``trained_on`` (n,) bool or None."""

    files: tuple[str, ...]
    predicted: tuple[str, ...]
    trained_on: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """Predictions by item: ``predicted`` (n,), "" where there is none; ``notes`` of the rest."""

    predicted: NDArray[np.object_]
    trained_on: NDArray[np.bool_] | None
    notes: tuple[str, ...]


def read_predictions(file: Path) -> FilePredictions:
    """Read the predictions in a file.

    Raises
    ------
    SourceError
        It is not there, can't be read, or holds no files or no predictions.
    """
    frame = _npz(file) if file.suffix.lower() == ".npz" else _table(file)
    of = _column(frame, FILE_NAMES)
    if of is None:
        raise SourceError(f"{file} names no files.", hint=_EXPECTED)
    said = _column(frame, PREDICTED_NAMES)
    predicted = _text(frame[said]) if said is not None else _likeliest(file, frame, of)
    split = _column(frame, SPLIT_NAMES)
    return FilePredictions(
        tuple(_text(frame[of])),
        tuple(predicted),
        None if split is None else were_trained_on(frame[split]),
    )


def write_kept(file: Path, told: FilePredictions) -> None:
    """Keep predictions, as they were given, for the runs to come."""
    import pandas as pd

    frame = pd.DataFrame({"file": list(told.files), "predicted": list(told.predicted)})
    if told.trained_on is not None:
        frame = frame.assign(trained_on=told.trained_on)
    write_frame(file, frame)


def read_kept(file: Path) -> FilePredictions:
    """Read what :func:`write_kept` wrote."""
    import pandas as pd

    frame = pd.read_parquet(file)
    trained = frame["trained_on"].to_numpy(dtype=bool) if "trained_on" in frame else None
    return FilePredictions(tuple(_text(frame["file"])), tuple(_text(frame["predicted"])), trained)


def were_trained_on(split: Any) -> NDArray[np.bool_]:
    """Return (n,) whether each entry of a split column says that the item was trained on."""
    return np.array([str(s).strip().casefold() in TRAINED_NAMES for s in split], dtype=bool)


def match(told: FilePredictions, files: Sequence[str]) -> Matched:
    """Find the item of each prediction: by its whole path, else by the end of it that fits one.

    Parameters
    ----------
    files
        (n,) files of the items, POSIX form.

    Raises
    ------
    SourceError
        No file fits.
    """
    place = {file: row for row, file in enumerate(files)}
    ending: dict[str, list[int]] = defaultdict(list)
    for row, file in enumerate(files):
        ending[file.rpartition("/")[2]].append(row)
    predicted = np.full(len(files), "", dtype=object)
    trained = None if told.trained_on is None else np.zeros(len(files), dtype=bool)
    lost = 0
    for number, (name, said) in enumerate(zip(told.files, told.predicted, strict=True)):
        posix = name.replace("\\", "/").removeprefix("./")
        row = place.get(posix, -1)
        if row < 0:
            fits = [r for r in ending[posix.rpartition("/")[2]] if _ends_alike(posix, files[r])]
            row = fits[0] if len(fits) == 1 else -1
        if row < 0:
            lost += 1
            continue
        predicted[row] = said
        if trained is not None and told.trained_on is not None:
            trained[row] = told.trained_on[number]
    if lost == len(told.files):
        raise SourceError(
            f"None of the {lost:,} files with a prediction is an item of this data set.",
            hint="Name the files as in the data set, such as `label/photo.jpg`.",
        )
    notes = []
    if lost:
        notes.append(f"{lost:,} predictions are of files that are no item, or could be several.")
    without = int((predicted == "").sum())
    if without:
        notes.append(f"{without:,} items have no prediction and are not counted.")
    return Matched(predicted, trained, tuple(notes))


def _ends_alike(one: str, other: str) -> bool:
    return f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")


def _column(frame: pd.DataFrame, names: Sequence[str]) -> Any:
    """Return the first column that has one of the names, in any case."""
    have = {str(column).strip().casefold(): column for column in reversed(list(frame.columns))}
    return next((have[name] for name in names if name in have), None)


def _text(values: Any) -> list[str]:
    return ["" if v is None or v != v else str(v) for v in values]


def _table(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(file)
        return pd.read_csv(
            file, encoding="utf-8-sig", sep=None, engine="python", keep_default_na=False,
            dtype=object,
        )  # fmt: skip
    except FileNotFoundError:
        raise SourceError(
            f"{file} is not there.", hint="Name a file of predictions with --predictions."
        ) from None
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise SourceError(f"{file} can't be read: {error}.", hint=_EXPECTED) from error


def _npz(file: Path) -> pd.DataFrame:
    import zipfile

    import pandas as pd

    try:
        with np.load(file, allow_pickle=False) as pack:
            held = {name: np.asarray(pack[name]) for name in pack.files}
    except FileNotFoundError:
        raise SourceError(
            f"{file} is not there.", hint="Name a file of predictions with --predictions."
        ) from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise SourceError(f"{file} can't be read: {error}.", hint=_EXPECTED) from error
    files = next((held[n] for n in ("files", *FILE_NAMES) if n in held), None)
    if files is None or files.ndim != 1:
        raise SourceError(f"{file} names no files.", hint=_EXPECTED)
    columns: dict[Any, Any] = {"file": files.astype(str)}
    table, classes = held.get("probabilities"), held.get("classes")
    for name in (*PREDICTED_NAMES, *SPLIT_NAMES):
        if name in held:
            columns[name] = held[name].astype(str)
    if table is not None and classes is not None and not set(columns) & set(PREDICTED_NAMES):
        if table.ndim != 2 or table.shape != (len(files), len(classes)):
            raise SourceError(
                f"{file} holds probabilities {table.shape} of {len(files)} files and "
                f"{len(classes)} classes.",
                hint=_EXPECTED,
            )
        columns["predicted"] = classes.astype(str)[table.argmax(axis=1)]
    if len({len(values) for values in columns.values()}) != 1:
        raise SourceError(f"{file} holds arrays of several lengths.", hint=_EXPECTED)
    return pd.DataFrame(columns)


def _likeliest(file: Path, frame: pd.DataFrame, of: Any) -> list[str]:
    """Return the likeliest label of each row, where the columns are probabilities of labels."""
    import pandas as pd

    split = _column(frame, SPLIT_NAMES)
    names, columns = [], []
    for name in frame.columns:
        if name in (of, split):
            continue
        values = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
        if len(values) and np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1:
            names.append(str(name).removeprefix("p_").removeprefix("prob_"))
            columns.append(values)
    if len(names) < 2:
        raise SourceError(f"{file} holds no predictions.", hint=_EXPECTED)
    best = np.column_stack(columns).argmax(axis=1)
    return [names[place] for place in best]
