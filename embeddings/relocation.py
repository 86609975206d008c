"""Relocation: tell a workspace where its images are after their folder was moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.images import Pictures
from embeddings.storage import is_remote
from embeddings.workspace import HASHES_FILE, Workspace

SAMPLE: Final = 64  # files whose contents are compared, spread evenly


@dataclass(frozen=True, slots=True)
class Relocated:
    """What was found at the new place: how many files, how many of them are there.

    Of ``compared`` files the contents were held against the run's; ``changed`` hold other pictures.
    """

    root: str
    files: int
    there: int
    compared: int
    changed: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Say it in a few lines."""
        said = [f"The images are in {self.root}: {self.there:,} of {self.files:,} files are there."]
        if self.changed:
            said.append(
                f"{len(self.changed):,} of {self.compared:,} that were compared hold other "
                f"pictures than the run saw: {', '.join(self.changed[:3])}."
            )
        return tuple(said)


def relocate(workspace: str | Path, new_root: str | Path) -> Relocated:
    """Have a workspace look for its images in ``new_root``.

    Findings, decisions and embeddings stay. What lies at the new place is looked at first: a folder
    that holds none of the files, or mostly other pictures under their names, is refused.

    Raises
    ------
    UsageError
        ``new_root`` is no folder, or not where these images are.
    WorkspaceError
        No workspace, or another process writes to it.
    """
    ws = Workspace.open(workspace)
    if is_remote(ws.info.root):
        raise UsageError(
            f"{ws.path} is about images in remote storage.", hint="Run it again on the new address."
        )
    root = Path(new_root)
    if not root.is_dir():
        raise UsageError(f"{root} is no folder.", hint="Give the folder that holds the images.")
    root = root.resolve()
    frame = ws.items() if ws.info.run_id else ws.manifest()
    pairs = [
        (str(file), str(sha))
        for file, sha in zip(frame[c.FILE], frame[c.SHA256].fillna(""), strict=True)
        if sha
    ]
    found = _look(Pictures(str(root), ws.path / HASHES_FILE), str(root), pairs)
    if pairs and not found.there:
        example = pairs[0][0]
        raise UsageError(
            f"{root} holds none of the {len(pairs):,} images, such as {example}.",
            hint="Give the folder that this path is relative to.",
        )
    if found.compared and 2 * len(found.changed) > found.compared:
        raise UsageError(
            f"{root} holds other pictures under the same names: {len(found.changed):,} of "
            f"{found.compared:,} that were compared, such as {found.changed[0]}.",
            hint="Give the folder that holds the images of this workspace.",
        )
    with ws.lock():
        now = Workspace.open(workspace)
        changes = {"root": str(root)}
        if _is_same(now.info.source, now.info.root):
            changes["source"] = str(root)
        now.update(**changes)
    return found


def _look(pictures: Pictures, root: str, pairs: list[tuple[str, str]]) -> Relocated:
    there = [pair for pair in pairs if pictures.path(pair[0]) is not None]
    sample = there[:: max(1, len(there) // SAMPLE)]
    states = pictures.states(sample)
    changed = tuple(
        file for (file, _), state in zip(sample, states, strict=True) if state == "changed"
    )
    return Relocated(root, len(pairs), len(there), len(sample), changed)


def _is_same(source: str, root: str) -> bool:
    """Whether the source was the folder of images itself, rather than a table beside it."""
    return Path(source).resolve() == Path(root).resolve()
