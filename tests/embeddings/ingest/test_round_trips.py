"""Every export that has an import: what goes out comes back, whatever the names."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from embeddings import columns as c
from embeddings import export, ingest
from embeddings.decisions.records import Choice
from embeddings.export.common.source import ExportSource
from embeddings.ingest.matching import Imported
from tests.embeddings.export.making import NASTY_NAMES, make_source
from tests.embeddings.ingest.saying import annotated, flattened, reviews, written

Review = list[tuple[str, str, Choice | None]]


def through_csv(source: ExportSource, out: Path) -> Path:
    return export.write("csv", source, out).files[0]


def through_fiftyone(source: ExportSource, out: Path) -> Path:
    return export.write("fiftyone", source, out).files[0]


def through_labelstudio(source: ExportSource, out: Path) -> Path:
    tasks = json.loads(export.write("labelstudio", source, out).files[1].read_text("utf-8"))
    return written(out / "export.json", annotated(tasks))


def through_labelstudio_min(source: ExportSource, out: Path) -> Path:
    tasks = json.loads(export.write("labelstudio", source, out).files[1].read_text("utf-8"))
    return written(out / "export-min.json", flattened(tasks))


WAYS = [through_csv, through_fiftyone, through_labelstudio, through_labelstudio_min]


def source_of(review: Review) -> ExportSource:
    files, labels, choices = zip(*review, strict=True)
    texts = [choice.text if choice else "" for choice in choices]
    return make_source(Path("/images"), files, labels, decisions=texts)


def decisions(done: Imported) -> dict[str, tuple[str, str | None]]:
    return {d.file: (d.action, d.to_label) for d in done.decisions}


def in_force(done: Imported) -> pd.DataFrame:
    rows = [(d.sha256, d.file, d.label, d.action, d.to_label) for d in done.decisions]
    return pd.DataFrame(rows, columns=["sha256", "file", "label", "action", "to_label"])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(review=reviews())
def test_what_goes_out_comes_back(
    way: Callable[[ExportSource, Path], Path], review: Review
) -> None:
    source = source_of(review)
    with tempfile.TemporaryDirectory() as folder:
        done = ingest.read_decisions(way(source, Path(folder)), source.items)
    expected = {f: (ch.action, ch.to_label) for f, _, ch in review if ch is not None}
    if "labelstudio" in way.__name__:
        # there a person looked at every task, and accepted what was suggested
        for file, label, choice in review:
            if choice is None:
                row = source.items[source.items[c.FILE] == file].iloc[0]
                hint = row[c.SUGGESTED_LABEL]
                same = pd.isna(hint) or hint == label
                expected[file] = ("keep", None) if same else ("relabel", hint)
    assert decisions(done) == expected
    assert done.report.problems == done.report.stopped == ()
    assert done.report.matched == len(review)
    again = ingest.match(
        ingest.Answers("again", ()), source.items, in_force(done)
    )  # nothing said, nothing changed
    assert again.report.changed == ()


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, ExportSource]:
    """A file of each format with nasty names and every sort of decision, and its source."""
    files = [f"d/{name}.jpg" for name in NASTY_NAMES]
    cycle = ["relabel: =1+1", "remove", "keep", "unsure", "relabel: a,b", "relabel: سيارة"]
    texts = [cycle[n % len(cycle)] for n in range(len(files))]
    source = make_source(tmp_path / "images", files, ["x y"] * len(files), decisions=texts)
    return request.param(source, tmp_path / "out"), source


def test_importing_twice_changes_nothing(both: tuple[Path, ExportSource]) -> None:
    file, source = both
    first = ingest.read_decisions(file, source.items, reviewer="Mara")
    assert len(first.report.changed) == len(NASTY_NAMES)
    assert {d.reviewer for d in first.decisions} == {"Mara"}
    second = ingest.read_decisions(file, source.items, in_force(first), reviewer="Mara")
    assert second.report.changed == ()
    assert second.report.unchanged == len(NASTY_NAMES)


def test_renamed_files_are_found_by_content(both: tuple[Path, ExportSource]) -> None:
    file, source = both
    names = [f"moved/{n}.png" for n in range(len(source.items))]
    moved = source.items.assign(**{c.FILE: names})
    done = ingest.read_decisions(file, moved)
    assert [d.file for d in done.decisions] == names
    assert done.report.stopped == ()


def test_other_data_matches_nothing_and_is_named(both: tuple[Path, ExportSource]) -> None:
    file, source = both
    other = make_source(Path("/other"), ["q/0.gif"], ["x y"]).items.assign(**{c.SHA256: "ff"})
    report = ingest.read_decisions(file, other).report
    assert report.matched == 0
    assert len(report.stopped) == len(source.items)
    assert any("not in the data set any more" in line for line in report.lines())
