"""Kinds of input that went wrong, each in two more shapes that people reported elsewhere.

What is not about reading data sets is tested beside its source: Keras's settings, old Keras files,
graphs and heads (``backbones``), consoles (``explorer/cli/test_machine.py``), Dash's prefixes
(``explorer/server/test_app.py``).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, TiffImagePlugin

from embeddings import columns as c
from embeddings import manifest, pipeline
from embeddings.errors import SourceError
from embeddings.images import prepare
from embeddings.manifest.entries import SPLIT_OF
from embeddings.records import ScanResult
from tests.embeddings.manifest.sets import draw, labels, put

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 330454481\n"


def scan(source: Path, **how: object) -> ScanResult:
    how.setdefault("unpack_to", source.parent.with_name(f"{source.parent.name}-ws"))
    return manifest.scan(source, **how)  # type: ignore[arg-type]


def numbered(folder: str, count: int) -> list[str]:
    return [f"{folder}/{n}.jpg" for n in range(count)]


# -- embeddings and the names of their rows --------------------------------------------------


def test_names_as_bytes_beside_embeddings(tmp_path: Path) -> None:
    """davidsandberg/facenet issue 653: ``export_embeddings`` writes the labels as bytes."""
    files = [*numbered("a_person", 3), *numbered("b_person", 2)]
    root, order = draw(tmp_path / "set", files), [4, 2, 0, 3, 1]
    X = np.arange(20, dtype=np.float32).reshape(5, 4)
    np.savez(
        tmp_path / "X.npz", embeddings=X[order], image_list=np.array(files, "S")[order],
        label_strings=np.array([f.partition("/")[0] for f in files], "S")[order],
    )  # fmt: skip
    result = manifest.scan(root, embeddings=tmp_path / "X.npz")
    assert result.embeddings is not None
    assert np.array_equal(result.embeddings, X)


def test_rows_without_names_say_in_which_order_they_were_taken(tmp_path: Path) -> None:
    """lucidrains/RETRO-pytorch pull request 13: 0, 1, 10, 2 … against 0, 1, 2 … 10."""
    root = draw(tmp_path / "set", [f"a/{n}.jpg" for n in range(12)])
    np.save(tmp_path / "X.npy", np.arange(48, dtype=np.float32).reshape(12, 4))
    result = manifest.scan(root, embeddings=tmp_path / "X.npy")
    (note,) = [note for note in result.notes if "in the order of the items" in note]
    assert "'a/0.jpg' first and 'a/9.jpg' last" in note  # as sorted() has them
    np.save(tmp_path / "X.npy", np.zeros((11, 4), np.float32))
    with pytest.raises(SourceError, match="11 embeddings without file names") as told:
        manifest.scan(root, embeddings=tmp_path / "X.npy")
    assert "'files'" in told.value.hint


# -- folders ---------------------------------------------------------------------------------


@pytest.mark.parametrize("held_out", ["validation", "valid"])
def test_other_words_for_the_subset_that_is_held_out(tmp_path: Path, held_out: str) -> None:
    """Ultralytics issue 4310 (``validation``), roboflow/roboflow-python issue 153 (``valid``)."""
    root = draw(tmp_path / "set", [f"{subset}/{label}/{n}.jpg" for subset in ("train", held_out)
                                   for label in ("gym", "pool") for n in range(2)])  # fmt: skip
    result = scan(root)
    assert set(labels(result).values()) == {"gym", "pool"}
    assert set(result.rows[SPLIT_OF]) == {"train", "validation"}


def test_test_pictures_in_disorder_are_no_label(tmp_path: Path) -> None:
    """Fastai issue 1552: a flat ``test`` beside ``train/ok``, ``train/nok``, ``train/unsure``."""
    files = [f"train/{label}/{n}.jpg" for label in ("nok", "ok", "unsure") for n in range(3)]
    result = scan(draw(tmp_path / "set", [*files, *numbered("test", 4)]))
    assert set(labels(result).values()) == {"nok", "ok", "unsure", c.NO_LABEL}
    assert any("4 images have no label" in note for note in result.notes)


def test_test_pictures_whose_labels_stand_in_a_table(tmp_path: Path) -> None:
    """Fastai issue 2336: ``train/label_0``, a flat ``test`` and ``labels.csv`` above them."""
    files = [f"train/label_{k}/img{n}.png" for k in range(2) for n in range(3)]
    root = draw(tmp_path / "data", [*files, "test/img0.png", "test/img1.png"])
    put(root / "labels.csv", "file,label\ntest/img0.png,label_0\ntest/img1.png,label_1\n")
    result = scan(root)
    assert set(labels(result).values()) == {"label_0", "label_1", c.NO_LABEL}
    assert set(labels(scan(root / "labels.csv")).values()) == {"label_0", "label_1"}


def test_an_archive_in_a_folder_of_its_own_name(tmp_path: Path) -> None:
    """lovedlim/tensorflow issue 4: ``archive/training_set/training_set/cats`` from Kaggle."""
    root = draw(tmp_path / "archive", [
        f"{subset}/{subset}/{label}/{n}.jpg" for subset in ("training_set", "test_set")
        for label in ("cats", "dogs") for n in range(2)])  # fmt: skip
    result = scan(root)
    assert set(labels(result).values()) == {"cats", "dogs"}
    assert set(result.rows[SPLIT_OF]) == {"train", "test"}
    assert labels(scan(root / "training_set")).keys()


# -- files that can't be read ------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_photos_of_a_phone_under_another_name(tmp_path: Path, suffix: str) -> None:
    """python-pillow/Pillow issue 4163 (``IMG_2342.png``) and 2806 (a hundred ``.jpg``)."""
    for n in range(3):
        put(tmp_path / f"set/cat/IMG_{n}.{suffix}", HEIC)
    with pytest.raises(SourceError, match="None of the 3 files") as told:
        pipeline.scan(tmp_path / "set", tmp_path / "ws")
    assert "HEIC" in str(told.value)
    assert "rosette-explorer[heic]" in told.value.hint


def test_pointers_in_place_of_pictures(tmp_path: Path) -> None:
    """jinnovation/rainy-image-dataset issue 2, git-lfs/git-lfs issue 4830: cloned without LFS."""
    for n in range(3):
        put(tmp_path / f"set/rain/{n}.png", POINTER)
    with pytest.raises(SourceError, match="None of the 3 files") as told:
        pipeline.scan(tmp_path / "set", tmp_path / "ws")
    assert "git lfs pull" in told.value.hint


# -- tables of the hub -------------------------------------------------------------------------


def _hub(path: Path, rows: Sequence[int], *, names: bool) -> Path:
    shades = [Image.new("RGB", (8, 8), (9 * n, 0, 0)) for n in range(len(rows))]
    images = []
    for n, picture in enumerate(shades):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        images.append({"bytes": buffer.getvalue(), "path": f"{n}.png"})
    features = (
        b'{"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}'
    )
    table = pa.table({"image": images, "label": list(rows)},
                     metadata={b"huggingface": features} if names else None)  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


def test_class_labels_that_were_lost_on_the_way_to_the_hub(tmp_path: Path) -> None:
    """huggingface/datasets issue 3394: ``push_to_hub`` left numbers; the card may have names."""
    lost = _hub(tmp_path / "set/data/train-00000-of-00001.parquet", [0, 1, 0], names=False)
    ws = tmp_path / "ws"
    assert any("Labels are numbers" in note for note in scan(lost, unpack_to=ws).notes)
    put(lost.parent.parent / "README.md", "---\ndataset_info:\n  features:\n  - name: label\n"
        "    dtype:\n      class_label:\n        names:\n          '0': cat\n"
        "          '1': dog\n---\n")  # fmt: skip
    assert set(labels(scan(lost, unpack_to=ws)).values()) == {"cat", "dog"}
    assert set(labels(scan(lost.parent.parent, unpack_to=ws)).values()) == {"cat", "dog"}


def test_pictures_embedded_by_the_hub(tmp_path: Path) -> None:
    """huggingface/datasets pull request 4193: ``embed_external_files`` puts them into the table."""
    result = scan(_hub(tmp_path / "set/train.parquet", [0, 1, 1], names=True))
    assert sorted(labels(result).values()) == ["cat", "dog", "dog"]
    assert any("lay inside" in note for note in result.notes)


# -- embeddings that came along ----------------------------------------------------------------


def test_vectors_as_text_in_a_table(tmp_path: Path) -> None:
    """Renumics/spotlight issue 395: ``image_name`` and a feature vector of [1, 512] in a CSV."""
    root = draw(tmp_path / "set", ["0.jpg", "1.jpg"])
    vectors = [[0.5 * n + k for k in range(12)] for n in range(2)]
    frame = pd.DataFrame({"image_name": ["0.jpg", "1.jpg"], "label": ["a", "b"],
                          "feature": [str(v) for v in vectors]})  # fmt: skip
    frame.to_csv(root / "t.csv", index=False)
    result = scan(root / "t.csv")
    assert result.embeddings is not None
    assert np.allclose(result.embeddings, vectors)


def test_a_column_called_vector(tmp_path: Path) -> None:
    """apple/embedding-atlas pull request 21: vectors that are there are to be used, not made."""
    root = draw(tmp_path / "set", ["0.jpg", "1.jpg"])
    X = np.random.default_rng(0).normal(size=(2, 9)).astype(np.float32)
    frame = pd.DataFrame({"file": ["0.jpg", "1.jpg"], "vector": list(X), "span_text": ["u", "v"]})
    frame.to_parquet(root / "processed.parquet")
    result = scan(root / "processed.parquet", labels=False)
    assert result.embeddings is not None
    assert np.allclose(result.embeddings, X)


# -- pictures ----------------------------------------------------------------------------------


def test_a_raw_photo_called_tif(tmp_path: Path) -> None:
    """RawTherapee/RawTherapee issue 2790: a Canon 1Ds writes its RAW files as ``.tif``."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    directory[254] = 1
    directory.tagtype[254] = 4
    (tmp_path / "set/cat").mkdir(parents=True)
    Image.new("RGB", (160, 120), "red").save(tmp_path / "set/cat/a.tif", tiffinfo=directory)
    result = scan(tmp_path / "set")
    assert result.rows[c.STATUS] == [c.UNREADABLE]
    assert "RAW" in result.rows[c.REASON][0]


def test_grey_of_sixteen_bits_keeps_its_shades(tmp_path: Path) -> None:
    """python-pillow/Pillow issues 2574 and 5991: white, or black, once made RGB."""
    shades = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(shades).save(tmp_path / "a.png")
    seen = prepare(tmp_path / "a.png", 64).pixels[..., 0].astype(float)
    assert np.abs(seen - shades / 257.0).max() <= 2
