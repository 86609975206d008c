"""Which column of a table is what: files, labels, subsets; by name first, then by what it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from embeddings.columns import FILE_NAMES
from embeddings.errors import SourceError, UnclearSourceError
from embeddings.images import IMAGE_SUFFIXES
from embeddings.manifest.entries import some
from embeddings.manifest.layout import subset_of, tokens
from embeddings.manifest.tables.cells import text
from embeddings.manifest.tables.read import Table

# Names of numbers that may stand for a file.
ID_NAMES: Final = (
    "image_id", "img_id", "imageid", "photo_id", "id_code", "image_index", "image index", "id",
    "name", "key", "uid", "uuid", "__index_level_0__", "index", "",
)  # fmt: skip
LABEL_NAMES: Final = (
    "label", "labels", "class", "class_name", "category", "label_name", "classname",
    "class_label", "category_name", "target", "y", "choice", "class_id", "category_id", "label_id",
    "prediction_string",
)  # fmt: skip
ADDRESS_NAMES: Final = ("url", "image_url", "img_url", "uri", "image_uri", "coco_url", "flickr_url")
SUBSET_NAMES: Final = ("split", "subset")
_PERHAPS_SUBSET: Final = ("set", "partition", "usage", "phase", "fold", "data set", "dataset")
_WORDS_OF_LABELS: Final = frozenset((
    "label", "labels", "class", "classes", "category", "categories", "species", "breed",
))  # fmt: skip
_WORDS_OF_TAGS: Final = frozenset(("tag", "tags", "keywords"))
_NOT_LABELS: Final = frozenset((
    "index", "width", "height", "size", "bytes", "sha256", "md5", "hash", "url", "uri", "license",
    "licence", "created_at", "updated_at", "timestamp", "date", "time", "x", "y_", "w", "h",
    "status", "reason", "format", "row", "unnamed: 0", "",
))  # fmt: skip
KNOWN_NAMES: Final = frozenset((*FILE_NAMES, *ID_NAMES[:-1], *LABEL_NAMES))
_SAMPLE: Final = 2000  # cells by which a column is judged
_NUMBERED_PIXEL: Final = re.compile(r"(pixel|px|p|x|f|feature)?[\s_]?\d+([x_]\d+)?", re.IGNORECASE)
_FEWEST_PIXELS: Final = 64  # 8 by 8, the digits of scikit-learn
_LONGEST_LABEL: Final = 100  # characters
_YES: Final = frozenset(("1", "1.0", "True", "true"))
_ONE_HOT: Final = _YES | {"0", "0.0", "False", "false"}
_INDICATOR: Final = _ONE_HOT | {"-1", "-1.0"}


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """Where labels come from: one column, or several of which one holds 1 (one-hot); else none."""

    name: str | None = None
    one_hot: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_NO_LABEL_NAMES: Final = frozenset(
    re.sub(r"[\W_]+", "", name)
    for name in (*_NOT_LABELS, *ADDRESS_NAMES, *SUBSET_NAMES, *_PERHAPS_SUBSET, "confidence")
)


def file_column(table: Table) -> tuple[str, list[str]]:
    """Return the column of files, and what to note of the choice.

    A column called as one of ``FILE_NAMES``; of several the one whose cells look like names of
    pictures; then any column of such cells; then one called as an identifier.

    Raises
    ------
    SourceError
        There is none; it says which columns are there.
    """
    named = _named(table, FILE_NAMES)
    if named:
        return next((n for n in named if _are_picture_names(table, n)), named[0]), []
    plain = [name for name in table.names if _is_plain(table, name)]
    for name in plain:
        if _are_picture_names(table, name):
            return name, [f"Files are taken from the column {name!r}, whose cells are pictures."]
    for name in _named(table, (*ID_NAMES, *ADDRESS_NAMES)):
        of_a_picture = bool({"image", "img", "photo", "picture"} & set(tokens(name)[:1]))
        if name in plain and (of_a_picture or _are_distinct(table, name)):
            return name, [f"Files are taken from the column {name!r}."]
    _refuse_pixels(table)
    raise SourceError(
        f"{table.path} has no column of files; its columns are {some(table.names, 12)}.",
        hint=f"Name the column of files {FILE_NAMES[0]!r}.",
    )


def _refuse_pixels(table: Table) -> None:
    """Refuse a table whose rows are pictures, as numbers in many columns or in one cell.

    Raises
    ------
    SourceError
        It is one: MNIST as CSV, FER2013.
    """
    numbered = [n for n in table.names if _NUMBERED_PIXEL.fullmatch(n.strip())]
    packed = [n for n in table.names if n.strip().casefold() in ("pixels", "pixel", "image_pixels")]
    if len(numbered) >= _FEWEST_PIXELS or packed:
        where = f"{len(numbered):,} columns" if not packed else f"the column {packed[0]!r}"
        raise SourceError(
            f"{table.path} has its pictures as numbers in {where}, not as files.",
            hint="Write each row as a picture first, with NumPy and Pillow: "
            "Image.fromarray(row.reshape(height, width).astype('uint8')).save('LABEL/ROW.png').",
        )


def label_columns(table: Table, file: str, *, asked: str = "") -> LabelColumns:
    """Find where the labels of a table stand.

    Parameters
    ----------
    file
        The column of files, which is no label.
    asked
        The column that the user named, "" where none was.

    Raises
    ------
    SourceError
        The table has no column of the name that was asked for.
    UnclearSourceError
        Several columns could be the label.
    """
    if asked:
        found = table.find((asked.strip().casefold(),))
        if found is None:
            raise SourceError(
                f"{table.path} has no column {asked!r}; its columns are {some(table.names, 12)}.",
                hint="Say --label-from column:NAME with one of them.",
            )
        return LabelColumns(found, notes=(f"Labels are taken from the column {found!r}.",))
    named = [name for name in _named(table, LABEL_NAMES) if name != file]
    if named:
        return _best_named(table, named, file)
    rest = [n for n in table.names if n != file and _could_say_something(table, n)]
    hot = _one_hot(table, rest)
    if hot:
        note = (
            f"Labels are the names of the columns that hold 1: {some([n.strip() for n in hot], 6)}."
        )
        return LabelColumns(one_hot=hot, notes=(note,))
    return _by_content(table, rest)


def address_column(table: Table) -> str | None:
    """Return the column of web addresses, None where there is none."""
    return next(iter(_named(table, ADDRESS_NAMES)), None)


def denied_rows(table: Table) -> frozenset[int]:
    """Return the rows that say that their label is *not* there: Open Images' ``Confidence`` 0.

    Only where the column holds nothing but 0 and 1.
    """
    name = next(iter(_named(table, ("confidence",))), None)
    if name is None or not set(sample(table, name)) <= {"0", "1", "0.0", "1.0"}:
        return frozenset()
    said = [text(value).strip() for value in table.column(name)]
    denied = frozenset(at for at, cell in enumerate(said) if cell in ("0", "0.0"))
    return denied if len(denied) < len(said) and set(said) <= _ONE_HOT else frozenset()


def is_yes(cell: object) -> bool:
    """Whether a cell of a one-hot column says that its label is the one."""
    return text(cell).strip() in _YES


def subset_column(table: Table) -> str | None:
    """Return the column that says which subset a row is in, None where there is none."""
    return table.find(SUBSET_NAMES) or next(
        (name for name in _named(table, _PERHAPS_SUBSET) if _is_subset(table, name)), None
    )


def sample(table: Table, name: str) -> list[str]:
    """Return the text of a column's first cells, empty ones left out."""
    return [said for value in table.head(name, _SAMPLE) if (said := text(value).strip())]


