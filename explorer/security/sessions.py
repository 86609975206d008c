"""Sessions of logged-in browsers; the server remembers only those that were ended.

A session is a random number with a signature that needs the key, so it stays valid after a restart.
One that was ended is refused as long as the server runs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from typing import Final

MOST_ENDED: Final = 4096
_NUMBER: Final = 32  # hex digits


class Sessions:
    """Makes, knows and ends sessions; threads may share it.

    Parameters
    ----------
    key
        Secret; whoever knows it can make sessions.
    most
        Ended sessions that are remembered. With one more all sessions end, so that no ended one
        becomes valid again.
    """

    def __init__(self, key: bytes, most: int = MOST_ENDED) -> None:
        self._key, self._most = key, most
        self._ended: set[str] = set()
        self._generation = 0
        self._lock = threading.Lock()

    def begin(self) -> str:
        """Return a new session, as the cookie has it."""
        number = secrets.token_hex(_NUMBER // 2)
        return number + self._seal(number)

    def holds(self, session: str) -> bool:
        """Whether this is a session that was begun here and not ended."""
        number, seal = session[:_NUMBER], session[_NUMBER:]
        sealed = hmac.compare_digest(
            seal.encode("utf-8", "replace"), self._seal(number).encode("ascii")
        )
        with self._lock:
            return sealed and number not in self._ended

    def end(self, session: str) -> None:
        """End a session; copies of it are no longer valid."""
        if not self.holds(session):
            return
        with self._lock:
            self._ended.add(session[:_NUMBER])
            if len(self._ended) > self._most:
                self._generation += 1
                self._ended.clear()

    def _seal(self, number: str) -> str:
        said = f"{self._generation}:{number}".encode("utf-8", "replace")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()
