"""Which annotation format a file or a folder is, told by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import IMAGE_SUFFIXES
from embeddings.machine import collector_paused
from embeddings.manifest.annotations.formats.box_table import BOX_TABLE, is_box_table
from embeddings.manifest.annotations.formats.coco import COCO, is_coco
from embeddings.manifest.annotations.formats.fiftyone import FIFTYONE, is_fiftyone
from embeddings.manifest.annotations.formats.labelme import LABELME, is_labelme
from embeddings.manifest.annotations.formats.labelstudio import LABEL_STUDIO, is_labelstudio
from embeddings.manifest.annotations.formats.xml_files import CVAT, VOC, root_of
from embeddings.manifest.annotations.formats.yolo import NAME_FILES, YOLO, names_file, names_of
from embeddings.manifest.annotations.records import AnnotationFormat, read_json
from embeddings.manifest.parsed import Parsed

FORMATS: Final = (COCO, YOLO, VOC, CVAT, LABELME, LABEL_STUDIO, FIFTYONE, BOX_TABLE)
_OF_JSON: Final[tuple[tuple[Callable[[Any], bool], AnnotationFormat], ...]] = (
    (is_coco, COCO),
    (is_labelme, LABELME),
    (is_labelstudio, LABEL_STUDIO),
    (is_fiftyone, FIFTYONE),
)
ANNOTATION_SUFFIXES: Final = (".json", ".xml", ".yaml", ".yml", *NAME_FILES)
_MOST_LOOKED_AT: Final = 12  # JSON files of a folder that are opened to see what they are
_SMALL: Final = 64 << 20  # bytes of a JSON file of a folder that is opened to see what it is
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class FoundSet:
    """Annotation files of one format, and the folder that they and their pictures lie in.

    ``parsed`` has what was parsed of them to see what they are.
    """

    format: AnnotationFormat
    files: tuple[Path, ...]
    root: Path
    parsed: Parsed = field(default_factory=Parsed, repr=False, compare=False)

    @property
    def title(self) -> str:
        """What to call it: the format, and its file where it is one."""
        if len(self.files) > 1:
            return f"{len(self.files):,} files of {self.format.title}"
        return f"{self.files[0].name} ({self.format.title})"


@collector_paused()
def annotations_of(path: Path, parsed: Parsed) -> FoundSet | None:
    """Return what the file ``path`` is as annotations, None where it is none.

    What was parsed for it stays in ``parsed``.

    Raises
    ------
    SourceError
        It can't be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        kind = _of_json(parsed, path)
        if kind is LABELME:
            return FoundSet(kind, (path,), path.parent, parsed)
        return FoundSet(kind, (path,), _root(path.parent), parsed) if kind else None
    if suffix == ".xml":
        kind = _of_xml(parsed, path)
        return FoundSet(kind, (path,), _root(path.parent), parsed) if kind else None
    if suffix in (".yaml", ".yml") or path.name in NAME_FILES:
        return FoundSet(YOLO, (path,), path.parent) if names_of(path) else None
    if is_box_table(path, parsed):
        return FoundSet(BOX_TABLE, (path,), path.parent, parsed)
    return None


def annotations_below(root: Path, others: Sequence[str], pictures: int) -> FoundSet | None:
    """Return the annotation files among ``others``, files below ``root`` that are no pictures.

    None where there are none, or where they are of fewer than half of the pictures though each
    picture would have one.
    """
    texts = [one for one in others if one.endswith(".txt")]
    names = names_file(root) or _names_below(root, others)
    if names is not None and 2 * (len(texts) - 1) >= _MOSTLY * pictures:
        above = root if names_file(root) else names.parent
        return FoundSet(YOLO, (names,), above)
    by_suffix = {
        suffix: [root / one for one in sorted(others) if one.lower().endswith(suffix)]
        for suffix in (".xml", ".json")
    }
    parsed = Parsed()
    for suffix, told in ((".xml", _of_xml), (".json", _of_json)):
        files, kind_of = by_suffix[suffix], partial(told, parsed)
        kinds = {file: _told(kind_of, file) for file in files[:_MOST_LOOKED_AT]}
        first = next((kind for kind in kinds.values() if kind is not None), None)
        if first is None:
            continue
        if first in (VOC, LABELME):  # a file for each picture
            if len(files) >= _MOSTLY * pictures:
                return FoundSet(first, tuple(files), root, parsed)
            continue
        own = _of_boxes([f for f, kind in kinds.items() if kind is first])
        return FoundSet(first, own, root, parsed)
    return _box_tables(root, others)


def _names_below(root: Path, others: Sequence[str]) -> Path | None:
    """Return Darknet's file of names further down, the uppermost of several."""
    found = sorted(
        (name for name in others if Path(name).name in NAME_FILES),
        key=lambda name: (name.count("/"), name),
    )
    return root / found[0] if found else None


def _box_tables(root: Path, others: Sequence[str]) -> FoundSet | None:
    """Return the tables of boxes among files, those of one name: one for each subset."""
    tables = [name for name in sorted(others) if name.lower().endswith((".csv", ".tsv"))]
    small = [name for name in tables[:_MOST_LOOKED_AT] if _is_small(root / name)]
    parsed = Parsed()
    first = next((name for name in small if is_box_table(root / name, parsed)), None)
    if first is None:
        return None
    alike = [name for name in tables if Path(name).name == Path(first).name]
    files = tuple(root / name for name in alike if is_box_table(root / name, parsed))
    return FoundSet(BOX_TABLE, files, root, parsed)


def _is_small(path: Path) -> bool:
    try:
        return path.stat().st_size <= _SMALL
    except OSError:  # a link that leads nowhere
        return False


def _of_boxes(files: list[Path]) -> tuple[Path, ...]:
    """Leave out what gives the same boxes again: COCO's keypoints beside its instances."""
    instances = tuple(file for file in files if file.name.startswith("instances_"))
    return instances or tuple(files)


def format_named(name: str) -> AnnotationFormat:
    """Return the format called ``name``."""
    return next(one for one in FORMATS if one.name == name)


def _root(folder: Path) -> Path:
    """Return the folder, or that above it where it holds annotations and no pictures."""
    names = [path.suffix.lower() in IMAGE_SUFFIXES or path.is_dir() for path in folder.iterdir()]
    return folder if any(names) or folder.parent == folder else folder.parent


def _told(
    kind_of: Callable[[Path], AnnotationFormat | None], path: Path
) -> AnnotationFormat | None:
    try:
        return kind_of(path) if path.stat().st_size <= _SMALL or path.suffix != ".json" else COCO
    except (SourceError, OSError):
        return None


def _of_json(parsed: Parsed, path: Path) -> AnnotationFormat | None:
    content = parsed.look(path, read_json)
    return next((kind for is_one, kind in _OF_JSON if is_one(content)), None)


def _of_xml(parsed: Parsed, path: Path) -> AnnotationFormat | None:
    tag = parsed.look(path, root_of).tag
    return {"annotation": VOC, "annotations": CVAT}.get(tag)