def _best_named(table: Table, named: Sequence[str], file: str) -> LabelColumns:
    """Prefer names to numbers among columns that are called labels, or beside them."""
    first = named[0]
    known = first.strip().casefold() == LABEL_NAMES[0]
    said = () if known else (f"Labels are taken from the column {first!r}.",)
    if not _are_numbers(table, first):
        return LabelColumns(first, notes=said)
    beside = [n for n in named[1:] if not _are_numbers(table, n)]
    others = [
        n
        for n in table.names
        if n not in named and n != file and _is_plain(table, n) and not _are_numbers(table, n)
    ]
    for name in (*beside, *others):
        if _same_partition(table, first, name):
            note = f"Labels are the names in the column {name!r}, not the numbers in {first!r}."
            return LabelColumns(name, notes=(note,))
    return LabelColumns(first, notes=said)


def _by_content(table: Table, rest: Sequence[str]) -> LabelColumns:
    spoken = [
        n
        for n in rest
        if _WORDS_OF_LABELS & set(tokens(n)) and _could_be_labels(table, n, numbers=True)
    ]
    if len(spoken) == 1:
        return LabelColumns(spoken[0], notes=(f"Labels are taken from the column {spoken[0]!r}.",))
    attributes = [n for n in rest if _is_indicator(table, n)]
    likely = [n for n in rest if _could_be_labels(table, n, numbers=False)]
    if len(attributes) > 1:  # of several attributes no single word beside them is surely the label
        likely += attributes
    if not likely:
        likely = [n for n in rest if len(rest) == 1 and _could_be_labels(table, n, numbers=True)]
    if not likely:
        likely = [n for n in table.names if _are_tags(table, n)]
    if len(likely) > 1:
        options = ", ".join(f"column:{name}" for name in likely[:6])
        raise UnclearSourceError(
            f"{table.path} has no column 'label', and several that could be it: {some(likely, 6)}.",
            hint=f"Say --label-from with one of {options}, or --no-labels.",
        )
    if likely:
        return LabelColumns(likely[0], notes=(f"Labels are taken from the column {likely[0]!r}.",))
    return LabelColumns(
        notes=(
            f"{table.path.name} has no column 'label' (its columns are {some(table.names, 12)}): "
            "all items are in one class.",
        )
    )


