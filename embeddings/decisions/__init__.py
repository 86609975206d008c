"""Decisions: an append-only log on SQLite or PostgreSQL, and the current state derived from it.

>>> import tempfile
>>> from embeddings.decisions import Item, open_store
>>> with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
...     seven = Item("jaguar/7.jpg", "jaguar")
...     receipt = store.decide([seven], "relabel", to_label="car", reviewer="Mara")
>>> receipt.action, receipt.changed
('relabel', 1)

Importing this package loads neither SQLAlchemy nor pandas: names are fetched when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.lazy import lazy_names

if TYPE_CHECKING:
    from embeddings.decisions.address import FILE_NAME
    from embeddings.decisions.catalogue import refuse_changed
    from embeddings.decisions.errors import (
        ChangedPictureError,
        ConflictError,
        NothingToUndoError,
        NotInStoreError,
        StoreBusyError,
        StoreError,
        StoreReadOnlyError,
        StoreUnreachableError,
        StoreVersionError,
        UnknownItemError,
    )
    from embeddings.decisions.merge import (
        DECIDED_AT,
        DECIDED_BY,
        DECISION_ALONE,
        DECISION_BATCH,
        FINAL_LABEL,
        items_of,
        keys_of,
        unmatched,
        with_decisions,
    )
    from embeddings.decisions.opening import open_store
    from embeddings.decisions.records import (
        ACTIONS,
        Action,
        Assignment,
        Changes,
        Choice,
        Context,
        Decision,
        Entry,
        Item,
        Receipt,
        ReviewProgress,
        Selection,
        decision_text,
        parse_choice,
    )
    from embeddings.decisions.store import Store

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "catalogue": ("refuse_changed",),
        "errors": (
            "ChangedPictureError",
            "ConflictError",
            "NotInStoreError",
            "NothingToUndoError",
            "StoreBusyError",
            "StoreError",
            "StoreReadOnlyError",
            "StoreUnreachableError",
            "StoreVersionError",
            "UnknownItemError",
        ),
        "address": ("FILE_NAME",),
        "merge": (
            "DECIDED_AT",
            "DECIDED_BY",
            "DECISION_ALONE",
            "DECISION_BATCH",
            "FINAL_LABEL",
            "items_of",
            "keys_of",
            "unmatched",
            "with_decisions",
        ),
        "opening": ("open_store",),
        "records": (
            "ACTIONS",
            "Action",
            "Assignment",
            "Changes",
            "Choice",
            "Context",
            "Decision",
            "Entry",
            "Item",
            "Receipt",
            "ReviewProgress",
            "Selection",
            "decision_text",
            "parse_choice",
        ),
        "store": ("Store",),
    },
)
__all__ = [
    "ACTIONS",
    "DECIDED_AT",
    "DECIDED_BY",
    "DECISION_ALONE",
    "DECISION_BATCH",
    "FILE_NAME",
    "FINAL_LABEL",
    "Action",
    "Assignment",
    "ChangedPictureError",
    "Changes",
    "Choice",
    "ConflictError",
    "Context",
    "Decision",
    "Entry",
    "Item",
    "NotInStoreError",
    "NothingToUndoError",
    "Receipt",
    "ReviewProgress",
    "Selection",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreReadOnlyError",
    "StoreUnreachableError",
    "StoreVersionError",
    "UnknownItemError",
    "decision_text",
    "items_of",
    "keys_of",
    "open_store",
    "parse_choice",
    "refuse_changed",
    "unmatched",
    "with_decisions",
]
