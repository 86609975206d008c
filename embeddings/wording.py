"""The sentences that people read beside a finding."""

from __future__ import annotations


def count_of(some: int, whole: int) -> str:
    """Say a count before its whole: "24 of 80", "All 24", "None"."""
    if some == whole:
        return f"all {whole}"
    return f"{some} of {whole}" if some else "none"


def sits_closest(some: int, whole: int, label: str, others: int, of_others: int) -> str:
    """Say how many images of a cluster sit closest to another label, and how many of the rest."""
    verb = "sits" if some == 1 else "sit"
    rest = f"{others} of the other {of_others} do" if others else "none of the rest do"
    return f"{count_of(some, whole)} {verb} closest to {label}, {rest}"


def apart(affinity: float) -> str:
    """Say how far apart two parts are."""
    if affinity < 0.1:
        return "the two parts have nothing in common"
    if affinity < 0.3:
        return "the two parts are far apart"
    if affinity < 0.5:
        return "the gap between the parts is narrow"
    return "the parts run into each other"


def sentence(*clauses: str) -> str:
    """Join clauses into one sentence; the first letter is made large."""
    said = "; ".join(c for c in clauses if c)
    return said[:1].upper() + said[1:] + "." if said else ""
