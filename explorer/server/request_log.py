"""Log of requests: a summary line every few minutes, and a line for each slow request.

Addresses hold labels and names, so the name of the handler is logged, as ``image``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Final

from flask import Flask, Response, g, request

log = logging.getLogger(__name__)

EVERY: Final = 300.0  # s between two summaries
SLOW: Final = 2.0  # s
REMEMBERED: Final = 1000  # latest times, of which a summary gives the percentile


class RequestLog:
    """Counts what was answered; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = time.monotonic()
        self._count = self._refused = self._failed = 0
        self._times: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, status: int, seconds: float, what: str) -> None:
        """Take note of an answer."""
        if seconds > SLOW:
            slow = {"what": what, "status": status, "seconds": round(seconds, 2)}
            log.info("request.slow", extra={"fields": slow})
        now = time.monotonic()
        with self._lock:
            self._count += 1
            self._refused += 400 <= status < 500
            self._failed += status >= 500
            self._times.append(seconds)
            if now - self._since < EVERY:
                return
            summary = self._summary(now)
            self._since, self._count, self._refused, self._failed = now, 0, 0, 0
            self._times.clear()
        log.info("requests", extra={"fields": summary})

    def _summary(self, now: float) -> dict[str, float]:
        times = sorted(self._times)
        return {
            "seconds": round(now - self._since),
            "count": self._count,
            "refused": self._refused,
            "failed": self._failed,
            "p95_ms": round(1000 * times[int(0.95 * (len(times) - 1))], 1),
        }


def register(server: Flask) -> None:
    """Watch the requests of a server."""
    requests = RequestLog()

    def begin() -> None:
        g.began = time.monotonic()

    def end(response: Response) -> Response:
        began = g.get("began", time.monotonic())  # a guard before us may have answered
        requests.add(response.status_code, time.monotonic() - began, request.endpoint or "-")
        return response

    server.before_request(begin)
    server.after_request(end)
