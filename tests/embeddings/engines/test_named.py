"""Engines by name, and what is said where Ray is not there."""

from __future__ import annotations

import builtins
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from embeddings.engines import LocalEngine, named
from embeddings.errors import EngineError, MissingExtraError, UsageError


def test_engines_have_names() -> None:
    assert isinstance(named("local"), LocalEngine)
    assert type(named("ray", ray_address="10.0.0.1:6379")).__name__ == "RayEngine"


def test_another_name_and_an_address_without_ray_are_refused() -> None:
    with pytest.raises(UsageError, match=r"'spark'.* local, ray"):
        named("spark")
    with pytest.raises(UsageError, match="--engine ray"):
        named("local", ray_address="10.0.0.1:6379")


def without(name: str) -> Callable[..., object]:
    real = builtins.__import__

    def refusing(module: str, *rest: object, **more: object) -> object:
        if module.split(".")[0] == name:
            raise ImportError(f"No module named {name!r}")
        return real(module, *rest, **more)  # type: ignore[arg-type]

    return refusing


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    each = named("ray").mapper(1)
    monkeypatch.setattr(builtins, "__import__", without("ray"))
    with pytest.raises(MissingExtraError, match=r"pip install 'rosette-explorer\[ray\]'"):
        list(each(str, [1]))


def test_ray_is_not_imported_before_it_is_used() -> None:
    code = "import sys, embeddings.engines as e; e.named('ray'); print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_address_where_nobody_listens_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with socket.socket() as bound:  # bound, and not listening
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"Nobody answers at {address}"):
            list(named("ray", ray_address=address).mapper(1)(str, [1]))
