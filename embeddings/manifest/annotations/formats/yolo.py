"""YOLO: a text file for each picture, a box a line, and a YAML or text file with the names.

Format: https://docs.ultralytics.com/datasets/detect. A line is class, centre, width, height in
shares of the picture, or class and the points of a polygon. The text lies under ``labels/`` where
the picture lies under ``images/``, or beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import IMAGE_SUFFIXES, one_line
from embeddings.manifest.annotations.records import (
    AnnotationFormat,
    Annotations,
    Changes,
    Mark,
    around,
    broken,
    number,
)
from embeddings.manifest.parsed import Parsed
from embeddings.manifest.tables import is_picture
from embeddings.storage import decoded

NAME_FILES: Final = ("classes.txt", "obj.names", "labels.txt", "names.txt")
_YAML: Final = (".yaml", ".yml")


def names_of(path: Path) -> list[str] | None:
    """Return the names of classes in a YAML or text file, None where it holds none."""
    text = decoded(path.read_bytes()).text
    if path.suffix.lower() not in _YAML:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if any(is_picture(word) for line in lines[:20] for word in line.split()):
            return None  # a list of pictures with their labels, called `labels.txt`
        return lines or None
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SourceError(
            f"{path} is not YAML: {one_line(error)}.", hint="Look at the file."
        ) from error
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and all(isinstance(n, int) and n >= 0 for n in names):
        return [str(names.get(n, n)) for n in range(max(names, default=-1) + 1)]
    return [str(name) for name in names] if isinstance(names, list) and names else None


def _read(paths: list[Path], root: Path, parsed: Parsed) -> Annotations:
    names = names_of(paths[0])
    if names is None:
        raise broken(paths[0], "it holds no 'names' of classes")
    marks: list[Mark] = []
    images: list[str] = []
    labels: dict[Path, list[str]] = {}
    for picture in sorted(p for p in root.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES):
        relative = picture.relative_to(root)
        source = next((p for p in _text_files(relative, root) if p.is_file()), None)
        images.append(relative.as_posix())
        if source is None:
            continue
        lines = labels.setdefault(source, decoded(source.read_bytes()).text.splitlines())
        marks += _marks(lines, names, source, relative.as_posix())
    return Annotations("YOLO", tuple(marks), tuple(images))


def _text_files(picture: Path, root: Path) -> list[Path]:
    """Return where the text of a picture may lie, likeliest first."""
    parts = list(picture.with_suffix(".txt").parts)
    places = [
        Path(*parts[:at], "labels", *parts[at + 1 :])
        for at in reversed(range(len(parts) - 1))
        if parts[at].casefold() == "images"
    ]
    return [root / place for place in (*places, Path(*parts))]


def _marks(lines: list[str], names: list[str], source: Path, image: str) -> list[Mark]:
    marks = []
    for at, line in enumerate(lines):
        cells = line.split()
        if len(cells) < 5 or not cells[0].isdigit():
            continue
        kind, values = int(cells[0]), [number(cell) for cell in cells[1:]]
        label = names[kind] if kind < len(names) else str(kind)
        if len(values) >= 6 and len(values) % 2 == 0:
            box = around(list(zip(values[::2], values[1::2], strict=True)))
        else:
            x, y, width, height = values[:4]
            box = x - width / 2, y - height / 2, width, height
        marks.append(Mark(image, label, box, source, (at,), in_shares=True))
    return marks


def _relabelled(changes: Mapping[Path, Changes], root: Path) -> dict[Path, str]:
    where = names_file(root)
    names = (names_of(where) if where else None) or []
    known = len(names)
    written: dict[Path, str] = {}
    for path, own in changes.items():
        lines = []
        for at, line in enumerate(decoded(path.read_bytes()).text.splitlines()):
            label = own.get((at,), "")
            if label is None:
                continue
            if label:
                if label not in names:
                    names.append(label)
                line = " ".join([str(names.index(label)), *line.split()[1:]])
            lines.append(line + "\n")
        written[path] = "".join(lines)
    if where is not None and len(names) > known:
        written[where] = _with_names(where, names)
    return written


def names_file(root: Path) -> Path | None:
    """Return the file with the names of classes at the top of a set, None where there is none."""
    for path in sorted(root.glob("*.y*ml")):
        if path.suffix.lower() in _YAML and names_of(path) is not None:
            return path
    places = (folder / name for folder in (root, root / "labels") for name in NAME_FILES)
    return next((path for path in places if path.is_file()), None)


def _with_names(path: Path, names: list[str]) -> str:
    if path.suffix.lower() not in _YAML:
        return "".join(f"{name}\n" for name in names)
    import yaml

    content: dict[str, Any] = yaml.safe_load(decoded(path.read_bytes()).text)
    as_table = isinstance(content["names"], dict)
    content["names"] = dict(enumerate(names)) if as_table else names
    if "nc" in content:
        content["nc"] = len(names)
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text


YOLO: Final = AnnotationFormat("yolo", "YOLO", _read, _relabelled)
