"""The folders of a data set as a tree that knows pictures only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from embeddings.manifest.layout.records import Seen


@dataclass(slots=True)
class Folder:
    """A folder: the pictures directly in it, those in all, and the folders below with pictures."""

    path: str = ""
    pictures: list[str] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)
    others: int = 0  # files that are no pictures, here and below
    total: int = 0  # pictures, here and below

    @property
    def name(self) -> str:
        """The last part of the path; "" for the root."""
        return self.path.rpartition("/")[2]

    @property
    def depth(self) -> int:
        """How many folders below the root it is; the root's own is 0."""
        return self.path.count("/") + 1 if self.path else 0

    @property
    def kids(self) -> list[Folder]:
        """The folders directly in it that hold pictures, by name."""
        return [self.folders[name] for name in sorted(self.folders) if self.folders[name].total]

    @property
    def flat(self) -> bool:
        """Whether no folder in it holds pictures."""
        return not any(kid.total for kid in self.folders.values())

    def names(self, within: str = "") -> Iterator[str]:
        """Yield the pictures here and below, relative to this folder."""
        yield from (within + name for name in self.pictures)
        for name, folder in self.folders.items():
            yield from folder.names(f"{within}{name}/")

    def drop(self, name: str) -> Folder:
        """Take out a folder directly in it; totals above are counted anew by ``count``."""
        return self.folders.pop(name)

    def count(self) -> int:
        """Count the pictures, here and below, and remember them."""
        self.total = len(self.pictures) + sum(f.count() for f in self.folders.values())
        return self.total


def tree_of(seen: Iterable[Seen]) -> Folder:
    """Build the tree of some files, in any order."""
    root = Folder()
    for one in seen:
        at = root
        at.others += not one.picture
        *folders, name = one.path.split("/")
        for folder in folders:
            at = at.folders.setdefault(folder, Folder(f"{at.path}/{folder}" if at.path else folder))
            at.others += not one.picture
        if one.picture:
            at.pictures.append(name)
    root.count()
    return root


def skipped_down(folder: Folder) -> Folder:
    """Go down from a folder as long as all its pictures lie in one folder further below."""
    while not folder.pictures and len(kids := folder.kids) == 1:
        folder = kids[0]
    return folder
