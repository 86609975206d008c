"""What ``fuzz.py`` asks: for each target some sound inputs, and what has to hold of any other.

A target's ``check`` gets bytes and returns a word on how they were taken. It raises a
``RosetteError`` where the input is refused as it should be; any other exception is a finding.
"""

from __future__ import annotations

import io
import json
import os
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from PIL import Image

Check = Callable[[bytes], str]
LABELS: Final = ("jaguar", "crane", "caf\u00e9", "=1+1", "a b")
FILES: Final = tuple(f"{label}/{n}.png" for label in LABELS for n in range(4))


@dataclass(frozen=True, slots=True)
class Target:
    """``seeds`` are sound inputs, ``words`` are put in here and there."""

    seeds: Sequence[bytes]
    words: Sequence[bytes]
    check: Check


def targets(folder: Path) -> dict[str, Callable[[], Target]]:
    """Return the targets by name, each made when it is asked for; they write into ``folder``."""
    return {
        "table": lambda: _tables(folder),
        "ready_made": lambda: _ready_made(folder),
        "folder": lambda: _folder(folder),
        "image": lambda: _image(folder),
        "import_csv": lambda: _importer(folder, "csv", _decision_tables()),
        "import_labelstudio": lambda: _importer(folder, "labelstudio", _label_studio()),
        "import_fiftyone": lambda: _importer(folder, "fiftyone", _fiftyone()),
        "query": lambda: _query(folder),
    }


# -- what a scan reads -----------------------------------------------------------------

_TABLE_WORDS: Final = tuple(
    word.encode("utf-8", "surrogatepass")
    for word in (
        '"', "'", ",", ";", "\t", "\n", "\r", "\0", "\ufeff", "../", "/", "\\", "C:\\", "http://",
        "file", "label", "embedding", "nan", "NaN", "1e999", "-Infinity", "null", "{", "}", "[",
        "]", "\\ud800", "\u202e", "9" * 5000, "[" * 2000, "a" * 300, "=cmd", "true", "0.1",
    )
)  # fmt: skip


def _frame() -> pd.DataFrame:
    labels = [file.split("/")[0] for file in FILES]
    return pd.DataFrame({"file": FILES, "label": labels, "split": "train"})


def _parquet(frame: pd.DataFrame, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


def _lines(frame: pd.DataFrame) -> bytes:
    text: str = frame.to_json(orient="records", lines=True)
    return text.encode()


def _rows_hold(rows: dict[str, Sequence[Any]]) -> None:
    """Hold what the rest of the program takes for granted of any manifest."""
    files = list(rows["file"])
    assert len(set(files)) == len(files)
    assert all(isinstance(name, str) and name for name in (*files, *rows["label"]))
    for status, reason in zip(rows["status"], rows["reason"], strict=True):
        assert (status == "ok") == (reason == "")
    pd.DataFrame(rows).to_parquet(io.BytesIO())


def _scanned(path: Path) -> str:
    from embeddings import manifest

    result = manifest.scan(path)
    _rows_hold(result.rows)
    assert all("\n" not in note for note in result.notes)
    return "scanned"


def _by_suffix(folder: Path, seeds: dict[str, bytes]) -> Target:
    """Make a target of files whose first byte says which suffix they get."""
    suffixes = sorted({name.rpartition(".")[2] for name in seeds})

    def check(data: bytes) -> str:
        suffix = suffixes[(data[0] if data else 0) % len(suffixes)]
        path = folder / f"input.{suffix}"
        path.write_bytes(data[1:])
        return f"{suffix} {_scanned(path)}"

    marked = [bytes([suffixes.index(n.rpartition(".")[2])]) + data for n, data in seeds.items()]
    return Target(marked, _TABLE_WORDS, check)


def _pictures(folder: Path) -> None:
    for file in FILES[:3]:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), "red").save(folder / file)


def _tables(folder: Path) -> Target:
    _pictures(folder)
    frame = _frame()
    return _by_suffix(
        folder,
        {
            "a.csv": frame.to_csv(index=False).encode(),
            "b.csv": frame.to_csv(index=False, sep=";").encode(),
            "a.tsv": frame.to_csv(index=False, sep="\t").encode(),
            "a.jsonl": _lines(frame),
            "a.parquet": _parquet(frame, compression=None),
            "b.parquet": _parquet(frame, compression="zstd"),
        },
    )


