"""Tables in folders: of the hub with pictures inside, Roboflow's, Kaggle's."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings import manifest
from embeddings.errors import UnclearSourceError
from embeddings.records import ScanResult


def png(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def scan(path: Path, **how: object) -> ScanResult:
    return manifest.scan(path, unpack_to=path.parent / "ws", **how)  # type: ignore[arg-type]


def labels(result: ScanResult) -> dict[str, str]:
    return dict(zip(result.rows[c.FILE], result.rows[c.LABEL], strict=True))


def draw(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(png(10 * number))


def test_shards_of_the_hub(tmp_path: Path) -> None:
    """A clone of a hub repository, and the hub's own conversion: ``default/train/0000.parquet``."""
    features = '{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}'
    for name, shade in (("train/0000", 1), ("train/0001", 60), ("test/0000", 120)):
        images = [{"bytes": png(shade + n), "path": f"{n}.png"} for n in range(2)]
        table = pa.table({"image": images, "label": [0, 1]}, metadata={"huggingface": features})
        path = tmp_path / "set/default" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    result = scan(tmp_path / "set")
    assert labels(result) == {
        f"default/{shard}/{n}.png": ("cat", "dog")[n]
        for shard in ("train/0000", "train/0001", "test/0000")
        for n in range(2)
    }
    assert set(result.rows[manifest.SPLIT_OF]) == {"train", "test"}
    assert set(result.rows[c.STATUS]) == {c.OK}


def test_roboflow_multi_class(tmp_path: Path) -> None:
    """``_classes.csv`` as Roboflow writes it, with blanks before each name."""
    for subset in ("train", "valid"):
        draw(tmp_path / "set" / subset, ["0.jpg", "1.jpg", "2.jpg"])
        (tmp_path / "set" / subset / "_classes.csv").write_text(
            "filename, cat, dog\n0.jpg, 0, 1\n1.jpg, 1, 0\n2.jpg, 1, 1\n"
        )
    result = scan(tmp_path / "set")
    assert list(labels(result).values()) == 2 * ["dog", "cat", c.NO_LABEL]
    assert result.rows[manifest.SPLIT_OF] == 3 * ["train"] + 3 * ["validation"]
    assert any("several labels" in note for note in result.notes)


@pytest.mark.parametrize(
    "ids", [["a1.jpg", "b2.jpg", "c3.jpg", "d4.jpg"], ["a1", "b2", "c3", "d4"]]
)
def test_a_table_of_ids_is_asked_about_and_answers(tmp_path: Path, ids: list[str]) -> None:
    """Kaggle's dog-breed-identification: ``labels.csv`` of ids beside ``train/`` and ``test/``."""
    draw(tmp_path / "set/train", ["a1.jpg", "b2.jpg", "c3.jpg", "d4.jpg"])
    draw(tmp_path / "set/test", ["e5.jpg", "f6.jpg"])
    table = tmp_path / "set/labels.csv"
    pd.DataFrame({"id": ids, "breed": ["pug", "boxer", "pug", "boxer"]}).to_csv(table, index=False)
    with pytest.raises(UnclearSourceError, match="'breed'") as told:
        scan(tmp_path / "set")
    assert str(table) in told.value.hint
    assert labels(scan(table)) == {
        "train/a1.jpg": "pug", "train/b2.jpg": "boxer", "train/c3.jpg": "pug",
        "train/d4.jpg": "boxer",
    }  # fmt: skip
    assert set(labels(scan(tmp_path / "set", labels=False)).values()) == {c.NO_LABEL}


def test_a_table_about_something_else_is_no_question(tmp_path: Path) -> None:
    draw(tmp_path / "set", ["IMG_1.jpg", "IMG_2.jpg", "DSC_3.jpg"])
    (tmp_path / "set/sales.csv").write_text("name,class\nx,1\ny,2\nz,1\nw,2\n")
    assert set(labels(scan(tmp_path / "set")).values()) == {c.NO_LABEL}


def test_notes_say_nothing_that_the_table_made_untrue(tmp_path: Path) -> None:
    """Labels come from the table: that no folder is one is no news any more."""
    draw(tmp_path / "set/train", ["0.jpg", "1.jpg"])
    table = "filename, cat, dog\n0.jpg, 0, 1\n1.jpg, 1, 0\n"
    (tmp_path / "set/train/_classes.csv").write_text(table)
    notes = "\n".join(scan(tmp_path / "set").notes)
    assert "in one class" not in notes
    assert "'cat', 'dog'" in notes
