"""Who may import whom, and how large a file may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAGES = {"manifest", "projection"}
HEAVY = ("tensorflow", "keras", "umap", "hdbscan", "pandas", "sklearn", "plotly", "dash")


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(file: Path) -> set[str]:
    return set(imports(ast.parse(file.read_text(encoding="utf-8"))))


def within(module: str, *packages: str) -> bool:
    return any(module == p or module.startswith(p + ".") for p in packages)


@pytest.mark.parametrize("file", sources("embeddings"), ids=lambda f: str(f.relative_to(ROOT)))
def test_the_library_knows_no_web(file: Path) -> None:
    bad = {m for m in imports_of(file) if within(m, "explorer", "dash", "flask", "plotly")}
    assert not bad


@pytest.mark.parametrize("name", ["records", "columns", "errors"])
def test_the_foundations_import_only_numpy(name: str) -> None:
    tree = ast.parse((ROOT / "embeddings" / f"{name}.py").read_text(encoding="utf-8"))
    top = {
        m
        for node in tree.body
        for m in imports(node)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    foreign = (
        {m.split(".")[0] for m in top} - set(sys.stdlib_module_names) - {"numpy", "embeddings"}
    )
    assert not foreign


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_stages_do_not_import_each_other(stage: str) -> None:
    folder, module = ROOT / "embeddings" / stage, ROOT / "embeddings" / f"{stage}.py"
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [module]
    others = [f"embeddings.{s}" for s in STAGES - {stage}]
    for file in files:
        if file.exists():
            assert not {m for m in imports_of(file) if within(m, *others)}, file


def test_only_the_command_line_imports_the_pipeline() -> None:
    users = {
        str(f.relative_to(ROOT))
        for f in sources("explorer")
        if any(within(m, "embeddings.pipeline") for m in imports_of(f))
    }
    assert users <= {"explorer/cli/analysis.py"}


def test_pages_do_not_import_each_other() -> None:
    pages = ROOT / "explorer" / "pages"
    names = sorted(p.name for p in pages.iterdir() if p.is_dir() and p.name != "__pycache__")
    for name in names:
        others = [f"explorer.pages.{o}" for o in names if o != name]
        for file in (pages / name).rglob("*.py"):
            assert not {m for m in imports_of(file) if within(m, *others)}, file


@pytest.mark.parametrize("package", ["embeddings", "explorer", "tests"])
def test_no_file_holds_two_ideas(package: str) -> None:
    long = {
        str(f.relative_to(ROOT)): n
        for f in sources(package)
        if (n := len(f.read_text(encoding="utf-8").splitlines())) > 420
    }
    assert not long


@pytest.mark.parametrize("module", ["embeddings", "explorer.cli.main"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
