"""XML of boxes: Pascal VOC, a file for each picture, and *CVAT for images*, one file for all.

The first version of LabelMe (CVAT's *LabelMe 3.0*) is as Pascal VOC, with polygons.

Formats: http://host.robots.ox.ac.uk/pascal/VOC and
https://docs.cvat.ai/docs/dataset_management/formats/format-cvat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.annotations.records import (
    AnnotationFormat,
    Annotations,
    Changes,
    Mark,
    around,
    number,
)

_LARGEST: Final = 1 << 30  # bytes
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")  # none of these formats has them
_SHAPES: Final = ("box", "polygon", "polyline", "points", "ellipse", "mask")


def root_of(path: Path) -> ElementTree.Element:
    """Read an XML file.

    Raises
    ------
    SourceError
        It is none, or declares entities, which can grow beyond any memory.
    """
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST or any(word in content[:4096] for word in _DECLARATIONS):
            raise SourceError(
                f"{path} is no annotation file: it is too large or declares entities.",
                hint="Export it again.",
            )
        return ElementTree.fromstring(content)
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise SourceError(
            f"{path} can't be read as XML: {one_line(error)}.", hint="Export it again."
        ) from error


def _read_voc(paths: list[Path], root: Path) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    for path in paths:
        found = root_of(path)
        image = _said(found, "filename") or path.stem
        images[image] = None
        width, height = number(_said(found, "size/width")), number(_said(found, "size/height"))
        size = (int(width), int(height)) if width > 0 and height > 0 else None
        for at, one in enumerate(found.findall("object")):
            if _said(one, "deleted") != "1":
                box = _voc_box(one)
                marks.append(Mark(image, _said(one, "name"), box, path, (at,), size=size))
    return Annotations("Pascal VOC", tuple(marks), tuple(images))


def _voc_box(one: ElementTree.Element) -> tuple[float, float, float, float] | None:
    """Return the box of an object; LabelMe's first version has a polygon in its place."""
    if one.find("bndbox") is None:
        return around([(_said(p, "x"), _said(p, "y")) for p in one.findall("polygon/pt")])
    sides = [number(_said(one, f"bndbox/{s}")) for s in ("xmin", "ymin", "xmax", "ymax")]
    left, top, right, bottom = sides
    return left, top, right - left, bottom - top


def _relabelled_voc(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    written = {}
    for path, own in changes.items():
        found = root_of(path)
        for at, one in enumerate(found.findall("object")):
            label = own.get((at,), "")
            if label is None:
                found.remove(one)
            elif label and (name := one.find("name")) is not None:
                name.text = label
        written[path] = ElementTree.tostring(found, encoding="unicode") + "\n"
    return written


def _read_cvat(paths: list[Path], root: Path) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    videos = 0
    for path in paths:
        found = root_of(path)
        videos += len(found.findall("track"))
        for place, image in enumerate(found.findall("image")):
            name = image.get("name", "")
            images[name] = None
            width, height = number(image.get("width")), number(image.get("height"))
            size = (int(width), int(height)) if width > 0 and height > 0 else None
            for at, tag in enumerate(image.findall("tag")):
                marks.append(Mark(name, tag.get("label", ""), None, path, (place, 0, at)))
            for at, shape in _shapes(image):
                box = _box_of(shape)
                marks.append(
                    Mark(name, shape.get("label", ""), box, path, (place, 1, at), size=size)
                )
    notes = (f"{videos} tracks of videos are not read.",) if videos else ()
    return Annotations("CVAT", tuple(marks), tuple(images), notes)


def _relabelled_cvat(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    written = {}
    for path, own in changes.items():
        found = root_of(path)
        for place, image in enumerate(found.findall("image")):
            tags = list(enumerate(image.findall("tag")))
            for kind, elements in ((0, tags), (1, list(_shapes(image)))):
                for at, element in elements:
                    label = own.get((place, kind, at), "")
                    if label is None:
                        image.remove(element)
                    elif label:
                        element.set("label", label)
        written[path] = ElementTree.tostring(found, encoding="unicode") + "\n"
    return written


def _shapes(image: ElementTree.Element) -> Iterator[tuple[int, ElementTree.Element]]:
    return enumerate([one for one in image if one.tag in _SHAPES])


def _box_of(shape: ElementTree.Element) -> tuple[float, float, float, float] | None:
    if shape.tag == "box":
        left, top, right, bottom = (number(shape.get(s)) for s in ("xtl", "ytl", "xbr", "ybr"))
        return left, top, right - left, bottom - top
    if shape.tag == "mask":
        left, top, width, height = (
            number(shape.get(s)) for s in ("left", "top", "width", "height")
        )
        return left, top, width, height
    if shape.tag == "ellipse":
        x, y, rx, ry = (number(shape.get(s)) for s in ("cx", "cy", "rx", "ry"))
        return x - rx, y - ry, 2 * rx, 2 * ry
    return around([p.split(",") for p in shape.get("points", "").split(";") if "," in p])


def _said(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


VOC: Final = AnnotationFormat("voc", "Pascal VOC", _read_voc, _relabelled_voc)
CVAT: Final = AnnotationFormat("cvat", "CVAT for images", _read_cvat, _relabelled_cvat)
