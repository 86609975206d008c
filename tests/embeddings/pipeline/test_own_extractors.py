"""Models of a user's own: never mixed, and a clear word where they are not what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.backbones import from_function
from embeddings.errors import ModelError, UsageError
from embeddings.pipeline import embed, scan
from embeddings.records import Batch
from embeddings.workspace import Workspace, folder_of_model
from tests.embeddings.photos import make_photos


class Means:
    """The mean colour, times something: a model whose fingerprint its maker chose."""

    name = "means"
    input_size = 8
    classes = None
    notes = ()

    def __init__(self, fingerprint: str, times: float = 1.0, width: int = 3) -> None:
        self.fingerprint, self.times, self.width = fingerprint, times, width

    def extract(self, images: np.ndarray) -> Batch:
        means = images.mean(axis=(1, 2), dtype=np.float32) * np.float32(self.times)
        return Batch(means, None)


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    return scan(make_photos(tmp_path / "photos", bat=3), tmp_path / "ws").path


def embedded(ws: Path, model: Any) -> np.ndarray:
    space = embed(ws, model=model)
    return space.embeddings(space.manifest())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my-own-resnet50-v1", "my-own-resnet50-v2"),
        ("a/b", "a-b"),
        ("../../outside", "../../outside2"),
        ("", " "),
    ],
)
def test_fingerprints_that_begin_alike_are_two_models(ws: Path, one: str, other: str) -> None:
    first = embedded(ws, Means(one))
    second = embedded(ws, Means(other, times=0.5))
    np.testing.assert_allclose(second, first / 2, rtol=1e-2)
    folders = {path.name for path in (ws / "embeddings").iterdir()}
    assert folders == {folder_of_model(one), folder_of_model(other)}
    assert {path.name for path in ws.parent.iterdir()} == {"photos", "ws"}


def test_a_hash_stays_what_it_was_called() -> None:
    assert folder_of_model("0123456789abcdef" * 4) == "0123456789abcdef"
    assert folder_of_model("0123456789abcdef") != "0123456789abcdef"


def test_a_width_that_is_not_the_one_said_is_an_error(ws: Path) -> None:
    with pytest.raises(ModelError, match=r"means gives embeddings of shape \(32, 3\).*5 wide"):
        embed(ws, model=Means("wide", width=5))
    assert Workspace.open(ws).info.model is None


def test_a_plain_array_simply_works(ws: Path) -> None:
    class Plain(Means):
        def extract(self, images: np.ndarray) -> Any:
            return super().extract(images).embeddings

    np.testing.assert_array_equal(embedded(ws, Plain("p")), embedded(ws, Means("m")))


def test_a_function_is_told_what_to_do(ws: Path) -> None:
    with pytest.raises(UsageError, match="from_function"):
        embed(ws, model=lambda images: images)  # type: ignore[arg-type,return-value]


def test_a_function_is_a_model_with_a_fingerprint_of_its_own(ws: Path) -> None:
    model = from_function(lambda images: images.mean(axis=(1, 2)).tolist(), size=8)
    assert (model.name, model.width) == ("a function", 3)
    np.testing.assert_array_equal(embedded(ws, model), embedded(ws, Means("m")))


def test_functions_that_do_the_same_are_one_model_and_others_are_not() -> None:
    def means(weight: float) -> Any:
        return from_function(lambda images: images.mean(axis=(1, 2)) * weight, size=8)

    assert means(1.0).fingerprint == means(1.0).fingerprint
    assert means(1.0).fingerprint != means(2.0).fingerprint
    wide = from_function(lambda images: images.mean(axis=(1, 2)), size=16)
    assert wide.fingerprint != means(1.0).fingerprint
    assert from_function(len_of, size=8, name="lengths").name == "lengths"


def len_of(images: np.ndarray) -> np.ndarray:
    return np.ones((len(images), 1))


@pytest.mark.parametrize(
    "function",
    [lambda x: "text", lambda x: x, lambda x: np.ones(len(x)), lambda x: np.ones((1, 3))],
)
def test_a_function_that_gives_something_else_is_refused(function: Any) -> None:
    with pytest.raises(ModelError, match="returns"):
        from_function(function, size=8)
