r"""Text made safe for spreadsheets, reversibly.

A spreadsheet runs a cell that begins with ``= + - @`` as a formula, and a folder may well be
named ``=HYPERLINK(…)``. Such *text* gets an apostrophe in front, as spreadsheets themselves have
it; numbers, also those in text (a label ``-1``), stay as they are. Text that already begins with
apostrophes and such a sign gets one more, so that taking one away always gives back what was
there.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

# Full-width signs too: East Asian spreadsheets read them as the plain ones. Tabs and line ends
# are skipped by some before they look for the sign.
_SIGN = r"[=+\-@\t\r\n＝＋－＠|]"
_DANGEROUS = re.compile(rf"'*{_SIGN}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NEUTRALISED = re.compile(rf"''*{_SIGN}")


def neutralised(text: str) -> str:
    """Make a text safe for spreadsheets; ``restored`` undoes it."""
    guarded = _DANGEROUS.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if guarded else text


def restored(text: str) -> str:
    """Undo ``neutralised``."""
    return text[1:] if _NEUTRALISED.match(text) else text
