"""Label Studio's JSON export: choices for pictures, rectangles and polygons for objects in them.

Format: https://labelstud.io/guide/export. Numbers are hundredths of the picture's sides. Of several
annotations of a task the last that was updated counts, and skipped ones do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from embeddings.columns import NO_LABEL
from embeddings.manifest.annotations.records import (
    AnnotationFormat,
    Annotations,
    Changes,
    Mark,
    around,
    broken,
    json_text,
    number,
    read_json,
)
from embeddings.manifest.parsed import Parsed

_LABELS: Final = ("rectanglelabels", "polygonlabels", "brushlabels", "ellipselabels", "labels")
_IMAGE_KEYS: Final = ("image", "img", "file", "path", "picture", "photo")


def is_labelstudio(content: Any) -> bool:
    """Whether the content of a JSON file is a list of tasks with annotations."""
    return (
        isinstance(content, list)
        and bool(content)
        and all(
            isinstance(task, dict)
            and isinstance(task.get("data"), dict)
            and isinstance(task.get("annotations", task.get("completions")), list)
            for task in content[:100]
        )
    )


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    for path in paths:
        content = parsed.take(path, read_json)
        if not is_labelstudio(content):
            raise broken(path, "it is no list of tasks with 'data' and 'annotations'")
        for place, task in enumerate(content):
            image = _image(task["data"])
            images[image] = None
            which, annotation = _last(task.get("annotations", task.get("completions")))
            for at, result in enumerate(annotation.get("result") or ()):
                if isinstance(result, dict) and isinstance(result.get("value"), dict):
                    marks += _marks(image, result["value"], path, (place, which, at))
    return Annotations("Label Studio", tuple(marks), tuple(images))


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    written = {}
    for path, own in changes.items():
        content = read_json(path)
        for (place, which, at), label in sorted(own.items(), reverse=True):  # last first: they go
            task = content[place]
            results = task.get("annotations", task.get("completions"))[which]["result"]
            if label is None:
                del results[at]
                continue
            value = results[at]["value"]
            kind = next(key for key in (*_LABELS, "choices") if key in value)
            value[kind] = [label]
        written[path] = json_text(content)
    return written


def _marks(image: str, value: dict[str, Any], path: Path, key: tuple[int, ...]) -> list[Mark]:
    """Return the mark of a region, or one for each choice of the whole picture."""
    choices = value.get("choices")
    if isinstance(choices, list):
        return [Mark(image, str(choice), None, path, key) for choice in choices]
    labels = next((value[key_] for key_ in _LABELS if isinstance(value.get(key_), list)), None)
    if not labels:
        return []
    if "points" in value:
        box = around(value["points"])
    elif "radiusX" in value:
        x, y, rx, ry = (number(value.get(k)) for k in ("x", "y", "radiusX", "radiusY"))
        box = x - rx, y - ry, 2 * rx, 2 * ry
    else:
        x, y, w, h = (number(value.get(k)) for k in ("x", "y", "width", "height"))
        box = x, y, w, h
    if box is None:
        return []
    left, top, width, height = (side / 100 for side in box)
    label = str(labels[0]) if len(labels) == 1 else NO_LABEL  # a box is an item, which has one
    return [Mark(image, label, (left, top, width, height), path, key, in_shares=True)]


def _image(data: dict[str, Any]) -> str:
    named = next((data[key] for key in _IMAGE_KEYS if isinstance(data.get(key), str)), None)
    return named or next((value for value in data.values() if isinstance(value, str)), "")


def _last(annotations: Any) -> tuple[int, dict[str, Any]]:
    told = [
        (str(one.get("updated_at", "")), at, one)
        for at, one in enumerate(annotations)
        if isinstance(one, dict) and not one.get("was_cancelled")
    ]
    _, at, last = max(told, key=lambda one: one[:2], default=("", 0, {}))
    return at, last


LABEL_STUDIO: Final = AnnotationFormat("labelstudio", "Label Studio", _read, _relabelled)