def _ready_made(folder: Path) -> Target:
    _pictures(folder)
    matrix = np.linspace(-1, 1, len(FILES) * 4, dtype=np.float32).reshape(-1, 4)
    seeds: dict[str, bytes] = {}
    for name, values in (("a.npy", matrix), ("b.npy", matrix.astype(">f8"))):
        buffer = io.BytesIO()
        np.save(buffer, values)
        seeds[name] = buffer.getvalue()
    labels = [file.split("/")[0] for file in FILES]
    for name, save in (("a.npz", np.savez), ("b.npz", np.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, embeddings=matrix, files=FILES, labels=labels)
        seeds[name] = buffer.getvalue()
    frame = _frame().assign(embedding=matrix.tolist())
    return _by_suffix(folder, seeds | {"a.parquet": _parquet(frame), "a.jsonl": _lines(frame)})


def _folder(folder: Path) -> Target:
    """Make trees of files, each line of the input being the bytes of one path."""
    root = folder / "tree"
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "PNG")

    def put(path: bytes, number: int) -> None:
        parts = [part for part in path.split(b"/") if part not in (b"", b".", b"..")]
        full = os.path.join(os.fsencode(root), *parts)
        try:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if path.startswith(b"->"):
                os.symlink(path[2:], full)
            elif path.endswith((b".csv", b".jsonl")):
                Path(os.fsdecode(full)).write_bytes(b"file_name,label\na/1.png,b\n")
            else:
                Path(os.fsdecode(full)).write_bytes(picture.getvalue()[: 40 * (1 + number % 4)])
        except (OSError, ValueError):
            return  # no file system takes such a name

    def check(data: bytes) -> str:
        import shutil

        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for number, path in enumerate(data.split(b"\n")[:12]):
            if path:
                put(path, number)
        return _scanned(root)

    seeds = ["\n".join(FILES[:6]).encode(), b"train/a/1.png\ntest/a/1.png\ntrain/metadata.csv"]
    names = ("\u202e", "\xff", "\r", '"', "a/../b.png", "->..", "->../secret.png", "n" * 251,
             "metadata.jsonl", "cafe\u0301/1.png", "caf\u00e9/1.png", " ", "A/1.png",
             "->.")  # fmt: skip
    return Target(seeds, [name.encode() for name in names] + [b"\xe9", b"\n"], check)


