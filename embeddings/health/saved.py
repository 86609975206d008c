"""Health on disk: a table that any tool reads, and a JSON file with its sentences.

``health.parquet`` has one row per finding and item; ``health.json`` the findings in their order,
the balance, formats, summary and notes. The second is written last: without it nothing was saved.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from embeddings.errors import WorkspaceError
from embeddings.health.records import Balance, Finding, Health
from embeddings.storage import write_frame, write_text

if TYPE_CHECKING:
    import pandas as pd

TABLE: Final = "health.parquet"
WORDS: Final = "health.json"
SCHEMA: Final = 1
_WORDS: Final = ("count", "what", "evidence")


def write_health(folder: Path, health: Health, items: pd.DataFrame) -> None:
    """Write what ``health`` says of ``items`` into a folder."""
    content = {
        "schema": SCHEMA,
        "summary": health.summary,
        "notes": health.notes,
        "formats": health.formats,
        "balance": {
            "sizes": health.balance.sizes,
            "ratio": health.balance.ratio,
            "sentence": health.balance.sentence,
        },
        "findings": [
            {name: getattr(finding, name) for name in ("kind", *_WORDS, "weight")}
            for finding in health.findings
        ],
    }
    write_frame(folder / TABLE, health.frame(items))
    write_text(folder / WORDS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_health(folder: Path) -> Health | None:
    """Read what was written into a folder, or None where nothing was.

    Raises
    ------
    WorkspaceError
        What is there is damaged.
    """
    import pandas as pd

    file = folder / WORDS
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            return None
        table = pd.read_parquet(folder / TABLE)
        parts = dict(iter(table.groupby("kind", sort=False)))
        balance = content["balance"]
        return Health(
            findings=tuple(_finding(words, parts[words["kind"]]) for words in content["findings"]),
            balance=Balance(
                tuple((str(label), int(size)) for label, size in balance["sizes"]),
                float(balance["ratio"]),
                str(balance["sentence"]),
            ),
            formats=tuple((str(name), int(count)) for name, count in content["formats"]),
            summary=str(content["summary"]),
            notes=tuple(str(note) for note in content["notes"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{file} or the table beside it is damaged: {error}.",
            hint="Make it anew with `rosette check WORKSPACE`.",
        ) from error


def _finding(words: dict[str, Any], part: pd.DataFrame) -> Finding:
    copies = part[part["group"] >= 0]
    groups = tuple(tuple(int(i) for i in members) for _, members in copies.groupby("group")["item"])
    return Finding(
        kind=str(words["kind"]),
        items=tuple(int(i) for i in part["item"]),
        details=tuple(str(detail) for detail in part["detail"]),
        count=int(words["count"]),
        what=str(words["what"]),
        evidence=str(words["evidence"]),
        weight=float(words["weight"]),
        groups=groups,
    )
