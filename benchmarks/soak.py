"""Readers and writers on a running server for an hour: whether anything grows, slows or fails.

    python benchmarks/soak.py [--minutes 60] [--readers 20] [--writers 4] [--strangers 200]
                              [--items 100000]

Serves a workspace of that size (synthetic, as `benchmarks/app.py` makes it) on localhost. Readers
look at pages, images, items and searches with pauses as people make them; writers decide, undo and
redo, each told of others' work. Strangers connect, say nothing or half a request, and come again
when they are sent away. Twice the data folder is taken away, as when its disk is not mounted, and
put back: large views must be the picture or its thumbnail, and only the picture may be kept by a
browser. A minute is one sample: answers, errors, p50 and p95, the server's
memory, open files and threads, the size of its log and of the decision store.

Afterwards every action that the server said was kept is looked for in the store. Flat means that
the median of the last third is at most 1.1 (memory) or 1.25 (p95) times that of the second third;
the first third is for filling caches. Prints JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import N_PHOTOS, make_workspace  # noqa: E402

RUN = "benchmark"
RSS_FLAT, P95_FLAT = 1.1, 1.25
# what a reader asks for, how often out of 100
READS = {
    "image": 52, "large": 10, "item": 10, "label": 8, "decisions": 8, "find": 5, "splits": 3,
    "map": 1, "overview": 1, "review": 1, "frame": 1,
}  # fmt: skip
PAGES = {"splits": "/splits", "map": "/map", "overview": "/overview", "review": "/review"}


@dataclass
class Heard:
    """What the clients saw since the last sample; shared by their threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: list[tuple[str, float]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    kept: dict[int, int] = field(default_factory=dict)  # position: items that it changed
    wrong: list[str] = field(default_factory=list)  # pictures that were not theirs
    stood_in: int = 0  # thumbnails in the place of large pictures
    sent_away: int = 0  # strangers

    def take(self) -> tuple[list[tuple[str, float]], int]:
        """Return the times since the last call, and the errors of all time."""
        with self.lock:
            seconds, self.seconds = self.seconds, []
            return seconds, sum(self.errors.values())


class Client:
    """One connection that asks and takes note."""

    headers: Any = None  # of the last answer
    content = b""

    def __init__(self, address: str, heard: Heard, seed: int) -> None:
        self._address, self._heard = address, heard
        self._connection = http.client.HTTPConnection(address, timeout=60)
        self.rng = random.Random(seed)

    def ask(self, kind: str, path: str, body: Any = None, allowed: tuple[int, ...] = ()) -> Any:
        """Return the parsed answer (None where it is no JSON), and count it."""
        began = time.monotonic()
        try:
            sent = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if sent else {}
            self._connection.request("GET" if sent is None else "POST", path, sent, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._fail(f"{kind}: {type(error).__name__}")
            return None
        self.headers, self.content = answer.headers, content
        with self._heard.lock:
            self._heard.seconds.append((kind, time.monotonic() - began))
        if answer.status in allowed:
            with self._heard.lock:
                self._heard.conflicts += 1
        elif answer.status != 200:
            self._fail(f"{kind}: {answer.status}")
        return json.loads(content) if answer.headers.get_content_subtype() == "json" else None

    def _fail(self, what: str) -> None:
        with self._heard.lock:
            self._heard.errors[what] += 1


def page_question(pathname: str) -> dict[str, Any]:
    """Return what the browser posts to be given a page."""
    return {
        "output": "..main.children...title.data...shown.data..",
        "outputs": [
            {"id": "main", "property": "children"},
            {"id": "title", "property": "data"},
            {"id": "shown", "property": "data"},
        ],
        "inputs": [
            {"id": "url", "property": "data", "value": {"pathname": pathname, "search": ""}}
        ],
        "state": [{"id": "shown", "property": "data", "value": None}],
        "changedPropIds": ["url.data"],
    }


def read(client: Client, stop: threading.Event, pause: float, items: int, labels: int) -> None:
    """Look around until told to stop."""
    rng = client.rng
    position = 0
    while not stop.wait(rng.expovariate(1 / pause)):
        kind = rng.choices(list(READS), list(READS.values()))[0]
        row, label = rng.randrange(items), f"label_{rng.randrange(labels):03d}"
        if kind == "large":
            look_closely(client, rng.randrange(N_PHOTOS) * max(1, items // N_PHOTOS))
        elif kind == "image":
            client.ask(kind, f"/img/{RUN}/{row}?size=160")
        elif kind == "item":
            client.ask(kind, f"/api/{RUN}/item/{row}")
        elif kind == "decisions":
            answer = client.ask(kind, f"/api/{RUN}/decisions?since={position}")
            position = answer["position"] if answer else position
        elif kind == "find":
            client.ask(kind, f"/api/{RUN}/find?q={quote(f'{row:05d}')}")
        elif kind == "frame":
            client.ask(kind, "/")
        else:
            place = PAGES.get(kind, f"/class/{label}")
            client.ask(kind, "/_dash-update-component", page_question(place))


def look_closely(client: Client, row: int) -> None:
    """Ask for the large view of an item that has a file, and hold it against its thumbnail."""
    client.ask("large", f"/img/{RUN}/{row}?size=large")
    large, headers = client.content, client.headers
    client.ask("image", f"/img/{RUN}/{row}")
    heard = client._heard
    with heard.lock:
        stands_in = large == client.content
        heard.stood_in += stands_in
        if headers is None or not _alike(large, client.content):
            heard.wrong.append(f"row {row}: another picture")
        elif stands_in and (headers["ETag"] or headers["Cache-Control"] != "no-store"):
            heard.wrong.append(f"row {row}: a thumbnail that may be kept as the large picture")
        elif not stands_in and "-large" not in (headers["ETag"] or ""):
            heard.wrong.append(f"row {row}: a picture without its tag")


def _alike(one: bytes, other: bytes) -> bool:
    """Whether two JPEGs show the same, small as they may be."""
    import numpy as np
    from PIL import Image

    try:
        first, second = (
            np.asarray(Image.open(BytesIO(x)).convert("RGB").resize((8, 8)), np.float32)
            for x in (one, other)
        )
    except OSError:
        return False
    return bool(np.abs(first - second).mean() < 6)


def loiter(address: str, heard: Heard, stop: threading.Event, how_many: int) -> None:
    """Be so many strangers, of whom half say half of something; who is sent away comes again."""
    host, port = address.split(":")
    held: list[socket.socket] = []
    while not stop.wait(0.2):
        while len(held) < how_many:
            try:
                one = socket.create_connection((host, int(port)), 10)
                one.setblocking(False)
                if len(held) % 2:
                    one.send(b"GET /img/" + b"x" * 50)
                held.append(one)
            except OSError:
                break
        still = []
        for one in held:
            try:
                gone = one.recv(100) == b""
            except BlockingIOError:
                gone = False
            except OSError:
                gone = True
            if gone:
                one.close()
                heard.sent_away += 1
            else:
                still.append(one)
        held = still
    for one in held:
        one.close()


def unmount(photos: Path, stop: threading.Event, minutes: float) -> None:
    """Take the data folder away twice, a tenth of the time each."""
    away = photos.with_name("away")
    for wait in (0.3, 0.3):
        if stop.wait(minutes * 60 * wait):
            return
        photos.rename(away)
        stop.wait(minutes * 60 * 0.1)
        away.rename(photos)


def write(client: Client, stop: threading.Event, pause: float, items: int, name: str) -> None:
    """Decide, undo and redo until told to stop."""
    rng = client.rng
    position = 0
    while not stop.wait(rng.expovariate(1 / pause)):
        what = rng.choices(["decide", "undo", "redo"], [10, 2, 1])[0]
        body: dict[str, Any] = {"reviewer": name, "expected": position}
        if what == "decide":
            start = rng.randrange(items)
            rows = range(start, min(items, start + rng.randrange(1, 40)))
            action = rng.choice(["keep", "remove", "relabel", "unsure"])
            body |= {"rows": list(rows), "action": action}
            body |= {"to_label": "label_001"} if action == "relabel" else {}
        answer = client.ask(what, f"/api/{RUN}/{what}", body, allowed=(409,))
        if answer and "batch" in answer:
            with client._heard.lock:
                client._heard.kept[answer["batch"]] = len(body.get("rows", ()))
        position = answer["position"] if answer and "position" in answer else position


def sample(pid: int, workspace: Path, heard: Heard, began: float) -> dict[str, Any]:
    """Return what the last minute was like."""
    times, errors = heard.take()
    process = Path("/proc") / str(pid)
    lines = (process / "status").read_text().splitlines()
    status = {"VmRSS": "0"} | dict(line.split(":", 1) for line in lines if ":" in line)
    logs = workspace / "logs"
    images = [t for kind, t in times if kind == "image"]
    return {
        "minute": round((time.monotonic() - began) / 60, 1),
        "requests": len(times),
        "errors": errors,
        "p50_ms": _percentile([t for _, t in times], 0.5),
        "p95_ms": _percentile([t for _, t in times], 0.95),
        "image_p95_ms": _percentile(images, 0.95),
        "rss_mb": round(int(status["VmRSS"].split()[0]) / 1024, 1),
        "threads": int(status["Threads"]),
        "open_files": len(list((process / "fd").iterdir())),
        "log_kb": round(sum(f.stat().st_size for f in logs.glob("*")) / 1024, 1),
        "store_mb": round(
            sum(f.stat().st_size for f in workspace.glob("decisions.sqlite*")) / 1e6, 2
        ),
        "load": round(os.getloadavg()[0], 2),
    }


def _percentile(seconds: list[float], share: float) -> float | None:
    return round(1000 * sorted(seconds)[int(share * (len(seconds) - 1))], 1) if seconds else None


def soak(
    workspace: Path,
    photos: Path,
    *,
    minutes: float,
    readers: int,
    writers: int,
    strangers: int,
    pause: float,
    items: int,
) -> dict[str, Any]:
    """Serve the workspace, let everybody in, and return what was seen."""
    labels = 200
    command = [sys.executable, "-m", "explorer", "open", str(workspace)]
    command += ["--no-browser", "--port", "0"]
    heard, stop, samples = Heard(), threading.Event(), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().split()[3]).netloc
        people = [
            threading.Thread(
                target=read, args=(Client(address, heard, n), stop, pause, items, labels)
            )
            for n in range(readers)
        ] + [
            threading.Thread(
                target=write,
                args=(Client(address, heard, 1000 + n), stop, 2 * pause, items, f"writer {n}"),
            )
            for n in range(writers)
        ]
        people.append(threading.Thread(target=loiter, args=(address, heard, stop, strangers)))
        people.append(threading.Thread(target=unmount, args=(photos, stop, minutes)))
        began = time.monotonic()
        for person in people:
            person.start()
        step = min(60.0, minutes * 60 / 9)
        try:
            while time.monotonic() - began < minutes * 60 and server.poll() is None:
                time.sleep(step)
                samples.append(sample(server.pid, workspace, heard, began))
                print(json.dumps(samples[-1]), file=sys.stderr, flush=True)
        finally:
            stop.set()
            for person in people:
                person.join()
            died = server.poll()  # by itself, which it must not
            server.terminate()
        code = server.wait(30)
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "requests": sum(s["requests"] for s in samples),
        "errors": dict(heard.errors),
        "conflicts_refused": heard.conflicts,
        "wrong_pictures": len(heard.wrong),
        "first_wrong": heard.wrong[:3],
        "thumbnails_stood_in": heard.stood_in,
        "strangers_sent_away": heard.sent_away,
        "exit_code": code,
        "died": died,
        "memory": _flat([s["rss_mb"] for s in samples], RSS_FLAT),
        "p95": _flat([s["p95_ms"] for s in samples], P95_FLAT),
        "image_p95": _flat([s["image_p95_ms"] for s in samples], P95_FLAT),
        "log_kb": samples[-1]["log_kb"],
        "decisions": _looked_for(workspace, heard.kept),
        "samples": samples,
    }


def _flat(values: list[float], most: float) -> dict[str, Any]:
    third = max(1, len(values) // 3)
    middle, last = values[third : 2 * third] or values, values[-third:]
    ratio = statistics.median(last) / statistics.median(middle)
    return {
        "second_third": statistics.median(middle), "last_third": statistics.median(last),
        "ratio": round(ratio, 3), "most": most, "flat": ratio <= most,
    }  # fmt: skip


def _looked_for(workspace: Path, kept: dict[int, int]) -> dict[str, Any]:
    """Look in the store for every action that the server said was kept."""
    from embeddings.decisions import open_store

    with open_store(workspace) as store:
        lost = [batch for batch, size in kept.items() if len(store.decisions(batch)) < min(size, 1)]
        return {"actions": len(kept), "lost": len(lost), "problems": store.problems()}


def main() -> None:
    """Soak and print."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--readers", type=int, default=20)
    p.add_argument("--writers", type=int, default=4)
    p.add_argument("--strangers", type=int, default=200)
    p.add_argument("--items", type=int, default=100_000)
    p.add_argument("--pause", type=float, default=2.0, help="s between two acts of a reader")
    p.add_argument("--out", type=Path)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        workspace, photos = Path(temporary) / "ws", Path(temporary) / "photos"
        make_workspace(workspace, a.items, 200, photos=photos)
        figures = soak(
            workspace, photos, minutes=a.minutes, readers=a.readers, writers=a.writers,
            strangers=a.strangers, pause=a.pause, items=a.items,
        )  # fmt: skip
    result = {
        "benchmark": "soak",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "items": a.items, "readers": a.readers, "writers": a.writers, "strangers": a.strangers,
        "pause_s": a.pause,
        **figures,
    }  # fmt: skip
    text = json.dumps(result, indent=1)
    if a.out:
        a.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