def _named(table: Table, wanted: Sequence[str]) -> list[str]:
    """Return the columns called as one of ``wanted``, in its order, ``ClassId`` for class_id."""
    by_name = {_squeezed(name): name for name in reversed(table.names)}
    found = (by_name.get(_squeezed(name)) for name in wanted)
    return list(dict.fromkeys(name for name in found if name is not None))


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _could_say_something(table: Table, name: str) -> bool:
    """Whether a column could be a label: no number of bytes, no date, no subset, no flag."""
    words = tokens(name)
    if _squeezed(name) in _NO_LABEL_NAMES or (words[:1] == ["is"] and len(words) > 1):
        return False
    return _is_plain(table, name) and not _is_subset(table, name)


def _is_indicator(table: Table, name: str) -> bool:
    """Whether a column holds 0 and 1, or -1 and 1, or 1 and nothing, as those of attributes do."""
    said = {text(value).strip() for value in table.head(name, _SAMPLE)}
    return len(said) > 1 and said - {""} <= _INDICATOR


def _is_plain(table: Table, name: str) -> bool:
    """Whether a column holds texts or numbers, rather than bytes, lists or structures."""
    kind = table.kind(name)
    if kind is None:
        return True
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return not (
        pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    )


def _are_picture_names(table: Table, name: str) -> bool:
    if not _is_plain(table, name):
        return False
    said = sample(table, name)
    pictures = sum(PurePath(one).suffix.lower() in IMAGE_SUFFIXES for one in said)
    return bool(said) and 2 * pictures > len(said)


def _are_distinct(table: Table, name: str) -> bool:
    said = sample(table, name)
    return bool(said) and len(set(said)) > 0.9 * len(said)


def _are_numbers(table: Table, name: str) -> bool:
    if not _is_plain(table, name):
        return False
    said = sample(table, name)
    return bool(said) and all(one.lstrip("-").replace(".", "", 1).isdigit() for one in said)


def _is_subset(table: Table, name: str) -> bool:
    said = set(sample(table, name))
    return bool(said) and all(subset_of(one) for one in said)


def _could_be_labels(table: Table, name: str, *, numbers: bool) -> bool:
    said = sample(table, name)
    distinct = set(said)
    if not 2 <= len(distinct) <= max(2, len(said) // 2) or len(distinct) == len(said):
        return False
    if not numbers and _are_numbers(table, name):
        return False
    return all(len(one) <= _LONGEST_LABEL for one in distinct)


def _are_tags(table: Table, name: str) -> bool:
    """Whether a column is called tags and holds some: several a row, so as a label the last."""
    return bool(_WORDS_OF_TAGS & set(tokens(name))) and any(table.head(name, _SAMPLE))


def _same_partition(table: Table, numbers: str, names: str) -> bool:
    """Whether each number goes with one name and each name with one number."""
    cells = [table.head(name, _SAMPLE) for name in (numbers, names)]
    pairs = Counter((text(a).strip(), text(b).strip()) for a, b in zip(*cells, strict=True))
    pairs.pop(("", ""), None)
    lefts, rights = {a for a, _ in pairs}, {b for _, b in pairs}
    return len(pairs) == len(lefts) == len(rights) and len(pairs) > 1 and "" not in rights


def _one_hot(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    columns: dict[str, list[Any]] = {}
    for name in names:
        said = sample(table, name)
        if said and set(said) <= _ONE_HOT:
            columns[name] = said
    if len(columns) < 2:
        return ()
    sums = [sum(one in _YES for one in row) for row in zip(*columns.values(), strict=False)]
    return tuple(columns) if sums and 2 * sum(n == 1 for n in sums) >= len(sums) else ()
