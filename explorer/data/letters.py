"""The letters of clusters: A is the main one of its label."""

from __future__ import annotations

from embeddings import splits


def letter(number: int) -> str:
    """Return the letter of a cluster, a dash for what is in none."""
    return "–" if number < 0 else splits.letter(number)
