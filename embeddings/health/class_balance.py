"""How many images each label has, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from embeddings.columns import NO_LABEL
from embeddings.health import records as r

EVEN_BELOW: Final = 1.5  # ratio of the largest to the smallest label
FEW: Final = 10  # images of a label, below which little can be said of it


def balance(labels: Sequence[str]) -> r.Balance:
    """Say how even the labels are."""
    sizes = sorted(_labelled(labels).items(), key=lambda item: (-item[1], item[0]))
    if not sizes:
        return r.Balance((), 1.0, "There are no images.")
    (largest, most), (smallest, least) = sizes[0], sizes[-1]
    ratio = most / least
    if len(sizes) == 1:
        sentence = f"There is one label, {largest}, with {r.counted(most, 'image', 'images')}."
    elif ratio < EVEN_BELOW:
        sentence = f"The {len(sizes)} labels are about the same size, {least:,} to {most:,} images."
    else:
        times = f"{ratio:.0f}" if ratio >= 3 else f"{ratio:.1f}"
        sentence = (
            f"The largest label, {largest}, has {times} times the images of the smallest, "
            f"{smallest}: {most:,} against {least:,}."
        )
    return r.Balance(tuple(sizes), ratio, sentence)


def _labelled(labels: Sequence[str]) -> Counter[str]:
    """Count the images of each label; those without one only where no other is there."""
    sizes = Counter(labels)
    if len(sizes) > 1:
        sizes.pop(NO_LABEL, None)
    return sizes


def small_labels(labels: Sequence[str]) -> list[r.Finding]:
    """Find the labels with so few images that little can be said of them."""
    sizes = _labelled(labels)
    if len(sizes) < 2:
        return []
    small = {label for label, size in sizes.items() if size < FEW}
    items = sorted((i for i, name in enumerate(labels) if name in small),
                   key=lambda i: (sizes[labels[i]], labels[i]))  # fmt: skip
    details = [r.counted(sizes[labels[i]], "image", "images") for i in items]
    title = r.titled(
        len(small), f"label has fewer than {FEW} images", f"labels have fewer than {FEW} images"
    )
    return r.finding(
        r.SMALL_LABEL, items, details, title, "Too few to say whether they hide two kinds."
    )
