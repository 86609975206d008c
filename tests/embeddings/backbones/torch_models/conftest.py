"""What the tests of PyTorch's models share; they skip where PyTorch is not installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all; skip those that need what is not here, with the reason."""
    missing = pytest.mark.skip(reason="needs PyTorch (extra torch): make test-torch")
    for item in items:
        if HERE in item.path.parents and item.path.name != "test_torch_graph.py":
            item.add_marker(pytest.mark.torch)
            if find_spec("torch") is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def torch() -> Any:
    return pytest.importorskip("torch")
