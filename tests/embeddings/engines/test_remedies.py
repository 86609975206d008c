"""Remedies of errors about engines and of models in them, carried out, and seen to help.

Those about the memory of nodes and about a cluster's own logs can't be carried out here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from embeddings.engines import Engine, LocalEngine, named
from embeddings.engines.plan import plan_workers
from embeddings.engines.stream import as_batch
from embeddings.errors import RosetteError
from tests.embeddings.engines.extractors import Colours


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(RosetteError) as told:
        act()
    return told.value.hint


def test_an_engine_from_the_list() -> None:
    hint = refused(lambda: named("spark"))
    for name in hint.removeprefix("Choose one of ").rstrip(".").split(", "):
        assert named(name)
    assert list(named("local").mapper(3)(abs, [-1, 2, -3])) == [1, 2, 3]


def test_an_address_with_its_engine() -> None:
    assert refused(lambda: named("local", ray_address="10.0.0.1:6379")) == "Add --engine ray."
    assert not isinstance(named("ray", ray_address="10.0.0.1:6379"), LocalEngine)


def test_nodes_that_offer_cores_make_a_plan() -> None:
    nodes: list[dict[str, float]] = [{"memory": 1e9}]
    assert "`ray start`" in refused(lambda: plan_workers(nodes))
    assert plan_workers([*nodes, {"CPU": 2.0}]).workers == 1  # what that command adds


def test_as_many_rows_and_columns_as_are_said() -> None:
    model = Colours()
    hint = refused(lambda: as_batch(np.zeros((3, model.width + 1)), model, 3))
    shape = tuple(int(n) for n in hint.split("(")[1].rstrip(").").split(", "))
    assert as_batch(np.zeros(shape), model, 3).embeddings.shape == shape


def test_an_address_at_which_a_cluster_runs(ray_engine: Engine) -> None:
    """The address is checked, as the hint says, and the one that ``ray status`` has is given."""
    import ray

    right = ray.get_runtime_context().gcs_address
    with socket.socket() as bound:  # bound, and not listening
        bound.bind(("127.0.0.1", 0))
        wrong = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ray, "is_initialized", lambda: False)
            hint = refused(lambda: list(named("ray", ray_address=wrong).mapper(1)(abs, [-1])))
    assert hint.startswith("Check the address")
    assert list(named("ray", ray_address=right).mapper(2)(abs, [-1, -2])) == [1, 2]


def test_a_model_that_travels_by_its_name(ray_engine: Engine) -> None:
    import threading

    def embedded_by(load: object) -> None:
        with ray_engine.embedder(load):  # type: ignore[arg-type]
            pass

    hint = refused(lambda: embedded_by(partial(dict, lock=threading.Lock())))
    assert hint == "Give it by its name or as a file that all nodes see."
    embedded_by(_by_name)


def _by_name() -> tuple[Colours, ...]:
    return (Colours(),)
