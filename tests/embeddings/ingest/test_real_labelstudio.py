"""There and back through the real Label Studio.

Runs when ``ROSETTE_LABEL_STUDIO`` names its executable, which wants an environment of its own::

    uv venv ls && uv pip install --python ls/bin/python label-studio
    ROSETTE_LABEL_STUDIO=ls/bin/label-studio pytest tests/embeddings/ingest/test_real_labelstudio.py
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from embeddings import columns as c
from embeddings import export, ingest
from embeddings.export.common.source import ExportSource
from embeddings.export.formats.labelstudio import label_of_choice
from tests.embeddings.export.making import NASTY_NAMES, make_source, picture
from tests.embeddings.ingest.saying import written

EXECUTABLE = os.environ.get("ROSETTE_LABEL_STUDIO", "")
DEADLINE = 300.0  # seconds; its first start makes a database

pytestmark = pytest.mark.skipif(
    not EXECUTABLE, reason="ROSETTE_LABEL_STUDIO does not name a label-studio executable"
)

MAIL, PASSWORD = "mara@example.org", "only-for-this-test"


class Client:
    """A session with the server, as a browser has it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def _token(self) -> str:
        return next((str(k.value) for k in self._cookies if k.name == "csrftoken"), "")

    def get(self, path: str) -> bytes:
        with self._opener.open(self.address + path, timeout=60) as answer:
            content: bytes = answer.read()
        return content

    def log_in(self) -> None:
        self.get("/user/login/")
        form = {"email": MAIL, "password": PASSWORD, "csrfmiddlewaretoken": self._token()}
        data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.address + "/user/login/", data=data)
        request.add_header("Referer", self.address + "/user/login/")
        with self._opener.open(request, timeout=60):
            pass
        assert json.loads(self.get("/api/current-user/whoami"))["email"] == MAIL

    def post(self, path: str, content: Any) -> Any:
        request = urllib.request.Request(self.address + path, data=json.dumps(content).encode())
        request.add_header("Content-Type", "application/json")
        request.add_header("X-CSRFToken", self._token())
        request.add_header("Referer", self.address)
        try:
            with self._opener.open(request, timeout=120) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read()[:2000]!r}") from error


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, images: Path) -> Iterator[Client]:
    """A server of its own, with an empty database, that may show ``images``."""
    home = tmp_path_factory.mktemp("label-studio")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(images.resolve().parent),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
    }
    command = [EXECUTABLE, "start", "--no-browser", "--data-dir", str(home), "--port", str(port)]
    command += ["--internal-host", "127.0.0.1", "--username", MAIL, "--password", PASSWORD]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=home
        )
        try:
            found = Client(f"http://127.0.0.1:{port}")
            _wait(found, process, home / "log")
            found.log_in()
            yield found
        finally:
            process.terminate()
            process.wait()


def _wait(client: Client, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        try:
            client.get("/health")
        except OSError:
            try:
                process.wait(timeout=0.5)  # ends the pause at once where the server dies
            except subprocess.TimeoutExpired:
                continue
            break
        return
    raise AssertionError(f"Label Studio did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def source(images: Path) -> ExportSource:
    """Nasty file names and labels; every sort of decision, suggestions, and items without."""
    files = [f"dir/{name}-{n}.jpg" for n, name in enumerate(NASTY_NAMES)]
    labels = [" ".join(name.split()) for name in NASTY_NAMES]
    made = make_source(images, files, labels)
    made.items.loc[3, c.SUGGESTED_LABEL] = labels[4]
    made.items.loc[3, c.SUSPICION] = 0.75
    made.items.loc[0, c.DECISION] = "remove"
    made.items.loc[1, c.DECISION] = "unsure"
    made.items.loc[2, c.DECISION] = "relabel: brand new, label"
    for place, file in enumerate(files):
        target = images / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture(place))
    return made


def test_there_and_back(client: Client, source: ExportSource, tmp_path: Path) -> None:
    interface, tasks_file, _ = export.write("labelstudio", source, tmp_path / "out").files
    tasks = json.loads(tasks_file.read_text(encoding="utf-8"))
    config = {"title": "there and back", "label_config": interface.read_text(encoding="utf-8")}
    project = client.post("/api/projects/", config)["id"]
    storage = {"project": project, "path": str(source.root.resolve()), "title": "images"}
    client.post("/api/storages/localfiles", {**storage, "use_blob_urls": True})
    imported = client.post(f"/api/projects/{project}/import", tasks)
    assert imported["task_count"] == len(tasks)
    assert imported["prediction_count"] == len(tasks)

    # the predictions are there, with their scores, and the pictures are shown
    there = json.loads(client.get(f"/api/tasks/?project={project}&page_size=500&fields=all"))
    by_file = {task["data"]["file"]: task for task in there["tasks"]}
    for task in tasks:
        [sent] = task["predictions"]
        [got] = by_file[task["data"]["file"]]["predictions"]
        assert got["score"] == sent["score"]
        assert [r["value"] for r in got["result"]] == [r["value"] for r in sent["result"]]
    for place, task in enumerate(tasks):
        assert client.get(task["data"]["image"]) == picture(place), task["data"]["file"]

    # a person accepts every prediction
    for task in tasks:
        number = by_file[task["data"]["file"]]["id"]
        results = task["predictions"][0]["result"]
        client.post(f"/api/tasks/{number}/annotations/", {"result": results})

    expected = {}
    for task in tasks:
        [prediction] = task["predictions"]
        said = {r["from_name"]: r["value"]["choices"][0] for r in prediction["result"]}
        label = label_of_choice(said["true_label"])
        same = label == task["data"]["given_label"]
        expected[task["data"]["file"]] = (
            (said["verdict"], None)
            if "verdict" in said
            else (("keep", None) if same else ("relabel", label))
        )
    assert set(expected.values()) >= {("remove", None), ("unsure", None), ("keep", None)}

    for kind in ("JSON", "JSON_MIN"):
        content = client.get(f"/api/projects/{project}/export?exportType={kind}")
        file = written(tmp_path / f"{kind}.json", json.loads(content))
        done = ingest.read_decisions(file, source.items)
        assert {d.file: (d.action, d.to_label) for d in done.decisions} == expected, kind
        assert done.report.problems == done.report.unmatched == ()
        assert {d.reviewer for d in done.decisions} == {"Label Studio user 1"}
