"""Answer malformed requests with 400 or 404 before any handler reads them.

Python reads JSON that no database, array or text can hold: numbers of any length, NaN, half a
surrogate pair, a thousand levels. A request to a callback may name one that does not exist, or
other inputs than it has, and an address a part that Dash does not have. Dash would answer 500 to
these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import Dash
from dash.exceptions import DependencyException
from flask import Response, request
from werkzeug.exceptions import BadRequest

CALLBACK: Final = "/_dash-update-component"
DEEPEST: Final = 32  # levels
_LARGEST: Final = 2**53  # beyond it, browsers can't tell whole numbers apart


def register(app: Dash) -> None:
    """Check the requests to an app."""

    def look() -> Response | None:
        if request.method != "POST" or request.mimetype != "application/json":
            return None
        try:
            body = request.get_json()
        except RecursionError:
            return _bad("That is nested too deeply.")
        except BadRequest:
            return _bad("That is no JSON.")
        wrong = unfit(body)
        if wrong is None and request.path == CALLBACK:
            wrong = no_question(body, app.callback_map)
        return None if wrong is None else _bad(wrong)

    def no_part(error: DependencyException) -> Response:
        return _line(404, "There is no such part.")  # Dash's own message lists its files

    app.server.before_request(look)
    app.server.register_error_handler(DependencyException, no_part)


def unfit(value: object) -> str | None:
    """Return what is invalid in a parsed JSON value, or None."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        below: list[object] = []
        for one in level:
            if isinstance(one, str):
                if not one.isascii() and _broken(one):
                    return "A text holds half a character."
            elif isinstance(one, bool) or one is None:
                continue
            elif isinstance(one, int | float):
                if not -_LARGEST <= one <= _LARGEST:  # NaN is in no order
                    return "A number is too large."
            elif isinstance(one, dict):
                below.extend(one)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return None
        level = below
    return "That is nested too deeply."


def no_question(body: object, callbacks: Mapping[str, Any]) -> str | None:
    """Return why a body is no valid request to a callback, or None.

    Parameters
    ----------
    body
        The parsed JSON: ``output``, ``outputs``, ``inputs``, ``state``, ``changedPropIds``.
    callbacks
        Dash's own table, by output.
    """
    if not isinstance(body, dict):
        return "That is no question."
    output = body.get("output")
    asked = callbacks.get(output) if isinstance(output, str) else None
    if asked is None or "callback" not in asked:
        return "There is no such question."
    for name, wanted in (("inputs", asked["inputs"]), ("state", asked["state"])):
        if not _fit(body.get(name, []), [(one["id"], one["property"]) for one in wanted]):
            return f"The {name} are not those of this question."
    named = _outputs(str(output))
    outputs = body.get("outputs")
    if not _fit(outputs if str(output).startswith("..") else [outputs], named):
        return "The outputs are not those of this question."
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        return "What changed is not said in words."
    return None


def _fit(given: object, wanted: Sequence[tuple[str, str]]) -> bool:
    return (
        isinstance(given, list)
        and len(given) == len(wanted)
        and all(_fits(one, *place) for one, place in zip(given, wanted, strict=True))
    )


def _fits(given: object, ident: str, name: str) -> bool:
    """Say whether something is the place it should be; a pattern stands for any number of them."""
    if not ident.startswith("{"):
        return (
            isinstance(given, dict) and given.get("id") == ident and given.get("property") == name
        )
    return all(
        isinstance(one, dict) and isinstance(one.get("id"), dict) and one.get("property") == name
        for one in (given if isinstance(given, list) else [given])
    )


def _outputs(output: str) -> list[tuple[str, str]]:
    named = output[2:-2].split("...") if output.startswith("..") else [output]
    return [(ident, name) for ident, _, name in (one.rpartition(".") for one in named)]


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _bad(said: str) -> Response:
    return _line(400, said)


def _line(status: int, said: str) -> Response:
    return Response(said + "\n", status, mimetype="text/plain")
