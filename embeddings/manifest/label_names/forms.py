"""Files that name classes: ``classes.txt``, tables of id and name, YAML, JSON, data set cards.

============================================  ================================================
a name a line                                 ``classes.txt``, ``obj.names``: in the order of ids
``0 cat``, ``0: cat``, ``cat 0``              a text file of ids and names
``id,name``                                   a table, under any names of its columns
``names``, ``id2label``, ``class_to_idx`` …   in YAML or JSON, as a list or by id
``class_label: names``                        in the card (``README.md``) of a Hugging Face data set
``n01440764 tench, Tinca tinca``              ImageNet's ``LOC_synset_mapping.txt``, ``words.txt``
============================================  ================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.tables import is_picture, table_suffix
from embeddings.storage import decoded, read_csv

TEXT_SUFFIXES: Final = (".txt", ".names", ".lst")
YAML_SUFFIXES: Final = (".yaml", ".yml")
_NUMBER: Final = re.compile(r"(\d{1,15})(\.0+)?")
_WORDNET_ID: Final = re.compile(r"n\d{8}")
_ID_FIRST: Final = re.compile(r"(\d{1,15}|n\d{8})\s*[\s,:;=]\s*(\S.*)")
_ID_LAST: Final = re.compile(r"(\S.*?)\s*[\s,:;=]\s*(\d{1,15})")
_KEYS: Final = (
    "id2label", "names", "class_names", "label_names", "classes", "categories", "idx_to_class",
    "class_to_idx", "label2id", "labels",
)  # fmt: skip
_ID_KEYS: Final = ("id", "index", "class_id", "label_id", "label")
_NAME_KEYS: Final = ("name", "class_name", "label_name", "title", "class", "label")
_NAME_COLUMN: Final = re.compile(r"name|title|class|label|categor|species|breed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ClassNames:
    """Names of classes as a file gives them: ``by_id``, or else ``ordered`` in the order of ids.

    ``dedicated`` says that the file can be about nothing else, so that it may name more classes
    than the data set has.
    """

    path: Path
    by_id: Mapping[str, str] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    dedicated: bool = False


def id_of(label: str) -> str:
    """Return a label as an id: numbers without leading zeros and decimals, others as they are."""
    said = label.strip()
    found = _NUMBER.fullmatch(said)
    return str(int(found[1])) if found else said


def is_id(label: str) -> bool:
    """Whether a label is a number or a WordNet id rather than a name."""
    return bool(_NUMBER.fullmatch(label.strip()) or is_wordnet_id(label))


def is_wordnet_id(label: str) -> bool:
    """Whether a label is the id of a WordNet synset, such as ``n01440764``."""
    return bool(_WORDNET_ID.fullmatch(label.strip()))


def class_names_in(path: Path, ids: frozenset[str]) -> list[ClassNames]:
    """Read what a file says of the names of classes; [] where it says nothing.

    Parameters
    ----------
    ids
        The ids of the labels (``id_of``), by which a column of ids is told.

    Raises
    ------
    SourceError
        It can't be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        return list(_in_content(_json(path), path, dedicated=False))
    if suffix in YAML_SUFFIXES:
        content = _yaml(_text(path), path)
        return list(_in_content(content, path, dedicated=True)) if _has_key(content) else []
    if suffix == ".md":
        return list(_in_card(path))
    if suffix in TEXT_SUFFIXES:
        return _in_lines(path)
    return _in_table(path, ids) if table_suffix(path) in (".csv", ".tsv") else []


def _text(path: Path) -> str:
    try:
        return decoded(path.read_bytes()).text
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {one_line(error)}.", hint="Look at the file and its rights."
        ) from error


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} is not JSON: {one_line(error)}.", hint='Write {"0": "cat", "1": "dog"}.'
        ) from error


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} is not YAML: {one_line(error)}.", hint="Look at the file."
        ) from error


def _has_key(content: Any) -> bool:
    return isinstance(content, dict) and any(key in content for key in _KEYS)


