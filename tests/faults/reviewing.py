"""What the machine that reviews works with, and what it holds an import against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from flask import Flask
from PIL import Image

from embeddings.decisions import Store, with_decisions
from embeddings.ingest import ImportReport
from embeddings.workspace import Workspace
from explorer.data import KEY, Services


@dataclass
class Server:
    """One server with its own connection to a store; answers without a network."""

    app: Flask
    store: Store
    position: int = 0

    @property
    def services(self) -> Services:
        found: Services = self.app.extensions[KEY]
        return found


@dataclass
class Exported:
    """A table that was exported, and from which store."""

    path: Path
    store: str
    rows: list[dict[str, str]] = field(default_factory=list)


def in_force(ws: Workspace, store: Store) -> dict[str, tuple[str, int]]:
    items = with_decisions(ws.items(), store.current())
    pairs = zip(items["decision"], items["decision_batch"], strict=True)
    return {
        str(file): (str(said), int(batch))
        for file, (said, batch) in zip(items["file"], pairs, strict=True)
        if said
    }


def check_that_nothing_was_overruled(
    ws: Workspace,
    store: Store,
    exported: Exported,
    before: dict[str, tuple[str, int]],
    after: dict[str, tuple[str, int]],
    report: ImportReport,
) -> None:
    batches: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in exported.rows:
        if row["decision"]:
            batches[row["sha256"], row["label"]].add(int(row["decision_batch"]))
    reported = {conflict.decision.file for conflict in report.conflicts}
    items = ws.items().set_index("file")
    # equal files are one item: what is reported of one is reported of all
    same = {(items.loc[file, "sha256"], items.loc[file, "label"]) for file in reported}
    for file in before.keys() | after.keys():
        was, now = before.get(file, ("", 0)), after.get(file, ("", 0))
        if was[0] == now[0]:
            continue
        key = (str(items.loc[file, "sha256"]), str(items.loc[file, "label"]))
        if report.insisted and key in same:
            continue
        own = exported.store == store.shown
        if was[0]:  # only who knew of it may decide otherwise
            assert own, (file, was, now)
            assert was[1] in batches[key], (file, was, now)
        else:  # what was taken back here since stays so
            assert not own or batches[key] == {0}, (file, was, now)


def check_that_what_was_not_taken_over_is_reported(
    ws: Workspace,
    exported: Exported,
    after: dict[str, tuple[str, int]],
    report: ImportReport,
) -> None:
    named = {stop.name for stop in report.stopped}
    conflicting = {(c.decision.sha256, c.decision.label) for c in report.conflicts}
    there = defaultdict(set)
    for row in ws.items().itertuples():
        there[str(row.sha256), str(row.label)].add(after.get(str(row.file), ("", 0))[0])
    for row in exported.rows:
        key = (row["sha256"], row["label"])
        if not row["decision"] or row["decision"] in there[key]:
            continue
        # (of several rows on equal files the last counts, which the report counts too)
        assert row["file"] in named or key in conflicting or report.overruled, (
            row,
            [other for other in exported.rows if other["sha256"] == row["sha256"]],
            [
                (r.file, r.label, after.get(r.file))
                for r in ws.items().itertuples()
                if r.sha256 == row["sha256"]
            ],
            report,
        )


def near(one: bytes, other: bytes) -> bool:
    """Whether two pictures of one colour each show the same."""
    first, second = (Image.open(BytesIO(x)).convert("RGB").getpixel((4, 4)) for x in (one, other))
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(first, second, strict=True))
