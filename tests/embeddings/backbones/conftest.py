"""What the tests of models share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

FROZEN = pytest.StashKey[bool]()


@pytest.fixture(autouse=True)
def tensorflow_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Once TensorFlow is loaded, its million objects are no longer looked through for garbage.

    Each model that is loaded collects garbage, which took a fifth of the time of these tests.
    """
    yield
    if "tensorflow" in sys.modules and FROZEN not in request.config.stash:
        request.config.stash[FROZEN] = True
        gc.collect()
        gc.freeze()
