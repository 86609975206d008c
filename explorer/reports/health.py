"""Health and confusions of a run, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from embeddings.errors import MissingStageError, UsageError
from embeddings.label_errors import By, confused
from explorer.plain_text import printable, wrapped

if TYPE_CHECKING:
    from embeddings.health import Finding, Health
    from embeddings.label_errors import Confused
    from embeddings.workspace import Workspace

NAMED: Final = 5  # files that are named of each finding
LISTED: Final = 25  # confusions and labels
BY: Final[dict[str, By]] = {"check": "check", "model": "model"}


def health_text(ws: Workspace) -> str:
    """Return the findings on health as text, what matters most first."""
    health, files = _health(ws), ws.items()["file"]
    lines = [*wrapped(health.summary), *wrapped(health.balance.sentence)]
    formats = ", ".join(f"{name} {count:,}" for name, count in health.formats)
    lines += wrapped(f"Formats: {formats}.") if formats else []
    for head, findings in (("", health.problems), ("Probably fine:", health.probably_fine)):
        if findings:
            lines += ["", *([head] if head else [])]
            for finding in findings:
                lines += _finding(finding, files)
    for note in health.notes:
        lines += wrapped(f"Note: {printable(note)}")
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, files: Any) -> list[str]:
    lines = [f"{finding.count:>7,}  {printable(finding.what)}"]
    lines += wrapped(printable(finding.evidence), indent=9)
    for item, detail in list(zip(finding.items, finding.details, strict=True))[:NAMED]:
        said = f": {printable(detail)}" if detail else ""
        lines += wrapped(f"{printable(files.iloc[item])}{said}", indent=13, first=11)
    if len(finding.items) > NAMED:
        lines.append(" " * 11 + f"and {len(finding.items) - NAMED:,} more")
    return lines


def health_json(ws: Workspace) -> str:
    """Return the same as JSON, every file of every finding named."""
    health, files = _health(ws), ws.items()["file"]
    content = {
        "data_set": ws.name,
        "run": ws.run_id,
        "summary": health.summary,
        "balance": {"sentence": health.balance.sentence, "sizes": dict(health.balance.sizes)},
        "formats": dict(health.formats),
        "findings": [
            {
                "kind": f.kind,
                "count": f.count,
                "title": f.title,
                "evidence": f.evidence,
                "weight": f.weight,
                "files": [str(files.iloc[item]) for item in f.items],
                "details": list(f.details),
                "groups": [[str(files.iloc[item]) for item in group] for group in f.groups],
            }
            for f in health.findings
        ],
        "notes": list(health.notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _health(ws: Workspace) -> Health:
    health = ws.health()
    if health is None:
        raise MissingStageError(ws.path, "check")
    return health


def confusion_text(ws: Workspace, by: str) -> str:
    """Return the commonest confusions and the figures of each label as tables."""
    found = _confused(ws, by)
    matrix = found.matrix
    said = "the check of the run" if found.by == "check" else "the model by itself"
    whole, off = int(matrix.count.sum()), sum(one.count for one in found.taken)
    lines = [
        f"{off:,} of {whole:,} images look like another label, says {said}.", "",
        f"{'images':>7}  {'share':>5}  label → taken for (why)",
    ]  # fmt: skip
    lines += [
        f"{one.count:>7,}  {one.share:>5.0%}  {printable(one.label)} → {printable(one.taken_for)} "
        f"({one.reason})"
        for one in found.taken[:LISTED]
    ]
    lines += _more(len(found.taken))
    lines += ["", f"{'images':>7}  {'recall':>6}  {'precision':>9}  {'F1':>4}  label"]
    figures = matrix.worst_labels()
    lines += [
        f"{row.size:>7,}  {_share(row.recall):>6}  {_share(row.precision):>9}  "
        f"{row.f1:>4.2f}  {printable(row.label)}"
        for row in figures[:LISTED]
    ]
    return "\n".join([*lines, *_more(len(figures))]) + "\n"


def confusion_json(ws: Workspace, by: str) -> str:
    """Return cells, reasons and figures as JSON."""
    found = _confused(ws, by)
    matrix = found.matrix
    cells = zip(matrix.given, matrix.predicted, matrix.count, strict=True)
    metrics = matrix.metrics().astype(object).to_dict("records")
    content = {
        "data_set": ws.name,
        "run": ws.run_id,
        "by": found.by,
        "labels": [matrix.names[n] for n in matrix.order],
        "cells": [
            {"label": matrix.names[g], "looks_like": matrix.names[p], "images": int(count)}
            for g, p, count in cells
        ],
        "confusions": [
            {name: getattr(one, name) for name in type(one).__slots__} for one in found.taken
        ],
        "metrics": [{k: None if v != v else v for k, v in row.items()} for row in metrics],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _confused(ws: Workspace, by: str) -> Confused:
    if by not in BY:
        raise UsageError(f"Nobody named {by} can be asked.", hint="Use --by check or --by model.")
    found = confused(ws.items(), BY[by])
    if found is None:
        raise UsageError(
            "The model knows none of the labels by name."
            if by == "model"
            else "This run has no cross-check.",
            hint="Use --by check." if by == "model" else f"Run `rosette cluster {ws.path}`.",
        )
    return found


def _more(count: int) -> list[str]:
    return [f"         and {count - LISTED:,} more (--json has all)"] if count > LISTED else []


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"
