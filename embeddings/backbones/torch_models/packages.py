"""The packages of PyTorch's world, imported when a model needs them and never before."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from embeddings.errors import MissingExtraError


def torch() -> Any:
    """Import PyTorch.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    return package("torch", "PyTorch")


def package(name: str, called: str) -> Any:
    """Import a package, or say which extra brings it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(f"{called}, which this model needs,", "torch") from error
