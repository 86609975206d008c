"""Who looks after which label."""

from __future__ import annotations

import pytest

from embeddings.decisions import Store
from embeddings.errors import UsageError


def test_the_last_word_counts_and_all_words_stay(store: Store) -> None:
    assert store.assign(["jaguar", "crane", "jaguar"], "Mara", by="Ole") == 1
    assert store.assign(["crane"], "Zoë", by="Mara") == 2
    found = store.assignments()
    assert {label: a.reviewer for label, a in found.items()} == {"jaguar": "Mara", "crane": "Zoë"}
    assert (found["crane"].by, found["crane"].position) == ("Mara", 2)
    store.assign(["crane"], None, by="Mara")
    assert list(store.assignments()) == ["jaguar"]
    said = [(a.label, a.reviewer) for a in store.assignment_history()]
    assert said == [("crane", None), ("crane", "Zoë"), ("jaguar", "Mara"), ("crane", "Mara")]


def test_an_assignment_is_no_decision(store: Store) -> None:
    store.assign(["jaguar"], "Mara", by="Mara")
    assert store.position() == 1
    assert store.history() == ()
    assert store.since(0).entries == ()
    assert store.problems() == ()


def test_wrong_use(store: Store) -> None:
    with pytest.raises(UsageError, match="no labels"):
        store.assign([], "Mara", by="Mara")
    with pytest.raises(UsageError, match="empty"):
        store.assign(["a"], " ", by="Mara")
