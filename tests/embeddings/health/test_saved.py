"""The state of a data set is read as it was written, or clearly not at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import columns as c
from embeddings.errors import WorkspaceError
from embeddings.health import Balance, Finding, Health, read_health, write_health
from embeddings.health.records import WEIGHTS

ITEMS = pd.DataFrame({c.FILE: [f"{n}.jpg" for n in range(9)], c.LABEL: ["a", "b", "c"] * 3})
words = st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def findings(draw: st.DrawFn) -> tuple[Finding, ...]:
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(WEIGHTS)), unique=True, max_size=4)):
        items = draw(st.lists(st.integers(0, 8), unique=True, min_size=1))
        cut = draw(st.integers(0, len(items)))
        groups = tuple(g for g in (tuple(items[:cut]), tuple(items[cut:])) if g)
        found.append(
            Finding(
                kind,
                tuple(items),
                tuple(draw(words) for _ in items),
                len(items),
                draw(words),
                draw(words),
                WEIGHTS[kind],
                groups if draw(st.booleans()) else (),
            )
        )
    return tuple(found)


@given(findings(), words)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, found: tuple[Finding, ...], note: str
) -> None:
    folder = tmp_path_factory.mktemp("run")
    balance = Balance((("a", 3), ("b", 3)), 1.0, "Even.")
    health = Health(found, balance, (("JPEG", 9),), "Healthy.", (note,))
    write_health(folder, health, ITEMS)
    assert read_health(folder) == health


def test_nothing_and_damaged(tmp_path: Path) -> None:
    assert read_health(tmp_path) is None
    write_health(tmp_path, Health((), Balance((), 1.0, ""), (), ""), ITEMS)
    (tmp_path / "health.parquet").write_bytes(b"not a table")
    with pytest.raises(WorkspaceError, match="rosette check"):
        read_health(tmp_path)
    (tmp_path / "health.json").write_text("{")
    with pytest.raises(WorkspaceError, match="damaged"):
        read_health(tmp_path)
