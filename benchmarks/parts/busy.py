"""How much of the machine others took while something was measured."""

from __future__ import annotations

import os
import time
from pathlib import Path

_STAT = Path("/proc/stat")


class Watch:
    """Wall time, processor time of this process, and what others took, between two moments."""

    def __init__(self) -> None:
        self._wall, self._own, self._all = time.perf_counter(), time.process_time(), _busy()

    def wall(self) -> float:
        """Return seconds."""
        return time.perf_counter() - self._wall

    def own(self) -> float:
        """Return processor seconds of this process, all threads."""
        return time.process_time() - self._own

    def others(self) -> float:
        """Return the share of all cores that other processes took; 0 where it can't be known."""
        taken = _busy() - self._all - self.own()
        return max(0.0, taken / (self.wall() * (os.cpu_count() or 1)))


def _busy() -> float:
    """Processor seconds spent since boot by everybody (Linux)."""
    if not _STAT.exists():
        return 0.0
    user, nice, system, _, _, irq, soft, steal = map(int, _STAT.read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")
