"""Files in remote storage: ``s3://…``, ``gs://…`` and other addresses that fsspec knows.

An image is read whole by one request; what is listed brings its size and a stamp that changes when
the file does. A file that is gone or may not be read concerns that image alone (``ImageError``).
Storage that does not answer ends the run, which can be started again later and resumes.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from embeddings.errors import ImageError, MissingExtraError, SourceError, UsageError

LARGEST: Final = 256 * 2**20
"""Bytes of a remote image at most, since it is held in memory as a whole."""

# What storage libraries raise beside OSError, by the module that defines it.
_FOREIGN: Final = {
    "botocore.exceptions": "BotoCoreError",
    "aiohttp": "ClientError",
    "google.auth.exceptions": "GoogleAuthError",
}
_STAMPS: Final = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "updated", "created")


def is_remote(source: object) -> bool:
    """Whether ``source`` is an address (``protocol://…``) rather than a path of this machine."""
    return "://" in str(source)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file by its address; ``size`` in bytes and ``stamp`` as the listing gave them."""

    url: str
    size: int = 0
    stamp: int = 0

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> RemoteFile:
        """Return the file called ``name`` below this address."""
        return RemoteFile(f"{self.url.rstrip('/')}/{name}")

    def read(self, first: int | None = None) -> bytes:
        """Read the file, or its ``first`` bytes.

        Raises
        ------
        ImageError
            It is gone, may not be read, or is too large.
        SourceError
            The storage does not answer.
        """
        try:
            with answering(self.url):
                fs, path = _opened(self.url)
                content: bytes = fs.cat_file(path, start=0, end=first or LARGEST + 1)
        except FileNotFoundError as error:
            raise ImageError("the file is gone", hint="Scan the data set again.") from error
        except PermissionError as error:
            raise ImageError("permission denied", hint="Make the file readable.") from error
        if len(content) > LARGEST:
            raise ImageError(
                f"it is larger than the {LARGEST >> 20} MiB that are read from remote storage",
                hint="Make it smaller.",
            )
        return content


@dataclass(frozen=True, slots=True)
class Fetched(RemoteFile):
    """A remote file that was read already, so that two looks at it are one request."""

    content: bytes = b""

    def read(self, first: int | None = None) -> bytes:
        """Return the content, or its ``first`` bytes."""
        return self.content[:first]


def checked(url: str) -> str:
    """Return an address without a slash at its end.

    Raises
    ------
    UsageError
        It holds a name or a password, which would be kept in the workspace.
    """
    if urlsplit(url).username is not None:
        raise UsageError(
            "The address holds a name or a password, which would be written to the workspace.",
            hint="Give them in the way of the storage's own tools (environment, profile, role).",
        )
    return url.rstrip("/")


def listed(url: str) -> Iterator[tuple[str, RemoteFile]]:
    """Yield every file below ``url``: its path relative to it in POSIX form, and the file.

    Raises
    ------
    SourceError
        There is no such place, or the storage does not answer.
    """
    try:
        with answering(url):
            fs, root = _opened(url)
            found: dict[str, dict[str, Any]] = fs.find(root, detail=True)
    except (FileNotFoundError, PermissionError) as error:
        raise SourceError(
            f"{url} can't be listed: {_one_line(error)}.", hint="Check the address and the rights."
        ) from error
    below = root.rstrip("/") + "/"
    for name, info in found.items():
        if name.startswith(below):  # the root itself may be an object, too
            file = name.removeprefix(below)
            size = int(info.get("size") or 0)
            yield file, RemoteFile(f"{url}/{file}", size, _stamp(info))


@contextmanager
def answering(url: str) -> Iterator[None]:
    """Turn the many ways in which storage fails to answer into one error.

    ``FileNotFoundError`` and ``PermissionError`` are answers, and pass.
    """
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except _failures() as error:
        raise SourceError(
            f"{url} does not answer: {_one_line(error)}.",
            hint="Check network and credentials, then run the same command again to go on.",
        ) from error


def _opened(url: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it; instances are kept by fsspec."""
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("fsspec, which reads remote storage,", "ray") from error
    try:
        fs, path = fsspec.url_to_fs(url)
    except ImportError as error:  # it names the package of that storage
        raise SourceError(
            f"{url} needs a package that is not installed.", hint=f"{_one_line(error)}."
        ) from error
    return fs, path


def _failures() -> tuple[type[Exception], ...]:
    """Return what storage raises: errors of the system, and of those libraries that are loaded."""
    loaded = ((sys.modules.get(module), name) for module, name in _FOREIGN.items())
    foreign = (getattr(module, name) for module, name in loaded if module is not None)
    return (OSError, ValueError, *foreign)


def _stamp(info: dict[str, Any]) -> int:
    """Return a positive number that changes when the file does, or 0 where nothing tells."""
    said = "\0".join(f"{key}={info[key]}" for key in _STAMPS if info.get(key))
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:7], "big") | 1 if said else 0


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
