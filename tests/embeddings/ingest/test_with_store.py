"""Out, back and into the store: the whole way of a decision that was made elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from embeddings import columns as c
from embeddings import export, ingest
from embeddings.decisions import Choice, Item, Store, open_store, with_decisions
from embeddings.export.formats.csv import write_table
from embeddings.ingest.matching import Imported
from tests.embeddings.export.making import NASTY_NAMES, make_source
from tests.embeddings.ingest.saying import annotated, written


def tell(store: Store, done: Imported) -> None:
    pairs = [
        (
            Item(d.file, d.label, d.sha256 or "", d.only_this_file),
            Choice(d.action, d.to_label, d.note),
        )
        for d in done.report.changed
    ]
    if pairs:
        store.decide_each(pairs, reviewer="Mara")


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    files = [f"d/{name}-{n}.jpg" for n, name in enumerate(NASTY_NAMES)]
    labels = ["x" if n % 2 else "=y" for n in range(len(files))]
    source = make_source(tmp_path / "images", files, labels)
    # two copies of one picture under one label: one to be removed, one kept
    source.items.loc[2, c.SHA256] = source.items.loc[0, c.SHA256]
    (tmp_path / "ws").mkdir()
    table = tmp_path / "decided.csv"
    cycle = ["remove", "unsure", "keep", "relabel: =1+1, and more", "relabel: سيارة", ""]
    said = [cycle[n % len(cycle)] for n in range(len(files))]
    write_table(table, pd.DataFrame({"file": files, "decision": said}))
    with open_store(tmp_path / "ws") as store:
        first = ingest.read_decisions(table, source.items, store.current())
        tell(store, first)
        assert len(first.report.changed) == len(first.decisions) > 0
        again = ingest.read_decisions(table, source.items, store.current())
        assert again.report.changed == ()
        assert again.report.unchanged == len(first.decisions)
        items = with_decisions(source.items, store.current())
        assert list(items[c.DECISION]) == said

        # every export says the same, and coming back changes nothing
        decided = replace(source, items=items)
        sheet = export.write("csv", decided, tmp_path / "csv").files[0]
        back = ingest.read_decisions(sheet, source.items, store.current()).report
        assert (back.changed, back.unchanged) == ((), len(first.decisions))
        labels_json = export.write("fiftyone", decided, tmp_path / "fo").files[0]
        back = ingest.read_decisions(labels_json, source.items, store.current()).report
        assert (back.changed, back.unchanged) == ((), len(first.decisions))
        chosen = export.write(
            "labelstudio",
            decided,
            tmp_path / "ls",
            scope=export.Scope.selection(f for f, d in zip(files, said, strict=True) if d),
        ).files[1]
        tasks = annotated(json.loads(chosen.read_text(encoding="utf-8")))
        back = ingest.read_decisions(
            written(tmp_path / "ls.json", tasks), source.items, store.current()
        ).report
        assert (back.changed, back.unchanged) == ((), len(first.decisions))
