"""What hours of fuzzing have shown, held by a few hundred inputs: see docs/hostile-input.md."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from embeddings.errors import RosetteError

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
QUICK = ("table", "ready_made", "image", "import_csv", "import_labelstudio", "import_fiftyone")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    script("fuzz_targets")
    return script("fuzz")


@pytest.mark.parametrize("name", QUICK)
def test_what_nobody_meant_is_read_or_refused(fuzz: ModuleType, tmp_path: Path, name: str) -> None:
    target = fuzz.targets(tmp_path.resolve())[name]()
    found = fuzz.Found(name)
    for number in range(60):
        data = fuzz.mutated(target, random.Random(f"test/{name}/{number}"))
        fuzz._try(target, data, found, tmp_path)
    assert not found.findings
    assert found.read
    assert found.refused


def test_a_finding_is_kept_and_counted(fuzz: ModuleType, tmp_path: Path) -> None:
    def check(data: bytes) -> str:
        if data.startswith(b"bad"):
            raise ZeroDivisionError("12 of 'x'")
        raise RosetteError("No." if data else "Two\nlines.", hint="Do." if data else "")

    target = sys.modules["fuzz_targets"].Target([b""], [b""], check)
    found = fuzz.Found("mine")
    for data in (b"bad", b"bad", b"fine", b""):
        fuzz._try(target, data, found, tmp_path)
        found.inputs += 1
    record = json.loads(json.dumps(found.record()))
    assert (record["inputs"], record["refused"], record["read"]) == (4, 2, 0)
    first, second = record["findings"]
    assert (first["what"], first["times"]) == ("ZeroDivisionError: N of …", 2)
    assert (tmp_path / first["input"]).read_bytes() == b"bad"
    assert "no remedy" in second["what"]
