"""The front door: the names at the top, their help, their examples, their types."""

from __future__ import annotations

import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embeddings

ROOT = Path(__file__).resolve().parent.parent
NAMED = sorted(set(embeddings.__all__) - {"__version__", "export"})
RESULTS = ("SplitReport", "LabelErrors", "Outliers", "Duplicates", "Confusion", "SplitFinder")


def is_run(line: str) -> bool:
    return line.lstrip().startswith(">>> ") and "+SKIP" not in line


def modules_with_examples() -> list[str]:
    files = [f for package in ("embeddings", "explorer") for f in (ROOT / package).rglob("*.py")]
    named = [f for f in files if any(map(is_run, f.read_text(encoding="utf-8").splitlines()))]
    dotted = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in named]
    return sorted(name.removesuffix(".__init__") for name in dotted)


@pytest.mark.parametrize("name", embeddings.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(embeddings, name)
    assert value
    assert name == "__version__" or len(inspect.getdoc(value) or "") > 20


@pytest.mark.parametrize("name", NAMED)
def test_every_name_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(embeddings, name)) or "")


@pytest.mark.parametrize("name", [*RESULTS, "Workspace"])
def test_the_example_of_a_class_or_of_the_method_shows_how_it_is_called(name: str) -> None:
    kind = getattr(embeddings, name)
    methods = {n: f for n, f in vars(kind).items() if inspect.isfunction(f) and n[0] != "_"}
    shown = "\n".join(inspect.getdoc(getattr(embeddings, n)) or "" for n in NAMED)
    silent = [
        n for n, f in methods.items()
        if f".{n}(" not in shown and ">>> " not in (inspect.getdoc(f) or "")
    ]  # fmt: skip
    assert not silent


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_do_what_they_say(name: str) -> None:
    module = importlib.import_module(name)
    globs: dict[str, Any] = {**vars(module), "np": np, "embeddings": embeddings}
    found = doctest.DocTestFinder().find(module, globs=globs)
    runner = doctest.DocTestRunner(verbose=False)
    for example in found:
        runner.run(example)
    assert runner.tries
    assert not runner.failures


def test_tab_shows_what_people_use() -> None:
    shown = dir(embeddings)
    assert {"run", "Workspace", "find_splits", "open_store", "export"} <= set(shown)
    assert not [name for name in shown if name.startswith("_") and name != "__version__"]
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = embeddings.runn  # type: ignore[attr-defined]


def test_help_opens_with_what_people_use() -> None:
    first = (embeddings.__doc__ or "").splitlines()[:16]
    for name in ("run", "find_splits", "find_label_errors", "decide", "export"):
        assert any(name in line for line in first), name


def test_a_users_script_is_typed() -> None:
    assert (ROOT / "embeddings" / "py.typed").is_file()
    command = [sys.executable, "-m", "mypy", "--strict", "--disallow-any-unimported"]
    done = subprocess.run(
        [*command, "tests/typing/user_script.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
