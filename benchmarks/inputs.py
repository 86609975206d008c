"""Tables and annotations of many rows: time and memory to list their items, for each form.

::

    python benchmarks/inputs.py
    python benchmarks/inputs.py --rows 250000 500000 1000000 --forms csv parquet

A row or box names a file under one of a hundred labels; none of the files is there, so what is
measured is the reading of the table, its columns, its labels and the second look for names that
are nearly right. The forms with embeddings hold 64 numbers a row. Each runs in a process of its
own; memory is the peak of that process, less what it takes after its imports. ``cpu_us_per_row``
says whether it is linear, on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LABELS: Final = 100
WIDTH: Final = 64


def frame(rows: int) -> Any:
    """Return the table as a frame."""
    import pandas as pd

    numbers = np.arange(rows)
    files = [f"part{n % 1000:03d}/{n:09d}.jpg" for n in numbers]
    return pd.DataFrame({"file": files, "label": [f"label {n % LABELS}" for n in numbers]})


def write_csv(path: Path, rows: int) -> None:
    """Write commas in UTF-8."""
    frame(rows).to_csv(path, index=False)


def write_tsv(path: Path, rows: int) -> None:
    """Write tabs in UTF-8."""
    frame(rows).to_csv(path, index=False, sep="\t")


def write_packed(path: Path, rows: int) -> None:
    """Write commas in UTF-8, packed by gzip."""
    frame(rows).to_csv(path, index=False, compression={"method": "gzip", "compresslevel": 1})


def write_list(path: Path, rows: int) -> None:
    """Write a list of file and number, apart by a blank and without a header."""
    with path.open("w") as out:
        for n, file in enumerate(frame(rows)["file"]):
            out.write(f"{file} {n % LABELS}\n")


def write_json(path: Path, rows: int) -> None:
    """Write a JSON list of objects."""
    frame(rows).to_json(path, orient="records")


def write_boxes(path: Path, rows: int) -> None:
    """Write a table of boxes, four to a picture."""
    table = frame(rows // 4).loc[np.arange(rows) // 4].reset_index(drop=True)
    for name, side in zip(("xmin", "ymin", "xmax", "ymax"), (1, 2, 31, 42), strict=True):
        table[name] = side
    table.to_csv(path, index=False)


def write_one_hot(path: Path, rows: int) -> None:
    """Write a column of 0 and 1 for each of ten labels, as Roboflow's ``_classes.csv`` has them."""
    names = [f"label {n}" for n in range(10)]
    hot = [",".join("1" if n == one else "0" for n in range(10)) for one in range(10)]
    with path.open("w") as out:
        out.write(", ".join(["filename", *names]) + "\n")
        for n, file in enumerate(frame(rows)["file"]):
            out.write(f"{file},{hot[n % 10]}\n")


