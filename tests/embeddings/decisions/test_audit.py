"""Finding damage in what is derived from the log, and mending it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from embeddings.decisions import Store
from tests.embeddings.decisions.conftest import some_items

DAMAGE = {
    "UPDATE current_decisions SET decision = NULL": "3 items stand otherwise",
    "DELETE FROM current_decisions": "0 items are held, 3",
    "DELETE FROM undone": "held as undone",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_mended(store: Store, damage: str) -> None:
    items = some_items(3)
    store.decide(items, "keep", reviewer="Mara")
    store.decide(items, "remove", reviewer="Ole")
    store.undo("Ole")
    before = store.since(0)
    assert store.problems() == ()
    with store._database.writing() as connection:
        connection.execute(text(damage))
    assert any(DAMAGE[damage] in problem for problem in store.problems())
    store.rebuild()
    assert store.problems() == ()
    assert store.since(0) == before


def test_a_lost_decision_is_found(store: Store) -> None:
    store.decide(some_items(3), "keep", reviewer="Mara")
    with store._database.writing() as connection:
        connection.execute(text("UPDATE head SET decisions = 4, position = 0"))
    said = store.problems()
    assert "4 decisions were numbered, 3 are there, the last is 3" in said
    assert "the log goes to position 1, the head says 0" in said
