"""Figures for a notebook: what they show, of a workspace and of a report."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embeddings
import explorer
from embeddings.errors import UsageError
from explorer.components import palette_of
from explorer.data import Dataset
from explorer.pages.label.view import label_view
from explorer.pages.map.view import atlas_view
from tests.explorer.conftest import build_workspace


def rows_by_name(figure: object) -> dict[str, list[int]]:
    return {trace.name: sorted(trace.customdata.tolist()) for trace in figure.data}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_workspace(tmp_path_factory.mktemp("plot")).path


@pytest.fixture(scope="module")
def given() -> tuple[np.ndarray, np.ndarray, embeddings.SplitReport]:
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(4), 20)
    X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    return X, labels, embeddings.find_splits(X, labels)


def test_a_label_is_drawn_as_its_page_draws_it(folder: Path) -> None:
    figure, view = explorer.plot.label(folder, "jaguar"), label_view(Dataset(folder), "jaguar")
    assert rows_by_name(figure) == {g.name: sorted(g.rows.tolist()) for g in view.groups}
    assert [note.text for note in figure.layout.annotations] == [s.text for s in view.signs]
    assert figure.data[0].marker.color == palette_of(dark=False)[view.groups[0].token]
    assert figure.layout.title.text == "jaguar: two kinds"


@pytest.mark.parametrize("colour", ["findings", "label", "predicted"])
def test_the_map_is_coloured_as_its_page_colours_it(folder: Path, colour: str) -> None:
    figure, view = explorer.plot.map(folder, colour=colour), atlas_view(Dataset(folder), colour)
    assert len(view.groups) > 1
    shown = {unescape(name): rows for name, rows in rows_by_name(figure).items()}
    assert shown == {g.name: sorted(g.rows.tolist()) for g in view.groups}
    split = [sign.text for sign in view.signs if sign.strong]
    assert [note.text for note in figure.layout.annotations] == split


def test_the_ranking_is_in_the_order_of_the_classes(folder: Path) -> None:
    classes = embeddings.Workspace.open(folder).classes()
    figure = explorer.plot.ranking(folder)
    bars = {place: (x, bar.name) for bar in figure.data for place, x in zip(bar.y, bar.x)}  # noqa: B905
    expected = zip(classes["split_score"], classes["verdict"], strict=True)
    assert [bars[place] for place in range(len(classes))] == list(expected)
    assert len(explorer.plot.ranking(folder, most=2).layout.yaxis.ticktext) == 2
    with pytest.raises(UsageError, match="most=0"):
        explorer.plot.ranking(folder, most=0)


def test_a_name_is_never_read_as_html(folder: Path) -> None:
    cup = "<b>cup</b>"
    figure = explorer.plot.label(folder, cup)
    bars = explorer.plot.ranking(folder)
    written = [bars.layout.yaxis.ticktext, *(bar.hovertext for bar in bars.data)]
    written += [trace.name for trace in explorer.plot.map(folder, colour="label").data]
    written += [figure.layout.title.text]
    written += [figure.layout.annotations[0].text, *figure.data[0].text]
    assert cup not in str(written)
    assert "&lt;b&gt;cup" in str(written)


def test_what_is_decided_can_be_the_colour(folder: Path) -> None:
    ws = embeddings.Workspace.open(folder)
    ws.decide(["car/0-0.jpg"], "keep", by="Mara")
    assert len(rows_by_name(explorer.plot.map(ws, colour="decision"))["keep"]) == 1
    with pytest.raises(UsageError, match="no column 'colour'"):
        explorer.plot.map(ws, colour="colour")


def test_a_report_is_drawn_from_its_embeddings(given: tuple) -> None:  # type: ignore[type-arg]
    X, labels, report = given
    figure = explorer.plot.label(report, "cat", X=X, labels=labels, dark=True)
    clusters = {name: np.flatnonzero((labels == "cat") & (report.cluster == k)).tolist()
                for name, k in (("A", 0), ("B", 1))}  # fmt: skip
    assert rows_by_name(figure) == clusters
    assert figure.layout.paper_bgcolor == palette_of(dark=True)["--surface"]
    assert {t.name for t in explorer.plot.map(report, colour="label", X=X, labels=labels).data} == {
        "cat", "dog", "owl",
    }  # fmt: skip


def test_items_keep_the_names_of_their_index(given: tuple) -> None:  # type: ignore[type-arg]
    X, labels, _ = given
    series = pd.Series(labels, index=[f"{i}.jpg" for i in range(len(X))])
    report = embeddings.find_splits(X, series)
    figure = explorer.plot.label(report, "dog", X=X, labels=series)
    assert set(figure.data[0].text) == {f"{i}.jpg" for i in range(40, 60)}


def test_what_can_not_be_drawn_is_said(folder: Path, given: tuple) -> None:  # type: ignore[type-arg]
    X, labels, report = given
    with pytest.raises(UsageError, match="no label 'cta'"):
        explorer.plot.label(report, "cta", X=X, labels=labels)
    with pytest.raises(UsageError, match="keeps no embeddings"):
        explorer.plot.map(report)
    with pytest.raises(UsageError, match="80 items, and there are 3 embeddings"):
        explorer.plot.map(report, X=X[:3], labels=labels[:3])
    with pytest.raises(UsageError, match="a workspace holds its own"):
        explorer.plot.map(folder, X=X, labels=labels)
