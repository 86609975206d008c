"""The letters of clusters: A is the main one of its label."""

from __future__ import annotations


def letter(number: int) -> str:
    """Return the letter of a cluster, a dash for what is in none."""
    if number < 0:
        return "–"
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
