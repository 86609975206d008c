"""Nothing is sent anywhere: the demo's run, a report, the app and its pages, with the ways watched.

The demo data set of these tests is drawn, embedded, clustered and served by watched processes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.conftest import Chromium, Demo, visit
from tests.e2e.test_journeys import PAGES
from tests.watching import watched


def test_the_watch_sees_who_leaves(tmp_path: Path) -> None:
    environment, tried = watched(tmp_path)
    code = "import urllib.request; urllib.request.urlopen('http://rosette.invalid/')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 1
    assert "rosette.invalid" in tried.read_text()


def test_no_run_report_or_page_leaves_the_machine(people: Chromium, demo: Demo) -> None:
    report = [sys.executable, "-m", "explorer", "report", str(demo.workspace)]
    assert subprocess.run(report, env=demo.environment, capture_output=True).returncode == 0
    asked: set[tuple[str, str]] = set()
    with visit(people, demo.url) as one:
        one.page.on("request", lambda request: asked.add(urlsplit(request.url)[:2]))
        for page in PAGES:
            one.page.goto(demo.url + page)
            one.drawn()
    assert {netloc for scheme, netloc in asked if scheme not in ("data", "blob")} == {
        urlsplit(demo.url).netloc
    }
    assert not demo.tried.exists(), demo.tried.read_text()