def write_yolo(path: Path, rows: int) -> None:
    """Write YOLO's text files, a hundred boxes to a picture; the pictures are empty files."""
    names = "".join(f"  {n}: label {n}\n" for n in range(LABELS))
    path.write_text(f"names:\n{names}")
    text = "".join(f"{n} 0.5 0.5 0.25 0.25\n" for n in range(LABELS))
    for folder in ("images", "labels"):
        (path.parent / folder).mkdir()
    for n in range(rows // LABELS):
        (path.parent / f"images/{n:06d}.jpg").touch()
        (path.parent / f"labels/{n:06d}.txt").write_text(text)


def write_voc(path: Path, rows: int) -> None:
    """Write Pascal VOC's XML, a hundred boxes to a picture."""
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>31</xmax><ymax>42</ymax></bndbox>"
    text = "".join(f"<object><name>label {n}</name>{box}</object>" for n in range(LABELS))
    for n in range(rows // LABELS):
        file = path if n == 0 else path.with_name(f"{n:06d}.xml")
        name = f"<filename>{n:06d}.jpg</filename>"
        file.write_text(f"<annotation>{name}{text}</annotation>")


def write_semicolons(path: Path, rows: int) -> None:
    """Write semicolons in UTF-16, as a spreadsheet does."""
    frame(rows).to_csv(path, index=False, sep=";", encoding="utf-16")


def write_jsonl(path: Path, rows: int) -> None:
    """Write JSON lines."""
    frame(rows).to_json(path, orient="records", lines=True)


def write_parquet(path: Path, rows: int) -> None:
    """Write Parquet."""
    frame(rows).to_parquet(path)


def write_arrow(path: Path, rows: int) -> None:
    """Write an Arrow stream, as ``datasets`` does."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame(rows))
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)


def write_vectors(path: Path, rows: int) -> None:
    """Write Parquet with a column of embeddings."""
    X = np.random.default_rng(0).normal(size=(rows, WIDTH)).astype(np.float32)
    frame(rows).assign(embedding=list(X)).to_parquet(path)


def write_npz(path: Path, rows: int) -> None:
    """Write arrays of NumPy."""
    X = np.random.default_rng(0).normal(size=(rows, WIDTH)).astype(np.float32)
    names = frame(rows)
    np.savez(
        path, embeddings=X, files=names["file"].to_numpy(str), labels=names["label"].to_numpy(str)
    )


def write_coco(path: Path, rows: int) -> None:
    """Write COCO, four boxes to a picture."""
    images = [{"id": n, "file_name": f"{n:09d}.jpg", "width": 640, "height": 480}
              for n in range(rows // 4)]  # fmt: skip
    boxes = [{"id": n, "image_id": n // 4, "category_id": n % LABELS, "bbox": [1, 2, 30, 40]}
             for n in range(rows)]  # fmt: skip
    names = [{"id": n, "name": f"label {n}"} for n in range(LABELS)]
    path.write_text(json.dumps({"images": images, "annotations": boxes, "categories": names}))


def list_table(path: Path) -> int:
    """List the items of a table."""
    from embeddings.manifest.listing import Wanted
    from embeddings.manifest.tables import KNOWN_NAMES, read_table, table_items

    return len(table_items(read_table(path, KNOWN_NAMES), Wanted()).entries)


def list_vectors(path: Path) -> int:
    """Read embeddings that somebody else made, with names and labels."""
    from embeddings.manifest.ready_made import read_ready_made

    return len(read_ready_made(path).matrix)


def list_boxes(path: Path) -> int:
    """Read the boxes of annotations."""
    from embeddings.machine import collector_paused
    from embeddings.manifest.annotations import annotations_of
    from embeddings.manifest.parsed import Parsed

    with collector_paused():  # as the scan does
        found = annotations_of(path, Parsed())
        assert found is not None
        return len(found.format.read(list(found.files), found.root, found.parsed).marks)


def list_boxes_of_folder(path: Path) -> int:
    """Read the boxes of annotations that are a file for each picture."""
    from embeddings.machine import collector_paused
    from embeddings.manifest.annotations import annotations_below

    root = path.parent
    with collector_paused():
        others = [p.relative_to(root).as_posix() for p in root.rglob("*.xml")]
        found = annotations_below(root, others, len(others))
        assert found is not None
        return len(found.format.read(list(found.files), found.root, found.parsed).marks)


FORMS: Final[dict[str, tuple[str, Callable[[Path, int], None], Callable[[Path], int]]]] = {
    "csv": ("t.csv", write_csv, list_table),
    "csv, UTF-16, semicolons": ("t.csv", write_semicolons, list_table),
    "tsv": ("t.tsv", write_tsv, list_table),
    "csv.gz": ("t.csv.gz", write_packed, list_table),
    "one-hot": ("_classes.csv", write_one_hot, list_table),
    "list of files": ("t.txt", write_list, list_table),
    "json": ("t.json", write_json, list_table),
    "jsonl": ("t.jsonl", write_jsonl, list_table),
    "parquet": ("t.parquet", write_parquet, list_table),
    "arrow": ("t.arrow", write_arrow, list_table),
    "parquet with embeddings": ("t.parquet", write_vectors, list_vectors),
    "npz": ("t.npz", write_npz, list_vectors),
    "COCO": ("t.json", write_coco, list_boxes),
    "table of boxes": ("t.csv", write_boxes, list_boxes),
    "YOLO": ("data.yaml", write_yolo, list_boxes),
    "Pascal VOC": ("000000.xml", write_voc, list_boxes_of_folder),
}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _write(form: str, path: Path, rows: int) -> None:
    FORMS[form][1](path, rows)


def _measure(form: str, path: Path, answers: Any) -> None:
    import pyarrow.parquet  # noqa: F401  what every form may import

    import embeddings.manifest  # noqa: F401

    before, start, worked = _peak(), time.perf_counter(), time.process_time()
    found = FORMS[form][2](path)
    cpu = time.process_time() - worked
    answers.put((found, time.perf_counter() - start, cpu, _peak() - before))


def measured(form: str, rows: int) -> dict[str, Any]:
    """Write a table and list it, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FORMS[form][0]
        for work in (
            context.Process(target=_write, args=(form, path, rows)),
            context.Process(target=_measure, args=(form, path, answers)),
        ):
            work.start()
            work.join()
        found, seconds, cpu, memory = answers.get(timeout=10)
        size = path.stat().st_size
    return {
        "form": form, "rows": found, "file_mb": round(size / 2**20, 1),
        "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2),
        "cpu_us_per_row": round(1e6 * cpu / rows, 2),
        "memory_mb": round(memory, 1), "bytes_per_row": round(memory * 2**20 / rows),
    }  # fmt: skip


def main() -> None:
    """Print a line of JSON for each form and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 500_000, 1_000_000])
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    asked = parser.parse_args()
    print(json.dumps({"machine": platform.machine(), "python": platform.python_version()}))
    for form in asked.forms:
        for rows in asked.rows:
            print(json.dumps(measured(form, rows)), flush=True)


if __name__ == "__main__":
    main()
