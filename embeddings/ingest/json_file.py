"""Read JSON files of other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.decisions import DECIDED_AT, DECIDED_BY, DECISION_BATCH
from embeddings.errors import SourceError
from embeddings.ingest.records import Seen


def read_json(path: Path) -> Any:
    """Read a whole JSON file.

    Raises
    ------
    SourceError
        It is not there, or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:  # ValueError: also a number too long
        raise SourceError(f"{path} can't be read: {error}.", hint="Export it again.") from error


def seen_in(given: Mapping[str, Any]) -> Seen | None:
    """Return the decision that stood when an export of ours was written, if it says so."""
    batch = given.get(DECISION_BATCH)
    if isinstance(batch, bool) or not isinstance(batch, int):
        return None
    return Seen(batch, text(given.get(DECIDED_BY)), text(given.get(DECIDED_AT)))


def text(value: Any) -> str:
    """Return a text as it is and a number as its text; nothing else counts."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
