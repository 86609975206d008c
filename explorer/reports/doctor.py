"""Doctor: what is installed, what the machine is, the state of a workspace, for a bug report.

It holds nothing private: no file name, label, reviewer, path, or name of the user.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from embeddings import columns as c
from embeddings.errors import RosetteError
from embeddings.machine import usable_cores
from embeddings.storage import network_drive
from explorer.logs import Mask, log_file

if TYPE_CHECKING:
    from embeddings.workspace import Workspace

# package, what it is for, how to get it
PACKAGES: Final = (
    ("rosette-explorer", "", ""),
    ("tensorflow", "models", "pip install tensorflow"),
    ("keras", "models", "pip install keras"),
    ("numpy", "everything", "pip install numpy"),
    ("pandas", "tables", "pip install pandas"),
    ("umap-learn", "maps", "pip install umap-learn"),
    ("hdbscan", "clusters", "pip install hdbscan"),
    ("numba", "maps", "pip install numba"),
    ("pillow", "images", "pip install pillow"),
    ("pyarrow", "workspace", "pip install pyarrow"),
    ("sqlalchemy", "decisions", "pip install sqlalchemy"),
    ("dash", "app", "pip install dash"),
    ("plotly", "app", "pip install plotly"),
    ("waitress", "app", "pip install waitress"),
    ("onnxruntime", "models in .onnx", "pip install 'rosette-explorer[onnx]'"),
    ("onnx", "models in .onnx", "pip install 'rosette-explorer[onnx]'"),
    ("tokenizers", "search by sentences", "pip install 'rosette-explorer[text]'"),
    ("keras-hub", "models of KerasHub", "pip install 'rosette-explorer[hub]'"),
    ("torch", "models of PyTorch", "pip install 'rosette-explorer[torch]'"),
    ("psycopg", "decisions on PostgreSQL", "pip install 'rosette-explorer[postgres]'"),
)
FORMATS: Final = ("jpg", "webp", "libtiff", "avif")
LOG_LINES: Final = 20
_OF_THE_DATA: Final = re.compile(r"<(data|workspace)>/[^'\"]*?(?=['\";,)]|: | is | was | can't |$)")


def examine(workspace: Path | None = None) -> dict[str, Any]:
    """Return everything, fit for JSON: ``program``, ``machine`` and, for a workspace, how it is."""
    found = {"program": _program(), "machine": _machine(workspace or Path.cwd())}
    return found if workspace is None else {**found, "workspace": _workspace(workspace)}


def doctor_json(workspace: Path | None = None) -> str:
    """Return the report as JSON."""
    return json.dumps(examine(workspace), indent=1, ensure_ascii=False) + "\n"


def doctor_text(workspace: Path | None = None) -> str:
    """Return the report as text."""
    found = examine(workspace)
    program, machine = found["program"], found["machine"]
    lines = [f"Python {program['python']}, {machine['system']}"]
    for name, purpose, remedy in PACKAGES:
        if (installed := program["packages"][name]) is not None:
            lines.append(f"  ok       {name} {installed}")
        else:
            lines.append(f"  missing  {name} ({purpose}): {remedy}")
    lines.append("Image formats beyond the built-in ones")
    for name, here in program["formats"].items():
        lines.append(f"  {'ok     ' if here else 'missing'}  {name}")
    lines.append("Models that need no download")
    lines += [f"  ok       {name}" for name in program["models"]]
    lines.append(
        f"{machine['cores']} cores, {_gb(machine['memory_gb'])} of memory, "
        f"{_gb(machine['memory_free_gb'])} free; {_gb(machine['disk_free_gb'])} free on this disk"
    )
    if "workspace" in found:
        lines += ["", "Workspace", *_told(found["workspace"])]
    return "\n".join(lines) + "\n"


def _gb(value: float | None) -> str:
    return "an unknown amount" if value is None else f"{value:g} GB"


def _told(value: Any, indent: str = "  ") -> list[str]:
    """Write values as indented lines."""
    lines = []
    for name, one in value.items():
        if isinstance(one, dict):
            lines += [f"{indent}{name}", *_told(one, indent + "  ")]
        elif isinstance(one, list):
            lines.append(f"{indent}{name}: {len(one) or 'none'}")
            lines += [f"{indent}  {x if isinstance(x, str) else json.dumps(x)}" for x in one]
        else:
            lines.append(f"{indent}{name}: {one}")
    return lines


def _program() -> dict[str, Any]:
    from PIL import features

    from embeddings import backbones

    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name, _, _ in PACKAGES},
        "formats": {name: bool(features.check(name)) for name in FORMATS},
        "models": [row.name for row in backbones.table() if row.is_here],
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _machine(near: Path) -> dict[str, Any]:
    place = next((p for p in (near, *near.resolve().parents) if p.is_dir()), Path.cwd())
    memory, free = _memory_gb()
    cores = usable_cores()
    return {
        "system": platform.platform(),
        "cores": cores,
        "memory_gb": memory,
        "memory_free_gb": free,
        "disk_free_gb": round(shutil.disk_usage(place).free / 1e9, 1),
        "terminal": sys.stdout.isatty(),
    }


def _memory_gb() -> tuple[float | None, float | None]:
    """Return total and free memory; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None, None
    said = dict(line.split(":", 1) for line in lines if ":" in line)
    total, free = (int(said[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    return round(total / 1e6, 1), round(free / 1e6, 1)


def _workspace(folder: Path) -> dict[str, Any]:
    """Return the state of a workspace, part by part, so that a broken part hides no other."""
    from embeddings.workspace import Workspace

    mask = Mask(folder)
    found: dict[str, Any] = {}
    names: set[str] = set()
    try:
        ws = Workspace.open(folder)
        names = _names(ws)
        found |= _described(ws, names, mask)
    except (RosetteError, OSError, ValueError) as error:  # ValueError: pyarrow on a broken file
        found["error"] = _cleaned(f"{type(error).__name__}: {error}", names, mask)
    found["decisions"] = _decisions(folder, names, mask)
    found["log"] = [_line(line, names, mask) for line in _last_lines(log_file(folder))]
    return found


def _names(ws: Workspace) -> set[str]:
    """Return all labels and files, which must not be in the report."""
    names = {ws.info.name, Path(ws.info.source).name}
    for frame in (ws.manifest,) if ws.info.run_id is None else (ws.items, ws.manifest):
        try:
            table = frame()
        except (RosetteError, OSError, ValueError):
            continue
        names.update(map(str, table[c.LABEL].dropna().unique()))
        names.update(map(str, table[c.FILE]))
    return {name for name in names if name}


def _described(ws: Workspace, names: set[str], mask: Mask) -> dict[str, Any]:
    from embeddings import backbones
    from embeddings.workspace import GIVEN, status_counts

    info = ws.info
    known = {row.name for row in backbones.table()} | {GIVEN}
    found: dict[str, Any] = {"schema": info.schema, "labelled": info.labelled, "run": info.run_id}
    if info.model is not None:
        name = info.model.name
        found["model"] = name if name in known else "a file of the user"
        found["width"] = info.model.width
        found["shards"] = len(ws.store(info.model.fingerprint).files())
    found["parameters"] = {k: v for k, v in info.parameters.items() if isinstance(v, int | float)}
    found["notes"] = [_cleaned(note, names, mask) for note in ws.notes()]
    found["data_folder"] = _data_folder(ws)
    found["network_drive"] = network_drive(ws.path) or "no"
    if info.run_id is not None:
        items, classes = ws.items(), ws.classes()
        found["items"] = {k: v for k, v in status_counts(items).items() if v}
        sizes = classes[c.SIZE]
        found["labels"] = {
            "count": len(classes),
            "split": int(classes[c.IS_SPLIT].sum()),
            "smallest": int(sizes.min()),
            "largest": int(sizes.max()),
        }
        found["clusters"] = len(ws.clusters())
    return found


def _data_folder(ws: Workspace) -> str:
    """Say whether the images are where the workspace looks for them, without the path."""
    try:
        gone = bool(ws.data_folder_problem())
    except RosetteError:
        return "nothing was scanned yet"
    if gone:
        return "not there: it was moved or is not mounted; `rosette relocate WS NEW_ROOT`"
    return "there"


def _decisions(folder: Path, names: set[str], mask: Mask) -> Any:
    """Return the state of the store of a workspace; none is made where there is none."""
    from embeddings.decisions import FILE_NAME, open_store

    if not (folder / FILE_NAME).is_file():
        return "none in the workspace"
    try:
        with open_store(folder) as store:
            counts = store.progress()
            return {
                "position": store.position(),
                "in_force": counts.decided,
                "reviewers": len(counts.by_reviewer),
                "read_only": store.read_only,
                "problems": list(store.problems()),
            }
    except RosetteError as error:
        return {"error": _cleaned(f"{type(error).__name__}: {error}", names, mask)}


def _last_lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        return []


def _line(line: str, names: set[str], mask: Mask) -> Any:
    try:
        told = json.loads(line)
    except json.JSONDecodeError:
        return "a line that can't be read"
    for name in ("words", "message"):
        if isinstance(told.get(name), str):
            # without the names it is not known which words are private
            told[name] = _cleaned(told[name], names, mask) if names else "…"
    return told


def _cleaned(text: str, names: Iterable[str], mask: Mask) -> str:
    """Return a text without paths, files and labels."""
    text = _OF_THE_DATA.sub("<file>", mask(text))
    for name in sorted((n for n in names if n in text), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "<name>", text)
    return text
