"""Which kind of disk a folder lies on; locks work differently on network drives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mounts")  # Linux; elsewhere nothing is known
# Several machines may have these open at once, and do not share memory.
NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "gpfs"}
)


def network_drive(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the kind of network drive that a path lies on, as ``nfs4``; "" for a disk of its own.

    Parameters
    ----------
    path
        It may be missing: then where it would lie counts.
    mounts
        The table of what is mounted, as proc(5) has it.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    wanted, found, longest = path.resolve(), "", -1
    for line in lines:
        cells = line.split(" ")
        if len(cells) < 3:
            continue
        place = Path(_unescaped(cells[1]))
        # of two that are mounted over each other the later is seen
        if wanted.is_relative_to(place) and len(place.parts) >= longest:
            found, longest = cells[2], len(place.parts)
    return found if found in NETWORK else ""


def _unescaped(text: str) -> str:
    r"""Undo how blanks are written in the table, as ``\\040``."""
    return re.sub(r"\\([0-7]{3})", lambda digits: chr(int(digits[1], 8)), text)
