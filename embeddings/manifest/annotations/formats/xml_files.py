"""XML of boxes: Pascal VOC, a file for each picture; CVAT for images and for video, one for all.

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
from embeddings.manifest.parsed import Parsed

_LARGEST: Final = 1 << 30  # bytes
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")  # none of these formats has them
_TRACK: Final = 2  # in the key of a mark, where tags have 0 and shapes 1
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


def _read_voc(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    for path in paths:
        found = parsed.take(path, root_of)
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


def _read_cvat(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    tracks: list[Mark] = []
    for path in paths:
        found = parsed.take(path, root_of)
        tracks += _tracks(found, path)
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
    images |= dict.fromkeys(mark.image for mark in tracks)
    notes = (
        (f"{len(tracks)} tracks of videos: of each its middle key frame is the item.",)
        if tracks
        else ()
    )
    return Annotations("CVAT", (*marks, *tracks), tuple(images), notes)


def _tracks(found: ElementTree.Element, path: Path) -> list[Mark]:
    """Return a mark for each track of *CVAT for video*: on its middle key frame.

    A track is one thing with one label, so it is one item. CVAT calls frames ``frame_000000``.
    """
    width, height = (
        number(_said(found, f"meta/task/original_size/{side}")) for side in ("width", "height")
    )
    size = (int(width), int(height)) if width > 0 and height > 0 else None
    marks = []
    for at, track in enumerate(found.findall("track")):
        seen = [one for one in track if one.tag in _SHAPES and one.get("outside") != "1"]
        keys = [one for one in seen if one.get("keyframe") == "1"] or seen
        if keys and (frame := keys[len(keys) // 2].get("frame", "")).isdecimal():
            box = _box_of(keys[len(keys) // 2])
            name = f"frame_{int(frame):06d}"
            label = track.get("label", "")
            marks.append(Mark(name, label, box, path, (at, _TRACK, 0), size=size))
    return marks


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
        for at, track in enumerate(found.findall("track")):
            label = own.get((at, _TRACK, 0), "")
            if label is None:
                found.remove(track)
            elif label:
                track.set("label", label)
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
