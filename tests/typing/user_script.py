"""What a user writes, checked by `mypy --strict`; it is never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import embeddings


class MeanColour:
    name, fingerprint = "mean colour", "mean-colour-1"
    input_size, width = 32, 3
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    def extract(self, images: NDArray[np.uint8]) -> embeddings.Batch:
        return embeddings.Batch(images.mean(axis=(1, 2), dtype=np.float32), None)


table = pd.read_csv("photos.csv")
X = np.load("photos.npy")

ws = embeddings.run(Path("photos"), "ws", model=MeanColour())
assert_type(ws, embeddings.Workspace)
assert_type(embeddings.run(X, "ws", labels=table["label"]), embeddings.Workspace)
assert_type(embeddings.run(table, "ws"), embeddings.Workspace)
items = assert_type(ws.items(), pd.DataFrame)
receipt = ws.decide(items[items["cluster"] == 1], "relabel", to="car", by="Mara")
assert_type(receipt, embeddings.Receipt)
assert_type(ws.decide(["a.jpg", "b.jpg"], "remove").changed, int)
assert_type(ws.decisions(), pd.DataFrame)
assert_type(ws.export("csv", "out").files, tuple[Path, ...])
with ws.open_store() as store:
    assert_type(store, embeddings.Store)

report = assert_type(embeddings.find_splits(X, table["label"]), embeddings.SplitReport)
assert_type(report.frame(), pd.DataFrame)
assert_type(report.items(), pd.DataFrame)
assert_type([finding.verdict == "two kinds" for finding in report.labels], list[bool])
errors = embeddings.find_label_errors(table[["a", "b"]], ["x", "y"], splits=report)
assert_type(errors, embeddings.LabelErrors)
assert_type(embeddings.find_outliers([[1.0, 2.0]], ["x"]), embeddings.Outliers)
assert_type(embeddings.find_duplicates(table["file"]).groups, tuple[tuple[int, ...], ...])
assert_type(embeddings.confusion(["x"], table["predicted"]).agreement, float)
assert_type(embeddings.SplitFinder(seed=1).fit(X, table["label"]), embeddings.SplitFinder)
assert_type(embeddings.__version__, str)
