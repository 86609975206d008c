"""Issues in cleanlab's columns."""

from __future__ import annotations

from pathlib import Path

from embeddings import columns as c
from embeddings.export.formats.cleanlab import write
from embeddings.export.formats.csv import read_csv
from tests.embeddings.export.making import make_source


def test_a_low_score_is_bad(tmp_path: Path) -> None:
    source = make_source(tmp_path, ["=a.jpg", "b.jpg"], ["=x", "y"])
    source.items.loc[0, c.SUSPICION] = 0.75
    source.items.loc[0, c.SUGGESTED_LABEL] = "y"
    back = read_csv(write(source, tmp_path / "out").files[0])
    assert list(back.columns[:5]) == [
        "file",
        "is_label_issue",
        "label_score",
        "given_label",
        "predicted_label",
    ]
    assert list(back.iloc[0, :5]) == ["=a.jpg", "true", "0.25", "=x", "y"]
    assert list(back.iloc[1, 1:5]) == ["false", "1.0", "y", "y"]
