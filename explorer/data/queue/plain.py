"""Cases as plain values, for the page's own script."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from explorer.data.queue.records import Case, Part

MOST_ROWS = 20_000  # that a page brings along; the rest is asked for case by case


def plain_case(case: Case, *, whole: bool = True, assigned: str = "") -> dict[str, Any]:
    """Return a case as JSON has it; without its rows unless it is ``whole``."""
    return {
        "id": case.id,
        "kind": case.kind,
        "title": list(case.title),
        "said": case.said,
        "why": case.why,
        "score": round(case.score, 4),
        "sure": case.sure,
        "n": len(case.rows),
        "peek": list(case.peek),
        "labels": list(case.labels),
        "assigned": assigned,
        "parts": [_part(part) for part in case.parts] if whole else None,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "letter": part.letter,
        "to": part.to,
        "new": part.new,
        "stays": part.stays,
        "size": part.size,
        "rows": list(part.rows),
        "rules": [{"name": name, "sets": [list(one) for one in sets]} for name, sets in part.rules],
    }


def plain_cases(
    cases: Sequence[Case], decided: Collection[int], assigned: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return cases as JSON has them, with rows for as many of the undecided as a page may hold."""
    out, room = [], MOST_ROWS
    for case in cases:
        size = sum(len(part.rows) for part in case.parts)
        whole = case.waits(decided) and size <= room
        room -= size if whole else 0
        who = assigned.get(case.labels[0], "") if case.labels else ""
        out.append(plain_case(case, whole=whole, assigned=who))
    return out
