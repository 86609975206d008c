"""Errors of the decision store, each with a hint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from embeddings.errors import RosetteError, UsageError

if TYPE_CHECKING:
    from embeddings.decisions.records import Decision, Item


class StoreError(RosetteError):
    """The decision store can't be used; the base of the errors below."""


class StoreUnreachableError(StoreError):
    """No connection: no such server, database or folder, or no permission."""


class StoreBusyError(StoreError):
    """Another writer held the store for too long. Nothing was written."""


class StoreVersionError(StoreError):
    """The store was made by a newer version, or the database belongs to something else."""


class StoreReadOnlyError(StoreError):
    """The store can be read, but not written to. Nothing was written."""


class NothingToUndoError(StoreError):
    """There is no decision that could be undone, or none that could be redone."""


class NotInStoreError(StoreError):
    """No such batch, selection or version."""


class UnknownItemError(UsageError):
    """A decision names an item that is not in the workspace. Nothing was written."""


class ChangedPictureError(UsageError):
    """Files have changed since the reviewer saw them. Nothing was written.

    Parameters
    ----------
    items
        Those whose files changed.
    asked
        How many items the refused decision was about.
    """

    def __init__(self, items: Sequence[Item], *, asked: int) -> None:
        files = ", ".join(item.file for item in items[:3])
        also = "" if len(items) <= 3 else f" and {len(items) - 3:,} more"
        which = f"{len(items):,} of these {asked:,} images"
        if len(items) == asked:
            which = "This image" if asked == 1 else f"All of these {asked:,} images"
        one = len(items) == 1
        hold = "its file holds another picture" if one else "their files hold other pictures"
        super().__init__(
            f"{which} changed since the run: {hold} now ({files}{also}). Nothing was decided.",
            hint="Leave them out, or run `rosette run` again and look at the new ones.",
        )
        self.items = tuple(items)


class ConflictError(StoreError):
    """Somebody else decided otherwise on some of the items since the reviewer looked.

    Nothing was written. To decide all the same, show ``decisions`` to the reviewer and call again
    with ``expected=error.position``.

    Parameters
    ----------
    decisions
        The decisions in force that contradict the one refused, one for each such item.
    asked
        How many items the refused decision was about.
    position
        Of the log, when this was found.
    """

    def __init__(self, decisions: Sequence[Decision], *, asked: int, position: int) -> None:
        said = Counter((d.reviewer, d.text, f"{d.at:%d %b %Y %H:%M} UTC") for d in decisions)
        told = [
            f"{reviewer} decided `{text}` on {count} of them, {at}"
            for (reviewer, text, at), count in said.most_common(3)
        ]
        more = "" if len(said) <= 3 else f"; and {len(said) - 3} more decisions"
        files = ", ".join(d.item.file for d in decisions[:3])
        also = "" if len(decisions) <= 3 else f" and {len(decisions) - 3} more"
        super().__init__(
            f"Others decided on {len(decisions)} of these {asked} items meanwhile: "
            f"{'; '.join(told)}{more} ({files}{also}).",
            hint="Look at these again, then decide once more to override.",
        )
        self.decisions = tuple(decisions)
        self.position = position
