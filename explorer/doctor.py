"""What is installed, what is missing, and how to mend it."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

# package, what it is for, how to get it
PACKAGES: Final = (
    ("rosette-explorer", "", ""),
    ("tensorflow", "models", "pip install tensorflow"),
    ("keras", "models", "pip install keras"),
    ("umap-learn", "maps", "pip install umap-learn"),
    ("hdbscan", "clusters", "pip install hdbscan"),
    ("pillow", "images", "pip install pillow"),
    ("pyarrow", "workspace", "pip install pyarrow"),
    ("dash", "app", "pip install dash"),
    ("onnxruntime", "models in .onnx", "pip install 'rosette-explorer[onnx]'"),
    ("onnx", "models in .onnx", "pip install 'rosette-explorer[onnx]'"),
)
FORMATS: Final = ("jpg", "webp", "libtiff", "avif")


def doctor_text() -> str:
    """Return the report."""
    from PIL import features

    from embeddings import backbones

    lines = [f"Python {platform.python_version()}, {platform.platform()}"]
    for name, purpose, remedy in PACKAGES:
        try:
            lines.append(f"  ok       {name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"  missing  {name} ({purpose}): {remedy}")
    lines.append("Image formats beyond the built-in ones")
    for name in FORMATS:
        here = features.check(name)
        lines.append(f"  {'ok     ' if here else 'missing'}  {name}")
    lines.append("Models that need no download")
    lines += [f"  ok       {row.name}" for row in backbones.table() if row.is_here]
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    lines.append(f"Free on this disk: {free:.0f} GB")
    return "\n".join(lines) + "\n"
