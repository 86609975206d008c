"""The projector's files, read by hand and by the real TensorBoard."""

from __future__ import annotations

import io
import json
import os
import selectors
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.export.common.scope import flagged
from embeddings.export.common.source import ExportSource
from embeddings.export.formats.csv import read_csv
from embeddings.export.formats.tensorboard import CONFIG, FOLDER, WHOLE, write
from tests.embeddings.export.making import NASTY_NAMES, WIDTH, colour, make_source, named, zoo

DEADLINE = 120.0  # seconds until the server answers; it imports TensorFlow on a busy machine


@contextmanager
def tensorboard(logdir: Path) -> Iterator[str]:
    """Run the real server on a free port, and give its address once it says it."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tensorboard.main",
            f"--logdir={logdir}",
            "--port=0",
            "--host=127.0.0.1",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    assert process.stdout is not None
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    said = b""
    until = time.monotonic() + DEADLINE
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                break
            piece = os.read(process.stdout.fileno(), 4096)
            said += piece
            if b" at http://" in said and b"(Press" in said:
                return said.split(b" at ")[1].split()[0].decode().rstrip("/")
            if not piece:
                break
    raise AssertionError(f"TensorBoard did not start: {said.decode(errors='replace')}")


def asked(address: str, route: str, **query: str) -> bytes:
    # as the page asks: only what an address can't hold is quoted by the browser
    words = "&".join(f"{k}={urllib.parse.quote(v, safe='＆ #&+%:')}" for k, v in query.items())
    url = f"{address}/data/plugin/projector{route}" + (f"?{words}" if words else "")
    request = urllib.request.Request(url.replace(" ", "%20"))
    with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
        content: bytes = answer.read()
    return content


def nasty(root: Path) -> ExportSource:
    """Names that the formats take for signs, two labels, one item without an embedding."""
    files = [f"dir/{name}-{n}.jpg" for n, name in enumerate(NASTY_NAMES)]
    labels = ["=a&b#c+d%e: 0" if n % 2 else "jaguar:0" for n in range(len(files))]
    source = make_source(root, files, labels)
    inner = source.embeddings

    def with_a_gap(rows: np.ndarray) -> np.ndarray:
        matrix = inner(rows)
        matrix[rows == 2] = np.nan
        return matrix

    return replace(source, embeddings=with_a_gap)


def test_the_real_tensorboard_reads_it(tmp_path: Path) -> None:
    source = nasty(tmp_path)
    out = tmp_path / "log"
    write(source, out)
    present = np.array([row for row in range(len(source.items)) if row != 2])
    items = source.items.iloc[present].reset_index(drop=True)
    with tensorboard(out) as address:
        assert json.loads(asked(address, "/runs")) == ["."]
        entries = json.loads(asked(address, "/info", run="."))["embeddings"]
        names = [entry["tensorName"] for entry in entries]
        assert names == [WHOLE, "=a＆b＃c＋d％e： 0", "jaguar：0"]
        for entry, label in zip(entries, [None, "=a&b#c+d%e: 0", "jaguar:0"], strict=True):
            own = items if label is None else items[items[c.LABEL] == label]
            _check(address, entry, source, present[own.index], own)


def _check(
    address: str, entry: dict[str, Any], source: ExportSource, rows: np.ndarray, own: Any
) -> None:
    where = {"run": ".", "name": entry["tensorName"], "num_rows": "100000"}
    tensor = np.frombuffer(asked(address, "/tensor", **where), "<f4").reshape(-1, WIDTH)
    assert entry["tensorShape"] == [len(rows), WIDTH]
    np.testing.assert_allclose(tensor, source.embeddings(rows), rtol=4e-5)
    lines = asked(address, "/metadata", **where).decode().split("\n")
    assert lines.pop() == ""
    head, *cells = [line.split("\t") for line in lines]
    assert len(cells) == len(rows)
    assert all(len(row) == len(head) for row in cells)
    by_name = [dict(zip(head, row, strict=True)) for row in cells]
    assert [row[c.LABEL].removeprefix("'") for row in by_name] == list(own[c.LABEL])
    assert [int(row[c.CLUSTER]) for row in by_name] == list(own[c.CLUSTER])
    files = [" ".join(file.split()) for file in own[c.FILE]]
    assert [row[c.FILE] for row in by_name] == files
    content = asked(address, "/sprite_image", **where)
    side = entry["sprite"]["singleImageDim"][0]
    with Image.open(io.BytesIO(content)) as sprite:
        assert sprite.width == sprite.height <= 8192
        across = sprite.width // side
        assert across**2 >= len(rows)
        for place, row in enumerate(rows):
            middle = (place % across * side + side // 2, place // across * side + side // 2)
            assert np.abs(np.subtract(sprite.getpixel(middle), colour(int(row)))).max() < 12


def test_paths_are_relative_and_inside(tmp_path: Path) -> None:
    write(zoo(tmp_path), tmp_path / "log")
    text = (tmp_path / "log" / CONFIG).read_text(encoding="ascii")
    paths = [line.split('"')[1] for line in text.splitlines() if "_path:" in line]
    assert len(paths) == 4 * 3
    for path in paths:
        assert (tmp_path / "log" / path).is_file()
        assert ".." not in path
        assert not path.startswith("/")


def test_a_second_export_takes_the_place_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "log"
    write(zoo(tmp_path), out)
    first = {path.name for path in (out / FOLDER).iterdir()}
    labels = ["one"] * 5
    write(make_source(tmp_path, [f"{n}.jpg" for n in range(5)], labels), out)
    assert first == {"0000", "0001", "0002", "0003"}
    assert {path.name for path in (out / FOLDER).iterdir()} == {"0000"}
    assert (out / CONFIG).read_text().count("embeddings {") == 1


def test_a_large_set_is_sampled_and_flagged_items_are_all_in(tmp_path: Path) -> None:
    source = zoo(tmp_path, per_label=60)
    done = write(source, tmp_path / "log", most_rows=50)
    rows = read_csv(tmp_path / "log" / FOLDER / "0000" / "rows.csv")
    assert len(rows) == 50
    flags = flagged(source)
    assert 0 < flags.sum() < 50
    assert set(source.items[c.FILE][flags]) <= set(rows[c.FILE])
    assert set(rows[c.LABEL]) == set(source.items[c.LABEL])
    assert any("50 of 180 items" in note and "every flagged item is in" in note
               for note in done.notes)  # fmt: skip
    lines = (tmp_path / "log" / FOLDER / "0000" / "metadata.tsv").read_text().splitlines()
    assert len(lines) == 51


def test_the_first_byte_is_never_text(tmp_path: Path) -> None:
    source = zoo(tmp_path)
    # zeros and 0x0A are the bytes that would pass for lines of text
    zeros = replace(source, embeddings=lambda rows: np.zeros((len(rows), WIDTH), np.float32))
    write(zeros, tmp_path / "log")
    content = (tmp_path / "log" / FOLDER / "0000" / "tensor.bytes").read_bytes()
    assert content[0] == 0xFF
    assert np.abs(np.frombuffer(content, "<f4")).max() < 1e-40


def test_items_without_embeddings_are_left_out_and_said(tmp_path: Path) -> None:
    done = write(nasty(tmp_path), tmp_path / "log")
    assert any(note.startswith("1 items have no embedding") for note in done.notes)


def test_nothing_to_show_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Only 2 items"):
        write(make_source(tmp_path, ["a.jpg", "b.jpg"], ["x", "x"]), tmp_path / "log")


def test_metadata_says_what_the_model_calls_a_cluster(tmp_path: Path) -> None:
    source = make_source(tmp_path, [f"{n}.jpg" for n in range(8)], ["x"] * 8)
    write(named(source, "x", 1, "=sports\tcar"), tmp_path / "log")
    lines = (tmp_path / "log" / FOLDER / "0000" / "metadata.tsv").read_text().splitlines()
    cells = [line.split("\t") for line in lines]
    assert cells[0][-1] == c.KIND_NAME
    assert [row[-1] for row in cells[1:]] == [""] * 6 + ["'=sports car"] * 2
