"""Mask private text for a log or a bug report: paths, user names, secrets."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from embeddings.errors import WorkspaceError
from embeddings.workspace import Workspace

# user:password@ of any address, and parameters after a question mark
_LOGIN: Final = re.compile(r"(?<=://)[^\s@]*@(?=[^\s@]*)")
_SECRET: Final = re.compile(r"(?i)\b(token|password|passwd|secret|key)(\s*[=:]\s*)[^\s&'\",;)]+")
_ABSOLUTE: Final = re.compile(r"(?<![\w:/.~<>])/[^\s/'\",;:)][^\s'\",;:)]*")


class Mask:
    """Rewrites texts: paths below the data set and the workspace become relative, others go.

    Parameters
    ----------
    workspace
        The workspace's folder; the root of its data set is read from it when it is first needed.
    others
        Paths to take out whole: the end of a path with a space in it can't be recognised.
    """

    def __init__(self, workspace: Path | None = None, *, others: Iterable[str] = ()) -> None:
        self._workspace = workspace
        self._others = [*others, str(Path.home())]
        self._root: str | None = None
        self._user = user_name()

    def __call__(self, text: str) -> str:
        """Return ``text`` fit for a log or a bug report."""
        text = _LOGIN.sub("***@", text)
        text = _SECRET.sub(r"\1\2***", text)
        for path, stands in self._known():
            text = re.sub(rf"(?<![\w/.~-]){re.escape(path)}(?=$|[/\s'\",;:).])/?", stands, text)
        text = _ABSOLUTE.sub("<path>", text)
        if self._user:
            text = re.sub(rf"(?<!\w){re.escape(self._user)}(?!\w)", "<user>", text)
        return text

    def _known(self) -> list[tuple[str, str]]:
        """Return paths and what stands for them, the longest first."""
        known = dict.fromkeys(self._others, "<path>/")
        if self._workspace is not None:
            for path in (str(self._workspace), str(self._workspace.resolve())):
                known[path] = "<workspace>/"
            if root := self._root_of_images():
                known[root] = "<data>/"
        known = {path: stands for path, stands in known.items() if len(path) > 1}  # not / or .
        return sorted(known.items(), key=lambda pair: -len(pair[0]))

    def _root_of_images(self) -> str:
        if self._root is None and self._workspace is not None:
            try:
                self._root = Workspace.open(self._workspace).info.root
            except (WorkspaceError, OSError):
                return ""  # not there yet
        return self._root or ""


def user_name() -> str:
    """Return the user who runs this, or "" where there is no name, or a generic one."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may have no name
        return ""
    return "" if name in ("root", "user") or len(name) < 3 else name
