"""Who may import whom, and how large a package and a file may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("tensorflow", "keras", "umap", "hdbscan", "pandas", "sklearn", "plotly", "dash")
LARGEST_PACKAGE = 10  # modules, __init__ and __main__ not counted
LONGEST_FILE = 420  # lines

# What stands in a row may import what stands in the rows above it; a package may import itself.
# Of one row, only the pairs in WITHIN_A_ROW import each other.
ROWS: tuple[tuple[str, ...], ...] = (
    ("errors", "columns", "records", "machine", "lazy", "odd_clusters", "display"),
    ("arrays", "storage"),
    ("neighbors", "projection", "images", "backbones", "demo"),
    ("cross_check",),
    ("splits", "label_errors", "health", "slices", "kind_names"),
    ("workspace", "engines", "decisions"),
    ("export", "manifest", "relocation", "retrieval"),
    ("ingest", "comparison", "exchange"),
    ("pipeline",),
    ("api",),
)
WITHIN_A_ROW: dict[str, tuple[str, ...]] = {
    "storage": ("arrays",),
    "projection": ("neighbors",),
    "health": ("label_errors",),
    "records": ("errors", "display"),
    "display": ("columns", "records"),
    "odd_clusters": ("columns",),
    "engines": ("workspace",),
    "decisions": ("workspace",),
    "exchange": ("ingest",),
    "export": ("manifest",),
}
# `splits` and `label_errors` meet through records alone: neither imports the other (above).
ONLY_THE_SERVER_KNOWS = ("explorer.pages", "explorer.api", "explorer.security")
# What each package of the app may import of the app, as ARCHITECTURE.md has it.
APP: dict[str, tuple[str, ...]] = {
    "data": (),
    "figures": (),
    "components": ("data", "figures"),
    "pages": ("components", "data", "figures"),
    "api": ("data", "figures", "reports"),
    "security": (),
    "logs": (),
    "server": ("data", "figures", "components", "pages", "api", "security", "logs"),
    "reports": ("data", "figures", "logs", "plain_text"),
    "plain_text": (),
    "cli": ("server", "reports", "logs", "plain_text"),
    "notebook": ("server",),
    "plot": ("data", "figures", "components"),
}


@cache
def sources(package: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / package).rglob("*.py")))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports_of(file: Path) -> frozenset[str]:
    return frozenset(imports(tree_of(file)))


@cache
def imports_from(file: Path) -> tuple[ast.ImportFrom, ...]:
    return tuple(n for n in ast.walk(tree_of(file)) if isinstance(n, ast.ImportFrom) and n.module)


def within(module: str, *packages: str) -> bool:
    return any(module == p or module.startswith(p + ".") for p in packages)


def files_of(name: str, root: str = "embeddings") -> list[Path]:
    """Return the files of a package or module; a name that is not there fails the rule."""
    folder, module = ROOT / root / name, ROOT / root / f"{name}.py"
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [module]
    assert all(file.is_file() for file in files), f"a rule names {name}, which does not exist"
    assert files, f"a rule names {name}, which is empty"
    return files


def rooms(root: str = "embeddings") -> list[str]:
    """Return the packages and modules that stand directly in ``root``."""
    found = {
        path.stem
        for path in (ROOT / root).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    return sorted(found - {"__init__", "__main__"})


def packages() -> list[Path]:
    roots = (ROOT / "embeddings", ROOT / "explorer")
    return sorted({f.parent for root in roots for f in root.rglob("*.py")})


@pytest.mark.parametrize("name", [name for row in ROWS for name in row])
def test_imports_point_upwards_only(name: str) -> None:
    row = next(number for number, names in enumerate(ROWS) if name in names)
    below = {n for names in ROWS[:row] for n in names}
    allowed = below | {name} | set(WITHIN_A_ROW.get(name, ()))
    forbidden = [f"embeddings.{other}" for other in rooms() if other not in allowed]
    for file in files_of(name):
        assert not {m for m in imports_of(file) if within(m, *forbidden)}, file


def test_rules_name_what_is_there() -> None:
    for name in [*(n for row in ROWS for n in row), *WITHIN_A_ROW]:
        assert files_of(name)
    with pytest.raises(AssertionError, match="does not exist"):
        files_of("a_package_that_is_not_there")


@pytest.mark.parametrize("name", APP)
def test_the_app_imports_what_its_table_allows(name: str) -> None:
    others = set(rooms("explorer")) - {name, *APP[name]}
    for file in files_of(name, "explorer"):
        assert not {m for m in imports_of(file) if within(m, *(f"explorer.{o}" for o in others))}


def test_every_package_has_a_rule_and_a_line_in_the_documentation() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    library, app = text.split("\n## ")[1:3]
    for chapter, root, ruled in (
        (library.split("\n### ")[0], "embeddings", [n for row in ROWS for n in row]),
        (app.split("\n### ")[0], "explorer", list(APP)),
    ):
        cells = re.findall(r"^\| (`[^|]+) \|", chapter, re.MULTILINE)
        named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
        assert sorted(named) == rooms(root) == sorted(ruled)


def test_paths_in_the_documentation_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:embeddings|explorer|assets|benchmarks|tests)/[\w./-]+)`", text)
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    assert paths
    assert not [path for path in paths + links if not (ROOT / path).exists()]


@pytest.mark.parametrize(
    "folder", packages(), ids=lambda p: str(p.relative_to(ROOT)).replace("/", ".")
)
def test_a_package_holds_ten_modules_at_most(folder: Path) -> None:
    modules = [f for f in folder.glob("*.py") if f.stem not in ("__init__", "__main__")]
    assert len(modules) <= LARGEST_PACKAGE, [f.name for f in modules]


@pytest.mark.parametrize("file", sources("embeddings"), ids=lambda f: str(f.relative_to(ROOT)))
def test_the_library_knows_no_web(file: Path) -> None:
    bad = {m for m in imports_of(file) if within(m, "explorer", "dash", "flask", "plotly")}
    assert not bad


@pytest.mark.parametrize("name", ["records", "columns", "errors"])
def test_the_foundations_import_only_numpy(name: str) -> None:
    top = {
        m
        for node in tree_of(ROOT / "embeddings" / f"{name}.py").body
        for m in imports(node)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    foreign = (
        {m.split(".")[0] for m in top} - set(sys.stdlib_module_names) - {"numpy", "embeddings"}
    )
    assert not foreign


def public_names(package: str) -> set[str]:
    for node in tree_of(ROOT / Path(*package.split(".")) / "__init__.py").body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def top_packages() -> list[str]:
    return sorted(
        f"{root}.{path.name}"
        for root in ("embeddings", "explorer")
        for path in (ROOT / root).iterdir()
        if (path / "__init__.py").is_file()
    )


@pytest.mark.parametrize("package", top_packages())
def test_outsiders_import_only_what_a_package_lists(package: str) -> None:
    listed, folder = public_names(package), ROOT / Path(*package.split("."))
    for file in (*sources("embeddings"), *sources("explorer")):
        if folder in file.parents:
            continue
        for node in imports_from(file):
            assert not str(node.module).startswith(package + "."), f"{file}: {node.module}"
            if node.module == package:
                names = {alias.name for alias in node.names}
                assert names <= listed, f"{file} imports {names - listed} of {package}"


def test_only_the_server_knows_pages_api_and_security() -> None:
    for package in ONLY_THE_SERVER_KNOWS:
        assert (ROOT / Path(*package.split("."))).is_dir(), f"a rule names {package}"
    for file in sources("explorer"):
        room = ".".join(file.relative_to(ROOT).parts[:2])
        if room == "explorer.server":
            continue
        others = [p for p in ONLY_THE_SERVER_KNOWS if p != room]
        assert not {m for m in imports_of(file) if within(m, *others)}, file


@pytest.mark.parametrize("room", ["notebook", "cli"])
def test_faces_start_the_app_through_the_server(room: str) -> None:
    inside = ("explorer.server", "explorer.logs", "explorer.reports", f"explorer.{room}")
    files = sources(f"explorer/{room}") or [ROOT / "explorer" / f"{room}.py"]
    app = [p for p in top_packages() if p.startswith("explorer.") and not within(p, *inside)]
    for file in files:
        assert not {m for m in imports_of(file) if within(m, *app)}, file


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
        if (n := len(f.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


@pytest.mark.parametrize("module", ["embeddings", "explorer.cli", "explorer.plot"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
