"""Paths as other computers and programs write them: addresses, uploads, Windows."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_ADDRESSES: Final = ("http://", "https://", "file://", "s3://", "gs://", "hf://")
# Label Studio puts eight hex digits before the name of a file that was uploaded to it.
UPLOADED: Final = re.compile(r"/data/upload/\d+/(?:[0-9a-f]{8}-)?([^/]+)$")


def paths_meant(name: str) -> tuple[str, ...]:
    """Return the paths that a name may stand for: as it is first, then read as an address."""
    found = [name]
    if "/data/local-files/" in name and (query := parse_qs(urlsplit(name).query).get("d")):
        found.append(query[0])
    if upload := UPLOADED.search(name):
        found.append(unquote(upload[1]))
    elif name.startswith(_ADDRESSES):
        found.append(unquote(urlsplit(name).path))
    found += [path.replace("\\", "/") for path in found if "\\" in path]  # as Windows has it
    return tuple(dict.fromkeys(found))
