"""Progress in the terminal."""

from __future__ import annotations

import io

from explorer.cli import progress
from explorer.cli.progress import TerminalProgress, duration


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_rate_and_time_left_are_said(monkeypatch: object) -> None:
    clock, out = Clock(), io.StringIO()
    monkeypatch.setattr(progress, "time", clock)  # type: ignore[attr-defined]
    tell = TerminalProgress(out)
    tell(0, 1000, "embed")
    clock.now += 20
    tell(400, 1000, "embed")
    assert "400 of 1,000 images  20/s  30 s left" in out.getvalue()
    clock.now += 30
    tell(1000, 1000, "embed")
    assert out.getvalue().splitlines()[-1].endswith("in 50 s")


def test_the_end_is_said_once(monkeypatch: object) -> None:
    out = io.StringIO()
    tell = TerminalProgress(out)
    for _ in range(3):
        tell(5, 5, "scan")
    assert len(out.getvalue().splitlines()) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_is_taken_away_at_the_end() -> None:
    out = Terminal()
    tell = TerminalProgress(out)
    tell(0, 4, "scan")
    tell(4, 4, "scan")
    tell(1, 4, "[bold]odd[/]")
    tell.close()
    tell.close()
    said = out.getvalue()
    assert "4 of 4 files" in said
    assert "[bold]odd[/]" in said
    # the cursor that a bar hides is there again after each
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h") == 2
    assert said.endswith("\x1b[?25h") or said.endswith("\n")


def test_times_are_said_as_people_say_them() -> None:
    assert [duration(s) for s in (0.2, 61, 600, 9000)] == ["1 s", "61 s", "10 min", "2 h 30 min"]