def _in_content(content: Any, path: Path, *, dedicated: bool) -> Iterator[ClassNames]:
    """Yield the names in a value of JSON or YAML: a list, or an object by id or by name."""
    if isinstance(content, list):
        if content and all(isinstance(one, dict) for one in content):
            pairs = [(_first(one, _ID_KEYS), _first(one, _NAME_KEYS)) for one in content]
            yield from _by_id(pairs, path, dedicated=dedicated)
        elif content and all(isinstance(one, str) for one in content):
            yield ClassNames(path, ordered=tuple(content), dedicated=dedicated)
        return
    if not isinstance(content, dict):
        return
    for key in _KEYS:
        if isinstance(content.get(key), list | dict):
            yield from _in_content(content[key], path, dedicated=True)
            return
    yield from _by_id([*_pairs_of(content)], path, dedicated=dedicated)


def _pairs_of(content: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for key, value in content.items():
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            yield key, value[-1]  # Keras's imagenet_class_index: "0": ["n01440764", "tench"]
        elif isinstance(value, int) and not isinstance(value, bool) and not is_id(str(key)):
            yield value, key
        else:
            yield key, value


def _first(one: dict[Any, Any], keys: Sequence[str]) -> Any:
    return next((one[key] for key in keys if key in one), None)


def _by_id(
    pairs: Sequence[tuple[Any, Any]], path: Path, *, dedicated: bool
) -> Iterator[ClassNames]:
    names = {id_of(str(at)): str(name) for at, name in pairs}
    plain = all(
        isinstance(at, str | int) and isinstance(name, str) and name.strip() for at, name in pairs
    )
    if pairs and plain and len(names) == len(pairs):
        yield ClassNames(path, by_id=names, dedicated=dedicated)


def _in_card(path: Path) -> Iterator[ClassNames]:
    """Yield the ``class_label`` names in the front matter of a data set card."""
    found = re.match(r"---\r?\n(.*?)\r?\n---", _text(path), re.DOTALL)
    content = _yaml(found[1], path) if found else None
    pending = [content.get("dataset_info")] if isinstance(content, dict) else []
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            label = one.get("class_label")
            if isinstance(label, dict) and isinstance(label.get("names"), list | dict):
                yield from _in_content(label["names"], path, dedicated=True)
            else:
                pending.extend(one.values())


def _in_lines(path: Path) -> list[ClassNames]:
    lines = [line.strip() for line in _text(path).splitlines() if line.strip()]
    if not lines or any(is_picture(word) for line in lines[:50] for word in line.split()):
        return []
    for pattern, at, name in ((_ID_FIRST, 1, 2), (_ID_LAST, 2, 1)):
        found = [pattern.fullmatch(line) for line in lines]
        if all(found):
            pairs = [(one[at], one[name].strip()) for one in found if one]
            of_wordnet = is_wordnet_id(pairs[0][0])
            if of_wordnet:  # of the words of a synset the first says enough
                pairs = [(key, said.split(",")[0].strip()) for key, said in pairs]
            return list(_by_id(pairs, path, dedicated=of_wordnet))
    if any(is_id(line) for line in lines):
        return []
    return [ClassNames(path, ordered=tuple(lines))]


def _in_table(path: Path, ids: frozenset[str]) -> list[ClassNames]:
    """Read a table of ids and names; one without ids gives the names in order."""
    found = read_csv(path, frozenset())
    rows = [list(found.header), *found.rows]
    of_header = [is_id(cell) for cell in found.header]
    body = rows if any(of_header) else rows[1:]
    if not body:
        return []
    columns = [[row[at].strip() for row in body] for at in range(len(found.header))]
    keys = [at for at, cells in enumerate(columns) if ids <= set(map(id_of, cells))]
    names = [
        at
        for at, cells in enumerate(columns)
        if at not in keys and all(cells) and not any(map(is_id, cells))
    ]
    called = [at for at in names if _NAME_COLUMN.search(found.header[at])]
    name = names if len(names) == 1 or any(of_header) else called
    if not name or any(is_picture(cell) for cell in columns[name[0]][:50]):
        return []
    if not keys:
        return [ClassNames(path, ordered=tuple(columns[name[0]]))] if not any(of_header) else []
    pairs = list(zip(columns[keys[0]], columns[name[0]], strict=True))
    return list(_by_id(pairs, path, dedicated=False))
