"""Which items are flagged, and what a scope keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export import Scope, flagged, format_named, scoped, write
from tests.embeddings.export.making import FOR_ANY_ITEMS, zoo


def test_flagged_are_the_decided_the_suspicious_and_the_odd_clusters_of_splits(
    tmp_path: Path,
) -> None:
    source = zoo(tmp_path)
    items = source.items
    odd = (items[c.CLUSTER] == 1) & items[c.LABEL].isin(["a & b # 100%: =x", "jaguar"])
    assert list(flagged(source)) == list(odd)
    assert 0 < odd.sum() < len(items)
    items.loc[0, c.DECISION] = "keep"
    items.loc[1, c.SUSPICION] = 0.5
    items.loc[2, c.SUSPICION] = 0.49
    assert list(np.flatnonzero(flagged(source) != odd)) == [0, 1]


def test_a_run_without_findings_flags_nothing(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    bare = replace(
        source,
        items=source.items[[c.FILE, c.LABEL, c.CLUSTER]],
        classes=source.classes[[c.LABEL]],
        clusters=source.clusters[[c.LABEL, c.CLUSTER]],
    )
    assert not flagged(bare).any()


def test_all_is_the_source_itself(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    assert scoped(source, Scope()) is source


def test_a_label_keeps_its_rows_and_their_embeddings(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    part = scoped(source, Scope.parse("label:jaguar"))
    rows = np.flatnonzero(source.items[c.LABEL] == "jaguar")
    assert list(part.items[c.FILE]) == list(source.items[c.FILE].iloc[rows])
    assert list(part.items.index) == list(range(len(rows)))
    assert set(part.classes[c.LABEL]) == set(part.clusters[c.LABEL]) == {"jaguar"}
    some = np.array([3, 0], dtype=np.intp)
    np.testing.assert_array_equal(part.embeddings(some), source.embeddings(rows[some]))


def test_scopes_can_be_nested(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    part = scoped(scoped(source, Scope.parse("label:jaguar")), Scope.parse("flagged"))
    assert set(part.items[c.LABEL]) == {"jaguar"}
    assert set(part.items[c.CLUSTER]) == {1}


def test_a_selection_is_by_file(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    wanted = list(source.items[c.FILE].iloc[[4, 20]])
    assert list(scoped(source, Scope.selection(wanted)).items[c.FILE]) == wanted


@pytest.mark.parametrize("scope", [Scope.parse("label:cow"), Scope.selection(["none.jpg"])])
def test_an_empty_scope_is_refused(tmp_path: Path, scope: Scope) -> None:
    with pytest.raises(UsageError, match="nothing to export"):
        scoped(zoo(tmp_path), scope)


def test_words_that_are_no_scope_or_format() -> None:
    with pytest.raises(UsageError, match="no scope 'some'"):
        Scope.parse("some")
    with pytest.raises(UsageError, match=r"no export format 'word'.*csv.*imagefolder"):
        format_named("word")


@pytest.mark.parametrize("name", FOR_ANY_ITEMS)
def test_every_format_writes_every_scope_tells_progress_and_leaves_no_half_files(
    tmp_path: Path, name: str
) -> None:
    source = zoo(tmp_path / "images", images=True)
    for scope in ("all", "flagged", "label:jaguar"):
        told: list[tuple[int, int]] = []
        out = tmp_path / scope.replace(":", "-")
        done = write(
            name, source, out, scope=scope, progress=lambda d, t, _, told=told: told.append((d, t))
        )
        assert all(path.exists() for path in done.files)
        assert told
        assert told[-1][0] == told[-1][1]
        assert not list(out.rglob(".*"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", FOR_ANY_ITEMS)
def test_the_same_source_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    source = zoo(tmp_path / "images", images=True)

    def contents(out: Path) -> dict[str, bytes]:
        write(name, source, out)
        return {
            str(path.relative_to(out)): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }

    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_decided_keeps_what_was_decided_on(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    source.items.loc[[0, 3], c.DECISION] = ["keep", "relabel: car"]
    part = scoped(source, Scope.parse("decided"))
    assert list(part.items[c.FILE]) == list(source.items[c.FILE].iloc[[0, 3]])
