"""What a page posts, read with care: every value may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, jsonify, request

from embeddings.errors import RosetteError
from explorer.api.images import current
from explorer.data import Dataset, Decisions, services


def writable(run: str) -> tuple[Dataset, Decisions]:
    """Return what is decided on; answers 403 where the app only shows."""
    dataset = current(run)
    decisions = services().decisions
    if decisions is None:
        abort(403)
    decisions.follow()
    return dataset, decisions


def posted() -> Mapping[str, Any]:
    """Return the posted JSON object; answers 400 to anything else."""
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        abort(400)
    return content


def reviewer(given: Mapping[str, Any]) -> str:
    """Return who decides."""
    return text(given, "reviewer") or services().reviewer


def text(given: Mapping[str, Any], name: str) -> str | None:
    """Return a text that is not blank, or None."""
    value = given.get(name)
    return value if isinstance(value, str) and value.strip() else None


def whole(given: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number, or None."""
    value = given.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def refused(error: RosetteError, status: int, **more: Any) -> Response:
    """Answer with what went wrong and what to do."""
    response = jsonify({"error": str(error), **more})
    response.status_code = status
    return response
