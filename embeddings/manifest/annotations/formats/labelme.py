"""LabelMe: a JSON for each picture, a shape with a label for each object.

Format: https://github.com/wkentaro/labelme. Boxes are those around the points of a shape.
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
    around,
    broken,
    json_text,
    number,
    read_json,
)
from embeddings.manifest.parsed import Parsed


def is_labelme(content: Any) -> bool:
    """Whether the content of a JSON file is of this format."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("shapes"), list)
        and ("imagePath" in content or "imageData" in content)
    )


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    for path in paths:
        content = parsed.take(path, read_json)
        if not is_labelme(content):
            raise broken(path, "it lacks 'shapes' or 'imagePath'")
        name = str(content.get("imagePath") or path.stem).replace("\\", "/").rpartition("/")[2]
        image = (path.parent / name).relative_to(root).as_posix()
        images[image] = None
        size = _size(content)
        for label, chosen in (content.get("flags") or {}).items():
            if chosen is True and not content["shapes"]:
                marks.append(Mark(image, str(label), None, path, ()))
        for at, shape in enumerate(content["shapes"]):
            if isinstance(shape, dict):
                box = _box(shape)
                marks.append(Mark(image, str(shape.get("label", "")), box, path, (at,), size=size))
    return Annotations("LabelMe", tuple(marks), tuple(images))


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    written = {}
    for path, own in changes.items():
        content = read_json(path)
        kept = []
        for at, shape in enumerate(content["shapes"]):
            label = own.get((at,), "")
            if label is None:
                continue
            if label:
                shape["label"] = label
            kept.append(shape)
        content["shapes"] = kept
        written[path] = json_text(content)
    return written


def _box(shape: dict[str, Any]) -> tuple[float, float, float, float] | None:
    points = shape.get("points")
    if shape.get("shape_type") == "circle" and isinstance(points, list) and len(points) == 2:
        (x, y), (x1, y1) = ((number(p[0]), number(p[1])) for p in points)
        radius = ((x - x1) ** 2 + (y - y1) ** 2) ** 0.5
        return x - radius, y - radius, 2 * radius, 2 * radius
    return around(points)


def _size(content: dict[str, Any]) -> tuple[int, int] | None:
    width, height = content.get("imageWidth"), content.get("imageHeight")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None


LABELME: Final = AnnotationFormat("labelme", "LabelMe", _read, _relabelled)
