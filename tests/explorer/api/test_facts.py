"""What galleries are sorted and filtered by."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_facts_are_parallel_and_nonsense_is_left_out(client: FlaskClient) -> None:
    told = client.post("/api/run1/facts", json={"rows": [9, 3, -1, "x", 10**9, True]}).get_json()
    assert told["rows"] == [3, 9]
    assert told["file"] == ["jaguar/0-3.jpg", "jaguar/1-0.jpg"]
    assert (told["label"], told["to"]) == (["jaguar", "jaguar"], ["", "car"])
    assert told["pixels"] == [32 * 32] * 2
    assert [len(values) for values in told.values()] == [2] * len(told)


def test_facts_of_nothing_are_empty(client: FlaskClient) -> None:
    for posted in ({"rows": []}, {"rows": None}, []):
        told = client.post("/api/run1/facts", json=posted).get_json()
        assert not any(told.values())
