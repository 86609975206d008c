"""Our nearest neighbours, and hdbscan, beside the libraries that could take their place.

::

    pip install pynndescent faiss-cpu usearch fast_hdbscan
    python benchmarks/neighbors.py
    python benchmarks/neighbors.py --items 100000 --parts all one

``all``: the ten nearest others of every item (``neighbors.rp_forest``, for maps, splits and label
errors). Each library is made more thorough until its recall is ours, and is timed there, index and
questions together. ``one``: twelve nearest of one item (``neighbors.ivf_index``, for the app), the
index on the disk, questions one by one. ``clusters``: the cuts of one label's map. What is not
installed is left out. Compiling is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

K: Final = 10
NEAREST: Final = 12
ASKED: Final = 1000  # items on which recall is counted
KINDS: Final = 200
Rows = NDArray[np.float32]
Found = NDArray[np.intp]


def made_up(n: int, width: int) -> Rows:
    """Return (n, width) rows of length 1: kinds of their own dimensions, with noise."""
    rng = np.random.default_rng(0)
    out = np.empty((n, width), np.float32)
    kind = rng.integers(0, KINDS, n)
    for number in range(KINDS):
        members = np.flatnonzero(kind == number)
        own = rng.normal(size=(12, width)) / 4
        low = rng.normal(size=(len(members), 12))
        out[members] = rng.normal(size=width) / 3 + low @ own
    out += 0.3 * rng.normal(size=(n, width)).astype(np.float32)
    out -= out.mean(axis=0)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def truth(rows: Rows, asked: NDArray[np.intp], k: int) -> Found:
    """Return the (m, k) nearest others of the asked items, by comparing with all."""
    like = rows[asked] @ rows.T
    like[np.arange(len(asked)), asked] = -np.inf
    return np.argpartition(-like, k - 1, axis=1)[:, :k]


def recall(found: Found, true: Found) -> float:
    """Return the share of the true neighbours that were found."""
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found, true, strict=True)]
    return float(np.mean(hits)) / true.shape[1]


def without_self(found: Found, items: NDArray[np.intp], k: int) -> Found:
    """Return (n, k) of (n, k + 1) found: the item itself is left out, or the last."""
    itself = found == items[:, None]
    itself[~itself.any(axis=1), -1] = True
    return found[~itself].reshape(len(found), -1)[:, :k]


# -- the neighbours of all ----------------------------------------------------------------


def ours(rows: Rows) -> Iterator[Callable[[], Found]]:
    """Search in random-projection trees."""
    from embeddings.neighbors import nearest_of_others

    yield lambda: nearest_of_others(rows, np.arange(len(rows)), K).index


def pynndescent(rows: Rows) -> Iterator[Callable[[], Found]]:
    """Search by nearest-neighbour descent."""
    from pynndescent import NNDescent

    def graph(k: int) -> Found:
        index = NNDescent(rows, metric="dot", n_neighbors=k, random_state=0)
        return without_self(index.neighbor_graph[0], np.arange(len(rows)), K)

    for k in (11, 16, 24, 32):
        yield lambda k=k: graph(k)  # type: ignore[misc]


def faiss_ivf(rows: Rows) -> Iterator[Callable[[], Found]]:
    """Search in an inverted file of whole vectors."""
    import faiss

    def search(probes: int) -> Found:
        cells = round(4 * len(rows) ** 0.5)
        quantiser = faiss.IndexFlatIP(rows.shape[1])
        index = faiss.IndexIVFFlat(quantiser, rows.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
        index.cp.min_points_per_centroid = 5
        index.train(rows[:: max(1, len(rows) // (40 * cells))])
        index.add(rows)
        index.nprobe = probes
        return without_self(index.search(rows, K + 1)[1], np.arange(len(rows)), K)

    for probes in (4, 8, 16, 32, 64):
        yield lambda probes=probes: search(probes)  # type: ignore[misc]


def faiss_hnsw(rows: Rows) -> Iterator[Callable[[], Found]]:
    """Search in a graph of small worlds."""
    import faiss

    def search(links: int, wide: int) -> Found:
        index = faiss.IndexHNSWFlat(rows.shape[1], links, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction, index.hnsw.efSearch = wide, wide
        index.add(rows)
        return without_self(index.search(rows, K + 1)[1], np.arange(len(rows)), K)

    for links, wide in ((16, 40), (24, 80), (32, 160)):
        yield lambda links=links, wide=wide: search(links, wide)  # type: ignore[misc]


def usearch(rows: Rows) -> Iterator[Callable[[], Found]]:
    """Search in a graph of small worlds, in half precision."""
    from usearch.index import Index

    def search(links: int, wide: int) -> Found:
        index = Index(
            ndim=rows.shape[1], metric="ip", dtype="f16", connectivity=links,
            expansion_add=wide, expansion_search=wide,
        )  # fmt: skip
        index.add(np.arange(len(rows)), rows)
        found = index.search(rows, K + 1).keys.astype(np.intp)
        return without_self(found, np.arange(len(rows)), K)

    for links, wide in ((16, 40), (24, 80), (32, 160)):
        yield lambda links=links, wide=wide: search(links, wide)  # type: ignore[misc]


def timed(rows: Rows, least: float, contender: Callable[[Rows], Any]) -> dict[str, Any] | None:
    """Return the time at which a contender has the recall; None where it is not installed."""
    asked = np.random.default_rng(1).choice(len(rows), min(ASKED, len(rows)), replace=False)
    true = truth(rows, asked, K)
    told: dict[str, Any] = {}
    try:
        for search in contender(rows[:5000]):
            search()  # compiles
            break
        for search in contender(rows):
            clock = time.perf_counter()
            found = search()
            seconds = time.perf_counter() - clock
            told = {"seconds": round(seconds, 2), "recall": round(recall(found[asked], true), 4)}
            if told["recall"] >= least:
                break
    except ImportError:
        return None
    return told


def neighbours_of_all(n: int, width: int) -> dict[str, Any]:
    """Compare the searches for all items."""
    rows = made_up(n, width)
    first = timed(rows, 0.0, ours)
    assert first is not None
    out = {"items": n, "width": width, "ours": first}
    for contender in (pynndescent, faiss_ivf, faiss_hnsw, usearch):
        told = timed(rows, first["recall"] - 0.005, contender)
        if told is not None:
            told["times"] = round(told["seconds"] / first["seconds"], 2)
            out[contender.__name__] = told
    return out


# -- the neighbours of one ----------------------------------------------------------------


def per_question(
    ask: Callable[[int], list[int]], asked: NDArray[np.intp], true: Found
) -> dict[str, Any]:
    """Return how long a question takes, in ms, and what it finds."""
    ask(int(asked[0]))
    seconds, hits = [], []
    for item, expected in zip(asked.tolist(), true, strict=True):
        clock = time.perf_counter()
        found = ask(item)
        seconds.append(time.perf_counter() - clock)
        hits.append(len(set(found[:NEAREST]) & set(expected.tolist())))
    low, high = np.quantile(seconds, (0.5, 0.95)) * 1000
    share = float(np.mean(hits)) / NEAREST
    return {"ms": round(low, 2), "ms_p95": round(high, 2), "recall": round(share, 4)}


def neighbours_of_one(n: int, width: int) -> dict[str, Any]:
    """Compare the searches for single items; the libraries hold all in memory."""
    rows = made_up(n, width)
    asked = np.random.default_rng(1).choice(n, 200, replace=False)
    true = truth(rows, asked, NEAREST)
    out: dict[str, Any] = {"items": n, "width": width}
    with tempfile.TemporaryDirectory() as folder:
        out["ours"] = _our_index(rows, asked, true, Path(folder))
        for name, index in (("faiss_ivf", _faiss_index), ("usearch", _usearch_index)):
            try:
                out[name] = index(rows, asked, true, out["ours"]["recall"], Path(folder))
            except ImportError:
                continue
    return out


def _our_index(rows: Rows, asked: NDArray[np.intp], true: Found, folder: Path) -> dict[str, Any]:
    import pyarrow as pa

    from embeddings import columns as c
    from embeddings.neighbors import NearIndex, ensure_ivf_index
    from embeddings.storage import EmbeddingStore, MappedVectors, ShardRow

    store = EmbeddingStore(folder / "shards")
    keys = [f"{number:016x}" for number in range(len(rows))]
    for number, start in enumerate(range(0, len(rows), 4096)):
        part = range(start, min(start + 4096, len(rows)))
        store.write(number, [ShardRow(keys[r], rows[r]) for r in part], rows.shape[1])
    clock = time.perf_counter()
    parts = ensure_ivf_index(folder / "index", store, pa.array(keys, pa.large_string()))
    seconds = time.perf_counter() - clock
    index = NearIndex(parts, MappedVectors(store.files(), c.EMBEDDING), len(rows))
    own = np.zeros(0, np.intp)
    told = per_question(lambda item: index.near(item, own, NEAREST).all, asked, true)
    held = sum(file.stat().st_size for file in (folder / "index").iterdir())
    return {"seconds_to_make": round(seconds, 1), "MB": round(held / 1e6, 1), **told}


def _faiss_index(
    rows: Rows, asked: NDArray[np.intp], true: Found, least: float, folder: Path
) -> dict[str, Any]:
    import faiss

    clock = time.perf_counter()
    cells = round(len(rows) ** 0.5)
    quantiser = faiss.IndexFlatIP(rows.shape[1])
    index = faiss.IndexIVFScalarQuantizer(
        quantiser, rows.shape[1], cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(rows[:: max(1, len(rows) // (64 * cells))])
    index.add(rows)
    seconds = time.perf_counter() - clock
    faiss.write_index(index, str(folder / "faiss"))
    told: dict[str, Any] = {}
    for probes in (8, 16, 32, 64, 128):
        index.nprobe = probes
        told = per_question(
            lambda item: [
                r for r in index.search(rows[item : item + 1], NEAREST + 1)[1][0] if r != item
            ],
            asked,
            true,
        )
        if told["recall"] >= least - 0.005:
            break
    held = (folder / "faiss").stat().st_size
    return {"seconds_to_make": round(seconds, 1), "MB": round(held / 1e6, 1), **told}


def _usearch_index(
    rows: Rows, asked: NDArray[np.intp], true: Found, least: float, folder: Path
) -> dict[str, Any]:
    from usearch.index import Index

    clock = time.perf_counter()
    index = Index(ndim=rows.shape[1], metric="ip", dtype="i8", connectivity=16)
    index.add(np.arange(len(rows)), rows)
    seconds = time.perf_counter() - clock
    index.save(str(folder / "usearch"))
    mapped = Index.restore(str(folder / "usearch"), view=True)
    told: dict[str, Any] = {}
    for wide in (32, 64, 128, 256, 512):
        mapped.expansion_search = wide
        told = per_question(
            lambda item: [r for r in mapped.search(rows[item], NEAREST + 1).keys if r != item],
            asked,
            true,
        )
        if told["recall"] >= least - 0.005:
            break
    held = (folder / "usearch").stat().st_size
    return {"seconds_to_make": round(seconds, 1), "MB": round(held / 1e6, 1), **told}


# -- the cuts of a map --------------------------------------------------------------------


def clusters() -> list[dict[str, Any]]:
    """Compare hdbscan with fast_hdbscan on maps, as a label is cut."""
    out = []
    for n in (100, 400, 1280, 2500):
        rng = np.random.default_rng(n)
        places = rng.normal(size=(4, 2))[rng.integers(0, 4, n)] * 2 + 0.4 * rng.normal(size=(n, 2))
        places = places.astype(np.float32)
        row: dict[str, Any] = {"items": n}
        said = {}
        for package in ("hdbscan", "fast_hdbscan"):
            try:
                module = __import__(package)
            except ImportError:
                continue
            more = {"core_dist_n_jobs": 1} if package == "hdbscan" else {}
            size = max(5, n // 10)

            def run(
                module: Any = module, more: dict[str, int] = more, size: int = size
            ) -> NDArray[np.intp]:
                model = module.HDBSCAN(min_cluster_size=size, min_samples=3, **more)
                found: NDArray[np.intp] = model.fit_predict(places)  # noqa: B023
                return found

            run()
            seconds = []
            for _ in range(5):
                clock = time.perf_counter()
                said[package] = run()
                seconds.append(time.perf_counter() - clock)
            row[f"{package}_ms"] = round(1000 * min(seconds), 2)
        if len(said) == 2:
            from sklearn.metrics import adjusted_rand_score

            row["agreement"] = round(float(adjusted_rand_score(*said.values())), 4)
        out.append(row)
    return out


def main() -> None:
    """Run it, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--parts", nargs="+", default=["all", "one", "clusters"])
    asked = parser.parse_args()
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    out: dict[str, Any] = {"machine": machine}
    if "all" in asked.parts:
        out["all"] = neighbours_of_all(asked.items, asked.width)
    if "one" in asked.parts:
        out["one"] = neighbours_of_one(asked.items, asked.width)
    if "clusters" in asked.parts:
        out["clusters"] = clusters()
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
