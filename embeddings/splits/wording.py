"""Wording: the sentences that people read beside a finding.

Clusters are named by letters, as in the app and the report: A is the largest.
"""

from __future__ import annotations


def letter(cluster: int) -> str:
    """Return the letter of a cluster; after Z come A1, B1 and so on."""
    return chr(ord("A") + cluster % 26) + (str(cluster // 26) if cluster >= 26 else "")


def images(count: int) -> str:
    """Say how many images."""
    return f"{count:,} image" if count == 1 else f"{count:,} images"


def sits_closest(cluster: str, some: int, whole: int, label: str, others: int, of: int) -> str:
    """Say how many images of a cluster sit closest to another label.

    Parameters
    ----------
    cluster
        Its letter.
    some, whole
        How many of how many of its images.
    others, of
        How many of how many of the label's other images.
    """
    if others * whole >= some * of:  # as many of the others do: this tells nothing of the cluster
        return f"{cluster} sits closest to {label}, and so does the rest."
    many = f"All {images(whole)}" if some == whole else f"{some} of {images(whole)}"
    so = "so does" if others == 1 else "so do"
    rest = f"{so} {others} of the other {of}" if others else "none of the others do"
    verb = "sits" if some == 1 else "sit"
    return f"{many} in {cluster} {verb} closest to {label}; {rest}."


def like_no_other(cluster: str, size: int) -> str:
    """Say that a cluster looks like no other label of the data set."""
    return f"The {images(size)} in {cluster} look like no other label."


def stands_apart(cluster: str, size: int) -> str:
    """Say that there is a second group, where the data set has no other label."""
    return f"The {images(size)} in {cluster} keep to themselves."


def fits_none(cluster: str) -> str:
    """Say that the label named before is only the nearest."""
    return f"No label here fits {cluster} well."


def apart(affinity: float, one: str, other: str, *, sure: bool) -> str:
    """Say how much two clusters have in common, and what that means where it is not sure."""
    if affinity < 0.1:
        return f"{one} and {other} have nothing in common."
    if affinity < 0.3:
        return f"{one} and {other} have little in common."
    doubt = "" if sure and affinity < 0.5 else ": a variation of one kind?"
    return f"{one} and {other} have something in common{doubt or '.'}"


def more_parts(letters: list[str], sizes: list[int]) -> str:
    """Name the further clusters of a label that holds more than two, or say nothing."""
    named = [f"{name} ({size:,})" for name, size in zip(letters, sizes, strict=True)]
    if not named:
        return ""
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"There is more: {listed} {'stands' if len(named) == 1 else 'stand'} apart too."


def files_differ(cluster: str, how: str) -> str:
    """Say that facts of the files tell a cluster from the rest, as ``styles`` words them."""
    return f"The files differ too: those in {cluster} {how}, perhaps another source of one kind."


def near_copies(cluster: str) -> str:
    """Say that a cluster consists of near-copies of one picture."""
    return f"Those in {cluster} are nearly the same picture, perhaps one series of shots."


def one_kind(one: str, other: str, mixing: float) -> str:
    """Say how well two labels can be told apart."""
    if mixing >= 0.8:
        return f"Images of {one} and {other} can't be told apart: perhaps one kind under two names."
    return (
        f"Images of {one} and {other} are hard to tell apart: of the images most like one of them, "
        f"{mixing:.0%} as many are of the other label as if they were one kind."
    )


def style_words(fact: str, labels: int) -> str:
    """Name a style in a few words: what differs, and in how many labels."""
    what = f"some {fact}" if fact else "the same difference as in other labels"
    return f"{what}, in {labels:,} labels" if labels > 1 else what


def style_sentence(size: int, fact: str, labels: int) -> str:
    """Say that some images of a label differ from the rest in style, not in kind."""
    how = f"they {fact}" if fact else "what they show is the same"
    some = f"{images(size)} differ{'s' if size == 1 else ''} from the rest in style: {how}."
    if labels < 2:
        return some
    return f"{some} The same difference runs through {labels:,} labels."


def paragraph(*sentences: str) -> str:
    """Join what there is to say."""
    return " ".join(s for s in sentences if s)
