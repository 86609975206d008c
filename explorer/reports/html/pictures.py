"""The pictures of a report, small enough that a thousand labels can be sent by mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from embeddings.errors import ImageError
from embeddings.images import prepare
from explorer.data import Dataset
from explorer.reports.html.records import Picture

# labels up to which so many pictures of a part are shown, with so many pixels on the long side
PLANS: Final = ((60, 6, 112), (200, 4, 96), (500, 3, 80))
SMALLEST_PLAN: Final = (2, 56)
MOST_BYTES: Final = 5_500_000  # of all pictures; the text in which they are sent is a third longer


@dataclass(slots=True)
class Album:
    """Takes pictures until they would be too many to send.

    ``per_part`` pictures of ``side`` px are shown of a part; ``left_out`` counts those for which
    there was no room.
    """

    dataset: Dataset
    per_part: int
    side: int
    left_out: int = 0
    _bytes: int = field(default=0)

    def take(self, row: int) -> Picture | None:
        """Return the picture of an item; None where it has none, or there is no more room."""
        if not self.per_part:
            return None
        content = self.dataset.content(row)
        thumbnail = self.dataset.workspace.thumbnail(content) if content else None
        if thumbnail is None:
            return None
        if self._bytes >= MOST_BYTES:
            self.left_out += 1
            return None
        try:
            jpeg = prepare(thumbnail, 1, thumbnail_size=self.side).thumbnail
        except ImageError:  # a damaged pack of thumbnails costs the picture, not the report
            return None
        self._bytes += len(jpeg)
        return Picture(jpeg, self.dataset.file_of(row))

    def typical(self, label: str, cluster: int) -> tuple[Picture, ...]:
        """Return the most typical pictures of a cluster."""
        rows = self.dataset.typical(label, cluster, self.per_part) if self.per_part else []
        return tuple(picture for row in rows if (picture := self.take(row)) is not None)


def album(dataset: Dataset, n_cards: int, *, images: bool) -> Album:
    """Return the album that suits so many labels; without ``images`` it holds none."""
    if not images:
        return Album(dataset, 0, 0)
    fitting = [(count, side) for most, count, side in PLANS if n_cards <= most]
    count, side = fitting[0] if fitting else SMALLEST_PLAN
    return Album(dataset, count, side)
