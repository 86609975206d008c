"""A real Chromium, and the app served as users have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.e2e.desk_workspace import build_desk
from tests.explorer.conftest import build_workspace
from tests.watching import watched

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HERE = Path(__file__).parent
expect.set_options(timeout=15_000)  # ms; a machine that does much else draws a map in seconds


def chromium() -> str | None:
    """Where a Chromium is; None leaves the choice to Playwright's own."""
    named = os.environ.get("ROSETTE_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Chromium:
    """A browser that people visit with, each in a profile of their own.

    Only in a profile on the disk Chromium keeps scripts as it compiled them, which is most of the
    work of opening a page. So profiles are used again, emptied of what the page keeps.
    """

    type: BrowserType
    folder: Path
    idle: list[BrowserContext] = field(default_factory=list)
    made: int = 0

    @property
    def options(self) -> dict[str, Any]:
        # a root user has no sandbox to step into
        extra = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        return {"executable_path": chromium(), "args": ARGUMENTS + extra}

    @contextmanager
    def profile(self) -> Iterator[BrowserContext]:
        """A profile that nobody else uses; one in which a test failed is not used again."""
        if self.idle:
            context = self.idle.pop()
        else:
            self.made += 1
            folder = self.folder / f"profile-{self.made}"
            context = self.type.launch_persistent_context(folder, **self.options)
        try:
            yield context
        except BaseException:
            context.close()
            raise
        for page in context.pages[1:]:  # without any page Chromium ends
            page.close()
        context.clear_cookies()
        self.idle.append(context)


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        started = Chromium(playwright.chromium, tmp_path_factory.mktemp("chromium"))
        yield started
        for context in started.idle:
            context.close()


@pytest.fixture(scope="session")
def browser(people: Chromium) -> Iterator[Browser]:
    """A browser that keeps nothing, for pages that are not the app's."""
    with people.type.launch(**people.options) as started:
        yield started


@contextmanager
def served(
    workspace: Path, *options: str, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """Serve a workspace from a process of its own; give its address."""
    command = [sys.executable, "-m", "explorer", "open", str(workspace)]
    command += ["--no-browser", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        try:
            yield line.split()[3].rstrip("/")
        finally:  # else a test that fails waits for it for ever
            server.terminate()
        assert server.wait(timeout=20) == 0


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small data set, without a place in the address."""
    folder: Path = tmp_path_factory.mktemp("served") / "ws"
    build_workspace(folder)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a data set is served that has something of each kind of finding."""
    with served(build_desk(tmp_path_factory.mktemp("desk") / "ws")) as url:
        yield url


@dataclass(frozen=True)
class Demo:
    """The demo data set as `rosette demo` makes it: what it printed, and where it is served."""

    said: str
    workspace: Path
    url: str
    environment: dict[str, str]  # of processes that can't leave this machine
    tried: Path  # names where they tried to go


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("demo") / "demo"
    command = [sys.executable, "-m", "explorer", "demo", str(folder), "--no-open"]
    environment, tried = watched(folder.parent / "watched")
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    with served(folder / "workspace", environment=environment) as address:
        yield Demo(done.stdout, folder / "workspace", address, environment, tried)


@dataclass
class Visit:
    """A page, and everything that went wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        # what is drawn without a graphics card is read back, which Chromium finds slow
        if message.type in ("error", "warning") and "stall due to ReadPixels" not in message.text:
            self.complaints.append(message.text)

    def answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def drawn(self) -> None:
        """Wait until nothing is missing: images in sight, maps, signs."""
        self.page.wait_for_selector("#main h1", state="attached")
        self.page.wait_for_function(
            "[...document.images].every(i => i.loading === 'lazy' || i.complete)"
        )
        self.page.wait_for_function(
            "[...document.querySelectorAll('.graphbox')].every(b => b.dataset.ready)"
        )
        assert not self.page.locator(".no-webgl").count()


@contextmanager
def visit(
    people: Chromium,
    address: str,
    *,
    width: int = 1440,
    height: int = 900,
    scheme: str = "light",
    first: bool = False,
) -> Iterator[Visit]:
    """Open a page as one person does; at the end nothing may have been complained of.

    Who comes for the ``first`` time is shown around.
    """
    with people.profile() as context:
        one = Visit(context.new_page())
        page = one.page
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
        )
        origin = "/".join(address.split("/")[:3])
        context.new_cdp_session(page).send(
            "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"}
        )
        if not first:
            page.add_init_script("localStorage.setItem('rosette-visited', 'yes')")
        page.on("console", one.heard)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        page.on("response", one.answered)
        page.add_init_script(
            "window.shifts = 0; new PerformanceObserver(l => l.getEntries().forEach(e => {"
            " if (!e.hadRecentInput) window.shifts += e.value }))"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        page.goto(address)
        yield one
        assert one.complaints == []
