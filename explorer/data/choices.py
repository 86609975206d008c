"""Labels to choose from, with sizes and images, and those that are spelled nearly the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from embeddings import columns as c
from explorer.data.search import folded, matches

if TYPE_CHECKING:
    from explorer.data.dataset import Dataset

MOST_CHOICES = 200  # labels of one answer
MOST_NEAR = 5
IMAGES = 3  # of each label
ALIKE: Final = ((9, 2), (4, 1))  # (letters of a name at least, letters that may differ)


def choices(
    dataset: Dataset, text: str, invented: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Return labels that hold ``text``, all of them where it is blank.

    Parameters
    ----------
    text
        What was typed. Case, and whether words are joined by space, ``_`` or ``-``, do not matter.
    invented
        Labels that decisions made, with how many images carry them by now.

    Returns
    -------
    ``labels`` with ``label``, ``size`` and ``rows`` of images; ``near``, those that differ from
    ``text`` by case, joints or a letter or two; ``exact``, whether a label is called just so;
    ``total``, how many there are in all.
    """
    new = {label: n for label, n in (invented or {}).items() if label not in dataset.places}
    names = sorted([*dataset.labels, *new], key=str.casefold)
    wanted = " ".join(text.split())
    hits = matches(names, wanted) if wanted else names
    near = near_spellings(names, wanted) if wanted else []
    return {
        "labels": [_choice(dataset, name, new) for name in hits[:MOST_CHOICES] if name not in near],
        "near": [_choice(dataset, name, new) for name in near],
        "exact": wanted in dataset.places or wanted in new,
        "total": len(names),
    }


def _choice(dataset: Dataset, label: str, new: Mapping[str, int]) -> dict[str, Any]:
    place = dataset.places.get(label)
    size = new.get(label, 0) if place is None else int(dataset.classes[c.SIZE].iloc[place])
    images = () if place is None else dataset.typical(label, dataset.main_cluster(label), IMAGES)
    return {"label": label, "size": size, "rows": list(images)}


def near_spellings(names: Sequence[str], text: str) -> list[str]:
    """Return names that differ from ``text`` so little that they are likely meant.

    The same but for case and joints, or a letter or two off where the name is long enough. A name
    that *is* the text is not near to it: then there are none.
    """
    if text in names:
        return []
    wanted = folded(text).replace(" ", "")
    allowed = next((most for least, most in ALIKE if len(wanted) >= least), 0)
    found = []
    for name in names:
        bare = folded(name).replace(" ", "")
        if abs(len(bare) - len(wanted)) > allowed:
            continue
        distance = 0 if bare == wanted else edits(bare, wanted, allowed)
        if distance <= allowed:
            found.append((distance, name))
    return [name for _, name in sorted(found)[:MOST_NEAR]]


def edits(a: str, b: str, most: int) -> int:
    """Return how many letters must be put in, taken out or changed; ``most`` + 1 for any more.

    Levenshtein's distance, row by row, given up as soon as it can't become small enough.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        now = [i]
        for j, other in enumerate(b, start=1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (letter != other)))
        if min(now) > most:
            return most + 1
        before = now
    return min(before[-1], most + 1)
