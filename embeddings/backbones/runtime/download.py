"""Fetching a file of weights once, with progress, and never half of it."""

from __future__ import annotations

import hashlib
import http.client
import urllib.request
from pathlib import Path
from typing import Final

from embeddings.errors import ModelError
from embeddings.records import Progress
from embeddings.storage import atomic_path

_TIMEOUT: Final = 30  # seconds without a byte
_BLOCK: Final = 1 << 18


def fetch(url: str, target: Path, *, digest: str, what: str, progress: Progress) -> None:
    """Download ``url`` to ``target``; ``digest`` is its MD5 or SHA-256, hex.

    ``progress`` is told bytes done and in all.

    Raises
    ------
    ModelError
        It can't be had, or is not what it should be; nothing is left behind.
    """
    hint = f"Put {url} at {target}, or use --model embedded, which needs no download."
    check = hashlib.new("md5" if len(digest) == 32 else "sha256", usedforsecurity=False)
    try:
        with (
            atomic_path(target) as temporary,
            urllib.request.urlopen(url, timeout=_TIMEOUT) as answer,
        ):
            total = int(answer.headers.get("Content-Length") or 0)
            done = 0
            with temporary.open("wb") as handle:
                while block := answer.read(_BLOCK):
                    handle.write(block)
                    check.update(block)
                    done += len(block)
                    progress(done, max(total, done), f"download {what}")
            if check.hexdigest() != digest:
                raise ModelError(f"The weights of {what} came damaged ({url}).", hint=hint)
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(
            f"The weights of {what} are not here and can't be downloaded ({error}).", hint=hint
        ) from error
