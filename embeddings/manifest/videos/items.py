"""The pictures of videos as items: written below the workspace, each video in a folder of its own.

``walk/clip.mp4`` becomes ``walk/clip.mp4/t00000.jpg``, ``walk/clip.mp4/t00001.jpg`` …, numbered by
the second. A video that did not change since is not read again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from embeddings import columns
from embeddings.errors import ImageError, SourceError
from embeddings.images import frames_of
from embeddings.manifest.entries import Entry, some
from embeddings.manifest.listing import Wanted
from embeddings.storage import atomic_path, write_text

_DONE: Final = "frames.json"  # in the folder of a video: what was read of which file
_SPARE: Final = 1 << 30  # bytes that stay free on the disk
_BETWEEN_LOOKS: Final = 64  # pictures that are written before the free space is looked at again


def items_of_videos(
    videos: Sequence[Entry], name: str, wanted: Wanted
) -> tuple[list[Entry], list[str], Path]:
    """List a picture a second of each video, with the label and subset of the video.

    Parameters
    ----------
    videos
        The videos as items, ``path`` leading to each; one without a path is returned as it is.
    name
        What to call the folder of the pictures.

    Returns
    -------
    entries, notes, folder
        A video without a picture is an item with the reason.

    Raises
    ------
    SourceError
        There is no folder to write to, or no room.
    """
    if wanted.unpack_to is None:
        raise SourceError(
            f"{name} holds videos, and there is no folder to write their pictures to.",
            hint="Give a workspace, or unpack_to=FOLDER.",
        )
    folder = wanted.unpack_to / f"{name}-frames"
    entries: list[Entry] = []
    cut_short: list[str] = []
    for done, video in enumerate(videos, start=1):
        if not isinstance(video.path, Path):  # refused before
            entries.append(video)
            continue
        names, reason, remedy = _frames(video.path, folder / video.file)
        entries += [
            replace(video, file=f"{video.file}/{one}", path=folder / video.file / one)
            for one in names
        ]
        if not names:
            entries.append(
                replace(video, path=None, status=columns.UNREADABLE, reason=reason, remedy=remedy)
            )
        elif reason:
            cut_short.append(video.file)
        wanted.progress(done, len(videos), "frames")
    written = sum(entry.path is not None for entry in entries)
    notes = [f"{written:,} pictures, one a second, of {len(videos):,} videos are in {folder}."]
    if cut_short:
        notes.append(
            f"{len(cut_short)} videos are broken further on; what comes before counts: "
            f"{some(cut_short)}."
        )
    return entries, notes, folder


def _frames(video: Path, folder: Path) -> tuple[list[str], str, str]:
    """Write the pictures of a video; return their names, and why no more are there, if so."""
    try:
        seen = video.stat()
    except OSError as error:
        return [], f"the video can't be opened: {error.strerror}", "Make it readable."
    of = {"bytes": seen.st_size, "mtime_ns": seen.st_mtime_ns}
    known = _known(folder, of)
    if known is not None:
        return known
    if folder.is_dir():
        shutil.rmtree(folder)  # of another version of the video
    names: list[str] = []
    reason = remedy = ""
    try:
        for second, content in frames_of(video):
            if len(names) % _BETWEEN_LOOKS == 0:
                folder.mkdir(parents=True, exist_ok=True)
                _refuse_full(folder)
            names.append(f"t{second:05d}.jpg")
            with atomic_path(folder / names[-1]) as temporary:
                temporary.write_bytes(content)
    except ImageError as error:
        reason, remedy = error.message, error.hint
    if not names and not reason:
        reason, remedy = "there is no picture in it", "Leave it out."
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {**of, "names": names, "reason": reason, "remedy": remedy}
    write_text(folder / _DONE, json.dumps(told))
    return names, reason, remedy


def _known(folder: Path, of: dict[str, int]) -> tuple[list[str], str, str] | None:
    """Return what an earlier scan made of the same video, None where it did not or it is gone."""
    try:
        told = json.loads((folder / _DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if any(told.get(key) != value for key, value in of.items()):
        return None
    names = told["names"]
    return (
        (names, told["reason"], told["remedy"])
        if all((folder / one).is_file() for one in names)
        else None
    )


def _refuse_full(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _SPARE:
        raise SourceError(
            f"There are {free / 2**30:,.1f} GB left below {folder} for the pictures of videos.",
            hint="Give a workspace on a larger disk.",
        )
