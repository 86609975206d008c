"""Subsets as lists of pictures: YOLO's YAML and ``train.txt``, Pascal VOC's ``ImageSets/Main``.

A list holds a path or a name without suffix a line. Lists that contradict each other about a
picture say nothing of it; ``trainval.txt`` counts only where there is no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from embeddings.errors import SourceError
from embeddings.images import one_line
from embeddings.manifest.layout import subset_of
from embeddings.storage import decoded

_YAML: Final = (".yaml", ".yml")
_FOLDERS: Final = (
    ".", "data", "ImageSets", "ImageSets/Main", "*/ImageSets/Main", "*/*/ImageSets/Main",
)  # fmt: skip
_BOTH: Final = "trainval"
_CONTRADICTING: Final = ""


class SubsetLists:
    """What lists say of the subset of pictures; nothing where there are no lists."""

    def __init__(self) -> None:
        self._by_tail: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def of(self, file: str) -> str:
        """Return the subset of a picture by its path relative to the set, "" where none is said."""
        two, one = _tails(file)
        found = self._by_tail.get(two) or self._by_tail.get(one) or ""
        above = (str(folder) for folder in PurePosixPath(file).parents)
        return found or next((self._folders[f] for f in above if f in self._folders), "")

    def add_list(self, lines: Sequence[str], subset: str) -> None:
        """Take in the lines of a list, each the path or the bare name of a picture."""
        for line in lines:
            name = line.replace("\\", "/").strip()
            for tail in dict.fromkeys(_tails(name)) if name else ():
                if self._by_tail.setdefault(tail, subset) != subset:
                    self._by_tail[tail] = _CONTRADICTING

    def add_folder(self, folder: str, subset: str) -> None:
        """Take in a folder, relative to the set, all pictures of which are of a subset."""
        self._folders[folder] = subset


def subset_lists(root: Path, files: Sequence[Path]) -> SubsetLists:
    """Read the lists of subsets of a set.

    Parameters
    ----------
    root
        The folder of the set.
    files
        Its annotation files; a YAML among them may name lists and folders.
    """
    out = SubsetLists()
    for file in files[:1]:
        if file.suffix.lower() in _YAML:
            for subset, place in _named_in(file):
                _add(out, place, root, subset)
    lists = [file for folder in _FOLDERS for file in sorted(root.glob(f"{folder}/*.txt"))]
    narrow = [file for file in lists if file.stem.casefold() != _BOTH]
    for file in narrow or lists:
        if subset := subset_of(file.stem):
            out.add_list(_lines(file), subset)
    return out


def _named_in(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield each place that a YAML names, with its subset."""
    import yaml

    try:
        content: Any = yaml.safe_load(decoded(path.read_bytes()).text)
    except yaml.YAMLError as error:
        raise SourceError(
            f"{path} is not YAML: {one_line(error)}.", hint="Look at the file."
        ) from error
    base = str(content.get("path") or "") if isinstance(content, dict) else ""
    for key, value in content.items() if isinstance(content, dict) else ():
        subset = subset_of(str(key))
        for place in value if isinstance(value, list) else [value]:
            if subset and isinstance(place, str):
                # Roboflow writes `../train/images` for a folder that lies beside the YAML
                tried = (path.parent / base / place, path.parent / place.lstrip("./"))
                yield from ((subset, one) for one in tried if one.exists())


def _add(out: SubsetLists, place: Path, root: Path, subset: str) -> None:
    inside = place.resolve()
    if not inside.is_relative_to(root.resolve()):
        return  # what lies elsewhere is not read
    if inside.is_dir():
        folder = inside.relative_to(root.resolve()).as_posix()
        if folder != ".":
            out.add_folder(folder, subset)
    elif inside.suffix.lower() == ".txt":
        out.add_list(_lines(inside), subset)


def _lines(path: Path) -> list[str]:
    return [line.split("\t")[0].strip() for line in decoded(path.read_bytes()).text.splitlines()]


def _tails(name: str) -> tuple[str, str]:
    """Return the last two parts of a path, and the last, both without the suffix of a picture."""
    path = PurePosixPath(name)
    stem = path.name.rpartition(".")[0] or path.name
    folder = path.parent.name
    return (f"{folder}/{stem}" if folder else stem), stem