def _image(folder: Path) -> Target:
    from embeddings import images
    from embeddings.errors import ImageError

    path = folder / "input"

    def check(data: bytes) -> str:
        path.write_bytes(data)
        try:
            facts = images.probe(path)
        except ImageError:
            facts = None
        seen = images.prepare(path, 16, thumbnail_size=24)
        assert seen.pixels.shape == (16, 16, 3)
        with Image.open(io.BytesIO(seen.thumbnail)) as thumbnail:
            thumbnail.load()
        assert facts is not None, "its pixels can be read, and its header can't"
        assert (facts.width, facts.height) == (seen.width, seen.height)
        return facts.format

    return Target(_encoded(), [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff", b"Exif\0\0"], check)


def _encoded() -> list[bytes]:
    """Encode a small picture in each format, mode and compression that is read."""
    ramp = np.arange(48 * 40 * 3, dtype=np.uint32).reshape(40, 48, 3)
    colour = Image.fromarray((ramp * 7 % 256).astype(np.uint8))
    deep = Image.fromarray((ramp[..., 0] * 5).astype(np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    icc = b"\0\0\x02\x0c" + bytes(520)
    ways: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (colour, "JPEG", {"exif": exif}),
        (colour, "JPEG", {"progressive": True, "icc_profile": icc}),
        (colour.convert("CMYK"), "JPEG", {}),
        (colour.convert("L"), "JPEG", {}),
        *((colour.convert(mode), "PNG", {}) for mode in ("RGB", "RGBA", "P", "1", "LA")),
        (deep, "PNG", {"icc_profile": icc}),
        (colour, "PNG", {"save_all": True, "append_images": [colour.rotate(90)]}),
        (colour, "GIF", {"save_all": True, "append_images": [colour.rotate(180)]}),
        (colour, "BMP", {}),
        (colour.convert("P"), "BMP", {}),
        (colour, "WEBP", {"exif": exif}),
        (colour.convert("RGBA"), "WEBP", {"lossless": True}),
        (colour, "WEBP", {"save_all": True, "append_images": [colour.rotate(90)]}),
        (colour, "AVIF", {}),
        *((colour, "TIFF", {"compression": c}) for c in ("raw", "tiff_lzw", "jpeg", "packbits")),
        (colour.convert("1"), "TIFF", {"compression": "group4"}),
        (colour.convert("CMYK"), "TIFF", {}),
        (deep, "TIFF", {}),
        (Image.fromarray(ramp[..., 0].astype(np.float32)), "TIFF", {}),
    ]
    encoded = []
    for image, format_, options in ways:
        buffer = io.BytesIO()
        image.save(buffer, format_, **options)
        encoded.append(buffer.getvalue())
    return encoded


# -- what an import reads --------------------------------------------------------------


def _importer(folder: Path, format_: str, seeds: Sequence[bytes]) -> Target:
    from embeddings import ingest

    path = folder / "input"
    items = _frame().assign(sha256=[f"{n % 17:064x}" for n in range(len(FILES))])

    def check(data: bytes) -> str:
        path.write_bytes(data)
        done = ingest.read_decisions(path, items, format=format_)
        assert all("\n" not in line for line in done.report.lines()[:2])
        for decision in done.decisions:
            assert decision.file in FILES
        return "read, some of it new" if done.report.changed else "read"

    return Target(seeds, _TABLE_WORDS, check)


def _decision_tables() -> list[bytes]:
    return [
        b"file,label\njaguar/0.png,crane\ncrane/1.png,crane\n",
        b'file;decision;note\njaguar/0.png;relabel: crane;"a\nb"\ncrane/1.png;remove;\n',
        b"sha256\taction\tto_label\treviewer\n" + b"0" * 64 + b"\trelabel\tcrane\tAda\n",
    ]


def _label_studio() -> list[bytes]:
    choice = {"from_name": "label", "type": "choices", "value": {"choices": ["crane"]}}
    note = {"from_name": "note", "type": "textarea", "value": {"text": ["odd"]}}
    task = {
        "id": 1,
        "data": {"file": "jaguar/0.png", "image": "/data/local-files/?d=jaguar/0.png"},
        "annotations": [
            {"result": [choice, note], "completed_by": {"email": "a@b"}, "updated_at": "2024"}
        ],
    }
    flat = {"id": 2, "image": "/data/upload/1/01234567-0.png", "label": "crane", "annotator": 3}
    return [json.dumps([task, task]).encode(), json.dumps([flat]).encode()]


def _fiftyone() -> list[bytes]:
    full = {"label": "crane", "attributes": {"decision": "remove", "sha256": "0" * 64}}
    labels = {"jaguar/0": 1, "crane/1": "jaguar", "crane/2": full, "crane/3": None}
    return [json.dumps({"classes": list(LABELS), "labels": labels}).encode()]


# -- what a browser asks ---------------------------------------------------------------


def _query(folder: Path) -> Target:
    """Draw the page of any address, and answer with what it asks for; nothing may be ours here.

    The input is JSON of path, query, window, rows and a text to look for; where it is none, it is
    the query.
    """
    from embeddings import pipeline
    from explorer.components import read_place
    from explorer.data import Dataset, Services, find, rows_in, selection_csv, selection_view
    from explorer.pages.map.view import atlas_view, window_of
    from explorer.server import create_app, page_at

    rng = random.Random(0)
    labels = [label for label in LABELS for _ in range(8)]
    matrix = [[rng.gauss(LABELS.index(label), 0.3) for _ in range(6)] for label in labels]
    files = [f"{label}/{n}.png" for n, label in enumerate(labels)]
    np.savez(folder / "given.npz", embeddings=np.array(matrix), files=files, labels=labels)
    dataset = Dataset(pipeline.run(folder / "given.npz", folder / "workspace").path)
    app = create_app(Services(dataset))

    def check(data: bytes) -> str:
        try:
            asked = json.loads(data)
        except (ValueError, RecursionError):
            asked = {"pathname": "/splits", "search": "?" + data.decode("utf-8", "replace")}
        asked = asked if isinstance(asked, dict) else {"rows": asked}
        place = read_place(asked)
        with app.server.test_request_context("/"):
            page, title = page_at(Services(dataset), place.pathname, place.search)
            json.dumps(page.to_plotly_json(), default=repr)
            atlas_view(dataset, "", window_of(asked.get("window")))
        text = asked.get("text")
        find(dataset, text if isinstance(text, str) else "")
        rows = rows_in(dataset, asked.get("rows"))
        json.dumps(selection_view(dataset, rows))
        selection_csv(dataset, rows, {})
        return title if title not in LABELS else "a label"

    return Target(_addresses(), _QUERY_WORDS, check)


def _addresses() -> list[bytes]:
    pages = ("/", "/splits", "/overview", "/confusion", "/images", "/map", "/review", "/changes",
             "/class/jaguar", "/class/caf%C3%A9", "/nowhere")  # fmt: skip
    search = "?show=two&sort=size&q=a&done=no&least=2&low=0.1&high=0.9&colour=split&seed=4&label=a"
    rest = {"window": [0, 0, 1.5, 1], "rows": [1, 2, 3], "text": "jag"}
    return [json.dumps({"pathname": page, "search": search, **rest}).encode() for page in pages]


_QUERY_WORDS: Final = tuple(
    word.encode()
    for word in (
        "&", "=", "?", "%", "%00", "%ff", "%ed%a0%80", "+", "nan", "inf", "1e400", "-1", "9" * 400,
        "&seed=", "&colour=", "&row=", "&column=", "&a=b" * 30, "null", "[]", "{}", "true", '"',
        "\\ud800", "\\u0000", "/class/", "..%2f", "1.5", ",", "\u202e", "&low=", "&least=", "&q=",
        "&by=", "&order=", "&page=", "&of=", "&kind=",
    )
)  # fmt: skip


def repacked(data: bytes, rng: random.Random) -> bytes | None:
    """Mutate what is packed in a ``.npz`` and pack it again; else a checksum ends most tries."""
    try:
        with zipfile.ZipFile(io.BytesIO(data[1:])) as pack:
            parts = {name: pack.read(name) for name in pack.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, struct.error):
        return None
    if not parts:
        return None
    name = rng.choice(sorted(parts))
    part = bytearray(parts[name])
    for _ in range(rng.randint(1, 4)):
        part[rng.randrange(len(part))] = rng.randrange(256)
    parts[name] = bytes(part)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
    return data[:1] + buffer.getvalue()
