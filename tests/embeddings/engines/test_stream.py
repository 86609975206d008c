"""The streaming run, with a decoder and a model that take no time."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.engines import WorkItem, stream, stream_through
from embeddings.errors import ImageError
from embeddings.records import Batch, Pace, Prepared


class Means:
    """The mean of each image, and how often and with how many it was asked."""

    name = fingerprint = "means"
    input_size, width = 4, 1
    classes = None
    notes = ()

    def __init__(self) -> None:
        self.asked: list[int] = []

    def extract(self, images: np.ndarray) -> Batch:
        self.asked.append(len(images))
        mean = images.reshape(len(images), -1).mean(axis=1, keepdims=True).astype(np.float32)
        return Batch(mean, np.concatenate([mean / 255, 1 - mean / 255], axis=1))


def decode(path: Path, size: int) -> Prepared:
    if "bad" in path.name:
        raise ImageError("cut short")
    value = int(path.name)
    return Prepared(np.full((size, size, 3), value, np.uint8), b"jpeg", size, size, "PNG", True)


def items(names: list[str]) -> list[WorkItem]:
    return [WorkItem(f"k{i}", Path(name)) for i, name in enumerate(names)]


@given(st.lists(st.one_of(st.integers(0, 255).map(str), st.just("bad")), max_size=40))
def test_every_item_comes_back_once_and_in_order(names: list[str]) -> None:
    model = Means()
    got = list(stream(items(names), model, decode=decode, batch_size=4, threads=2))
    assert [e.key for e in got] == [f"k{i}" for i in range(len(names))]
    for name, e in zip(names, got, strict=True):
        if name == "bad":
            assert (e.embedding, e.reason) == (None, "cut short")
        else:
            assert e.embedding is not None
            assert e.embedding.tolist() == [float(name)]
            assert e.probabilities[0] >= e.probabilities[1]
    assert set(model.asked) <= {4}  # batches are padded, never of a second shape


def test_only_a_few_batches_are_read_ahead() -> None:
    read: list[str] = []
    lock = threading.Lock()

    def counting(path: Path, size: int) -> Prepared:
        with lock:
            read.append(path.name)
        return decode(path, size)

    results = stream(items(["1"] * 400), Means(), decode=counting, batch_size=4, threads=2)
    next(results)
    assert len(read) <= 4 * 5
    results.close()  # type: ignore[attr-defined]
    assert len(read) < 400


def test_an_error_that_is_not_the_images_is_not_hidden() -> None:
    def broken(path: Path, size: int) -> Prepared:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(stream(items(["1"]), Means(), decode=broken))


class InStep(Means):
    """Answers only while ``lanes`` batches are asked for at once; the first comes back last."""

    def __init__(self, lanes: int) -> None:
        super().__init__()
        self.pace = Pace(batch_size=2, lanes=lanes)
        self._together = threading.Barrier(lanes)

    def extract(self, images: np.ndarray) -> Batch:
        self._together.wait(timeout=30)
        return super().extract(images)


def test_a_model_that_can_works_on_several_batches_at_once_and_order_is_kept() -> None:
    model = InStep(lanes=3)
    names = [str(n) for n in range(24)]
    got = list(stream(items(names), model, decode=decode))
    assert [float(e.embedding[0]) for e in got if e.embedding is not None] == list(range(24))
    assert model.asked == [2] * 12


def test_two_models_see_what_each_is_to_see_from_one_decode() -> None:
    read: list[tuple[str, tuple[int, ...]]] = []

    def both(path: Path, sizes: tuple[int, ...]) -> tuple[Prepared, ...]:
        read.append((path.name, sizes))
        return tuple(decode(path, size) for size in sizes)

    small, large = Means(), Means()
    small.pace, large.input_size = Pace(batch_size=2), 8  # type: ignore[attr-defined]
    wanted = [(0, 1), (1,), (0,), (0, 1), (1, 0), (1,)]
    names = ["10", "20", "30", "bad", "50", "60"]
    work = [
        WorkItem(f"k{n}", Path(name), models)
        for n, (name, models) in enumerate(zip(names, wanted, strict=True))
    ]
    got = list(stream_through(work, (small, large), decode=both, threads=1))
    assert sorted(read) == sorted(
        (name, tuple((4, 8)[m] for m in models)) for name, models in zip(names, wanted, strict=True)
    )
    for name, models, seen in zip(names, wanted, got, strict=True):
        assert {place for place, e in enumerate(seen) if e is not None} == set(models)
        for e in seen:
            if e is not None and name == "bad":
                assert (e.embedding, e.reason) == (None, "cut short")
            elif e is not None:
                assert e.embedding is not None
                assert e.embedding.tolist() == [float(name)]
    assert (small.asked, large.asked) == ([2, 2], [32])


def test_a_model_gets_no_more_batches_at_once_than_it_takes_beside_one_that_takes_more() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    class Alone(Means):
        pace = Pace(batch_size=2)

        def extract(self, images: np.ndarray) -> Batch:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            said = super().extract(images)
            with lock:
                at_once -= 1
            return said

    def both(path: Path, sizes: tuple[int, ...]) -> tuple[Prepared, ...]:
        return tuple(decode(path, size) for size in sizes)

    work = [WorkItem(f"k{n}", Path(str(n)), (0, 1)) for n in range(24)]
    got = list(stream_through(work, (InStep(lanes=3), Alone()), decode=both, threads=2))
    assert len(got) == 24
    assert most == 1


def test_the_likeliest_classes_come_best_first_and_ties_by_number() -> None:
    class Tied(Means):
        def extract(self, images: np.ndarray) -> Batch:
            shares = np.array([0.1, 0.3, 0.1, 0.3, 0.1, 0.05, 0.05], np.float32)
            return Batch(np.zeros((len(images), 1), np.float32), np.tile(shares, (len(images), 1)))

    (got,) = stream(items(["1"]), Tied(), decode=decode)
    assert got.classes == (1, 3, 0, 2, 4)
    assert got.probabilities == pytest.approx((0.3, 0.3, 0.1, 0.1, 0.1))
