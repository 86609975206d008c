"""Records in a console and a notebook: a screen at most, equal by value, the index kept."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embeddings.display import MOST_LINES, table_of
from embeddings.label_errors import find_label_errors, find_outliers
from embeddings.splits import find_splits

KINDS = 40


def made(n_labels: int = 4) -> tuple[pd.DataFrame, pd.Series]:
    """Return embeddings and labels of ``n_labels``, the first of two kinds, under an index."""
    rng = np.random.default_rng(0)
    kind = np.repeat(np.arange(n_labels + 1), 20)
    X = (rng.normal(size=(n_labels + 1, 24)) * 2)[kind] + rng.normal(size=(len(kind), 24))
    names = np.array(["<b>two</b>", "<b>two</b>", *(f"label {i}" for i in range(n_labels - 1))])
    index = pd.Index([f"{i}.jpg" for i in range(len(kind))], name="file")
    labels = pd.Series(names[kind], index=index)
    labels.iloc[-1] = "label 0"
    return pd.DataFrame(X, index=index), labels


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    X, labels = made()
    report = find_splits(X, labels)
    errors = find_label_errors(X, labels, splits=report)
    return {"report": report, "errors": errors, "outliers": find_outliers(X, labels)}


@pytest.mark.parametrize("name", ["report", "errors", "outliers"])
def test_records_print_a_screen_at_most(found: dict[str, Any], name: str) -> None:
    lines = repr(found[name]).splitlines()
    assert len(lines) <= MOST_LINES + 5
    assert max(map(len, lines)) <= 110
    assert "array(" not in repr(found[name])


def test_a_report_says_which_labels_are_two_kinds(found: dict[str, Any]) -> None:
    assert "hides two kinds" in repr(found["report"])
    assert "<b>two</b>" in repr(found["report"])
    assert "79.jpg" not in repr(found["report"])
    assert "99.jpg" in repr(found["errors"])


@pytest.mark.parametrize("name", ["report", "errors", "outliers"])
def test_html_holds_names_as_text(found: dict[str, Any], name: str) -> None:
    html = found[name]._repr_html_()
    assert "<b>" not in html
    assert html.count("<tr>") == html.count("</tr>")
    assert "<table>" in html


@pytest.mark.parametrize("name", ["report", "errors", "outliers"])
def test_records_with_arrays_are_compared_by_value(found: dict[str, Any], name: str) -> None:
    one = found[name]
    assert one == pickle.loads(pickle.dumps(one))
    assert one != replace(one, index=None)
    assert one != 1
    assert one != found["errors" if name == "report" else "report"]


def test_findings_stand_beside_what_they_are_about(found: dict[str, Any]) -> None:
    X, labels = made()
    items = found["report"].items()
    assert items.index.equals(X.index)
    assert labels.to_frame("label").join(items)["cluster"].notna().all()
    assert found["errors"].frame().index.equals(X.index)
    assert found["outliers"].frame().index.equals(X.index)
    assert found["errors"].of(np.array([3, 1])).index.tolist() == ["3.jpg", "1.jpg"]


def test_a_column_has_one_name_in_every_frame(found: dict[str, Any]) -> None:
    assert "split_reason" in found["report"].frame().columns
    assert "reason" not in found["report"].frame().columns


def test_a_table_says_what_it_leaves_out() -> None:
    table = table_of("many", ("n",), [(i,) for i in range(1000)])
    assert f"and {1000 - MOST_LINES} more" in table.text()
    assert f"and {1000 - MOST_LINES} more" in table.html()
    assert "more" not in table_of("none", ("n",), []).text()
