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

    def own(self) -> float:
        """Return processor seconds of this process, all threads."""
        return time.process_time() - self._own

    def stopped(self) -> tuple[float, float, float]:
        """Return wall seconds, processor seconds of this process, and the others' share.

        The last is of all cores, and 0 where the system does not say.
        """
        wall, own = time.perf_counter() - self._wall, self.own()
        others = (_busy() - self._all - own) / (wall * (os.cpu_count() or 1))
        return wall, own, max(0.0, others)


def _busy() -> float:
    """Processor seconds spent since boot by everybody (Linux)."""
    if not _STAT.exists():
        return 0.0
    user, nice, system, _, _, irq, soft, steal = map(int, _STAT.read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")
