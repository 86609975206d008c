"""FiftyOne's JSON: ``labels.json`` of classes and labels by name, or ``samples.json`` of a dataset.

Formats: https://docs.voxel51.com/user_guide/export_datasets.html, *FiftyOneImageClassification*,
*FiftyOneImageDetection* and *FiftyOneDataset*. Boxes are shares of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from embeddings.manifest.layout import subset_of
from embeddings.manifest.parsed import Parsed

_HOLDERS: Final = {"label", "detections", "classifications"}
_FIELDS: Final = ("ground_truth", "label", "labels", "detections")  # preferred, of a dataset


def is_fiftyone(content: Any) -> bool:
    """Whether the content of a JSON file is one of these."""
    if not isinstance(content, dict):
        return False
    if isinstance(content.get("samples"), list):
        return True
    return isinstance(content.get("labels"), dict) and "classes" in content


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    marks: list[Mark] = []
    images: dict[str, None] = {}
    notes: list[str] = []
    for path in paths:
        content = parsed.take(path, read_json)
        if not is_fiftyone(content):
            raise broken(path, "it lacks 'labels' with 'classes', or 'samples'")
        classes = content.get("classes") if isinstance(content.get("classes"), list) else []
        before = len(marks)
        for place, (image, said) in enumerate(_samples(content)):
            images[image] = None
            for at, (label, box) in enumerate(_labels(said)):
                named = classes[label] if isinstance(label, int) and label < len(classes) else label
                marks.append(
                    Mark(image, str(named), box, path, (place, at), in_shares=box is not None)
                )
        if len(marks) == before and (tags := list(_tags(content, path))):
            marks += tags
            notes.append(f"{path.name} has no field of labels: the tags of its samples are taken.")
    return Annotations("FiftyOne", tuple(marks), tuple(images), tuple(notes))


def _tags(content: dict[str, Any], path: Path) -> Iterator[Mark]:
    """Yield the tags of samples, those that name a subset left out."""
    samples = content.get("samples")
    for place, sample in enumerate(samples if isinstance(samples, list) else ()):
        tags = sample.get("tags") if isinstance(sample, dict) else None
        for at, tag in enumerate(tags if isinstance(tags, list) else ()):
            if isinstance(tag, str) and not subset_of(tag):
                yield Mark(str(sample.get("filepath", "")), tag, None, path, (place, at))


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    written = {}
    for path, own in changes.items():
        content = read_json(path)
        classes = content.get("classes") if isinstance(content.get("classes"), list) else None
        holders = _holders(content)
        for (place, at), label in sorted(own.items(), reverse=True):
            boxes = _boxes(holders[place])
            if boxes is None:
                continue
            if label is None:
                del boxes[at]
            elif isinstance(boxes[at].get("label"), int) and classes is not None:
                if label not in classes:
                    classes.append(label)
                boxes[at]["label"] = classes.index(label)
            else:
                boxes[at]["label"] = label
        written[path] = json_text(content)
    return written


def _samples(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(content.get("samples"), list):
        for sample in content["samples"]:
            if isinstance(sample, dict):
                yield str(sample.get("filepath", "")), _field(sample)
        return
    yield from ((str(name), said) for name, said in content["labels"].items())


def _holders(content: dict[str, Any]) -> list[Any]:
    if isinstance(content.get("samples"), list):
        return [_field(sample) for sample in content["samples"] if isinstance(sample, dict)]
    return list(content["labels"].values())


def _field(sample: dict[str, Any]) -> Any:
    named = [sample[key] for key in _FIELDS if isinstance(sample.get(key), dict)]
    others = [v for v in sample.values() if isinstance(v, dict) and _HOLDERS & v.keys()]
    return next(iter((*named, *others)), None)


def _boxes(said: Any) -> list[dict[str, Any]] | None:
    """Return the list of detections in what is said of one picture, None where it has none."""
    if isinstance(said, dict):
        said = said.get("detections")
    if isinstance(said, list) and all(isinstance(one, dict) for one in said):
        return said
    return None


def _labels(said: Any) -> Iterator[tuple[Any, tuple[float, float, float, float] | None]]:
    boxes = _boxes(said)
    if boxes is not None:
        for one in boxes:
            box = one.get("bounding_box")
            if not isinstance(box, list) or len(box) != 4:
                box = [None] * 4
            left, top, width, height = map(number, box)
            yield one.get("label", ""), (left, top, width, height)
    elif isinstance(said, dict) and isinstance(said.get("classifications"), list):
        for one in said["classifications"]:
            yield from _labels(one)
    elif isinstance(said, dict):
        if said.get("label") is not None:
            yield said["label"], None
    elif isinstance(said, list):
        yield from ((one, None) for one in said if isinstance(one, str | int))
    elif isinstance(said, str | int):
        yield said, None


FIFTYONE: Final = AnnotationFormat("fiftyone", "FiftyOne", _read, _relabelled)
