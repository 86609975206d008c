"""Where a model fails, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from explorer.plain_text import printable, wrapped

if TYPE_CHECKING:
    from embeddings.slices import Slice
    from embeddings.workspace import Workspace

MOST: Final = 20  # slices that are told in full
WORST: Final = 8  # labels that are named
HOW: Final = (
    "There are no predictions of a model here. Give them: `rosette slices WS --predictions FILE` "
    "(.csv, .parquet or .npz with file and predicted label)."
)


def slices_text(ws: Workspace) -> str:
    """Return the slices on which the model fails, what mending gains most first."""
    report = ws.slices()
    if report is None:
        return "\n".join(wrapped(HOW)) + "\n"
    failing = report.failing
    said = {0: "no slice", 1: "one slice"}.get(len(failing), f"{len(failing):,} slices")
    lines = [
        f"Your model is right on {report.right:,} of {report.counted:,} images "
        f"({report.right / max(1, report.counted):.1%}) and fails on {said}.",
        "",
    ]
    for number, one in enumerate(failing[:MOST], start=1):
        lines += _told(number, one)
    if len(failing) > MOST:
        lines += [f"and {len(failing) - MOST:,} more (--json shows them)", ""]
    worst = [s for s in report.labels if s.right < s.counted][:WORST]
    if worst:
        names = ", ".join(
            f"{printable(s.label)} {s.accuracy:.0%} ({s.low:.0%} to {s.high:.0%})" for s in worst
        )
        lines += [*wrapped(f"Least accurate labels: {names}."), ""]
    for note in report.notes:
        lines += wrapped(f"Note: {printable(note)}")
    return "\n".join(lines).rstrip() + "\n"


def _told(number: int, s: Slice) -> list[str]:
    where = printable(s.label) if s.label else "all labels"
    lines = [f"{number:3}. {where}: {printable(s.name)}, {len(s.items):,} images"]
    lines += wrapped(printable(s.sentence), indent=5, first=5)
    lines += [
        f"     About {s.errors_above:.0f} errors above its label's. Next: {s.next_step}.",
        "",
    ]
    return lines


def slices_json(ws: Workspace) -> str:
    """Return all slices and labels as JSON."""
    report = ws.slices()
    content: dict[str, Any] = {"data_set": ws.name, "run": ws.run_id, "predictions": None}
    if report is not None:
        rows = report.frame().astype(object).to_dict("records")
        content["predictions"] = {
            "counted": report.counted,
            "right": report.right,
            "evidence": report.evidence,
            "notes": list(report.notes),
            "slices": [{str(k): None if v != v else v for k, v in row.items()} for row in rows],
        }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
