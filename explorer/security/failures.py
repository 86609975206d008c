"""Count wrong tokens by client address, in bounded memory."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Failures:
    """Counts failures of each address within a window of time.

    Parameters
    ----------
    limit
        Failures after which an address is refused until its window ends.
    window
        Seconds, from the first failure.
    most
        Addresses that are remembered; the one that failed longest ago is forgotten first.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        limit: int = 10,
        window: float = 60.0,
        most: int = 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit, self.window, self.most, self.clock = limit, window, most, clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._counts)

    def wait(self, address: str) -> float:
        """Return the seconds for which an address is refused; 0 when it may try."""
        with self._lock:
            count, since = self._counts.get(network(address), (0, 0.0))
            left = since + self.window - self.clock()
            return left if count >= self.limit and left > 0 else 0.0

    def add(self, address: str) -> bool:
        """Count a failure; True when this one reached the limit."""
        key, now = network(address), self.clock()
        with self._lock:
            count, since = self._counts.pop(key, (0, now))
            if now - since >= self.window:
                count, since = 0, now
            self._counts[key] = (count + 1, since)
            while len(self._counts) > self.most:
                self._counts.popitem(last=False)
            return count + 1 == self.limit


def network(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that an IPv6 user has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
