"""Rows of a JSON file, in each of the forms that people and programs write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from embeddings.manifest.layout import subset_of
from embeddings.manifest.tables.headers import is_picture

Rows = list[dict[str, Any]]
Found = tuple[Rows, str] | None
_MOSTLY: Final = 0.5


def rows_of(content: Any, known: frozenset[str]) -> Found:
    """Return the rows that a JSON file holds, and how it was read where that is to be said.

    None where it is no table. The forms: a list of objects; such a list under one key, or one for
    each subset; an object of columns (lists, or pandas' objects by index, or its ``split``); an
    object of file to label, of file to object, or of label to files.

    Parameters
    ----------
    content
        What the file holds.
    known
        Names of columns, lower case.
    """
    if isinstance(content, list):
        return (content, "") if _all(content, dict) else None
    if not isinstance(content, dict) or not content:
        return None
    if all(isinstance(value, str | int | float) for value in content.values()):
        return [{"file": f, "label": label} for f, label in content.items()], "file to label"
    if _all(content.values(), dict):
        return _of_objects(content, known)
    if isinstance(content.get("columns"), list) and _all(content.get("data"), list):
        names = list(map(str, content["columns"]))
        return [dict(zip(names, row, strict=False)) for row in content["data"]], ""
    lists = {key: value for key, value in content.items() if isinstance(value, list)}
    objects = {key: value for key, value in lists.items() if _all(value, dict)}
    if objects and len(objects) < 2:
        return next(iter(objects.values())), ""
    if objects and all(map(subset_of, objects)):
        return [row | {"split": key} for key, rows in objects.items() for row in rows], ""
    return _of_lists(content, known) if len(lists) == len(content) else None


def _all(values: Any, kind: type) -> bool:
    if values is None:
        return False
    values = list(values)
    return bool(values) and all(isinstance(value, kind) for value in values)


def _of_objects(content: Mapping[str, dict[str, Any]], known: frozenset[str]) -> Found:
    if _pictures(list(content)):
        return [{"file": file} | row for file, row in content.items()], "file to object"
    rows = list(content.values())
    if {key.casefold() for key in rows[0]} & known:
        return rows, ""
    keys = [list(row) for row in rows]
    if all(one == keys[0] for one in keys) and {k.casefold() for k in content} & known:
        return [{n: v[key] for n, v in content.items()} for key in keys[0]], ""
    return None


def _of_lists(content: Mapping[str, list[Any]], known: frozenset[str]) -> Found:
    if _pictures(list(content)):
        return [{"file": f, "label": label} for f, label in content.items()], "file to labels"
    every = [cell for values in content.values() for cell in values]
    named = {key.strip().casefold() for key in content} & known
    if not named and _all(every, str) and len(set(every)) == len(every):
        rows = [{"file": f, "label": label} for label, files in content.items() for f in files]
        return rows, "label to files"
    if len({len(values) for values in content.values()}) == 1:
        return [
            dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)
        ], ""
    return None


def _pictures(names: Sequence[str]) -> bool:
    return sum(map(is_picture, names)) > _MOSTLY * len(names)
