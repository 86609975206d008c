"""COCO object detection: one JSON with ``images``, ``annotations`` and ``categories``.

Format: https://cocodataset.org/#format-data. Roboflow, CVAT, FiftyOne and most tools write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from embeddings.manifest.annotations.records import (
    AnnotationFormat,
    Annotations,
    Changes,
    Mark,
    broken,
    json_text,
    number,
    read_json,
)
from embeddings.manifest.parsed import Parsed


def is_coco(content: Any) -> bool:
    """Whether the content of a JSON file is of this format, with labels in it."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("images"), list)
        and isinstance(content.get("annotations"), list)
        and isinstance(content.get("categories"), list)
    )


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    for path in paths:
        content = parsed.take(path, read_json)
        if not is_coco(content):
            raise broken(path, "it lacks 'images', 'annotations' or 'categories'")
        names = {c.get("id"): str(c.get("name", "")) for c in _dicts(content["categories"])}
        by_id = {image.get("id"): image for image in _dicts(content["images"])}
        images |= dict.fromkeys(str(i.get("file_name", "")) for i in by_id.values())
        for at, one in enumerate(content["annotations"]):
            image = by_id.get(one.get("image_id")) if isinstance(one, dict) else None
            if image is not None and "category_id" in one:
                label = names.get(one["category_id"], str(one["category_id"]))
                marks.append(
                    Mark(
                        str(image.get("file_name", "")), label, _box(one.get("bbox")), path, (at,),
                        size=_size(image),
                    )
                )  # fmt: skip
    return Annotations("COCO", tuple(marks), tuple(images))


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    return {path: _with(read_json(path), own) for path, own in changes.items()}


def _with(content: Any, changes: Changes) -> str:
    ids = {str(one.get("name")): one.get("id") for one in _dicts(content["categories"])}
    kept = []
    for at, one in enumerate(content["annotations"]):
        label = changes.get((at,), "")
        if label is None:
            continue
        if label:
            if label not in ids:
                ids[label] = max((i for i in ids.values() if isinstance(i, int)), default=0) + 1
                content["categories"].append({"id": ids[label], "name": label})
            one["category_id"] = ids[label]
        kept.append(one)
    content["annotations"] = kept
    return json_text(content)


def _dicts(values: list[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _box(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    left, top, width, height = map(number, value)
    return left, top, width, height


def _size(image: dict[str, Any]) -> tuple[int, int] | None:
    width, height = image.get("width"), image.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None


COCO: Final = AnnotationFormat("coco", "COCO", _read, _relabelled)
