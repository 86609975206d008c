"""Run the notebooks of the documentation, and write their output into them and into a page each.

``python scripts/notebooks.py`` after a change to a notebook; a test holds that both are up to date.
A cell is run as a notebook runs it: what it prints, then the value of its last line.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "notebooks"


def executed(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with the output of its cells, run in order in the current folder."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            text = _run("".join(cell["source"]), names)
            output = {"name": "stdout", "output_type": "stream", "text": _lines(text)}
            cell = {**cell, "execution_count": count, "outputs": [output] if text else []}
        cells.append(cell)
    return {**notebook, "cells": cells}


def _run(source: str, names: dict[str, Any]) -> str:
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)  # our own notebook
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None and not source.rstrip().endswith(";"):
                print(value)
    return printed.getvalue()


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def as_page(notebook: dict[str, Any], name: str) -> str:
    """Return the notebook as Markdown."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).rstrip()
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        text = "".join(line for output in cell["outputs"] for line in output["text"]).rstrip()
        if text:
            parts.append(f"```text\n{text}\n```")
    parts.append(f"*This page is [a notebook]({name}.ipynb), which the tests run.*")
    return "\n\n".join(parts) + "\n"


def as_json(notebook: dict[str, Any]) -> str:
    """Return the text of the notebook's file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Run all notebooks, and write them and their pages."""
    for file in sorted(FOLDER.glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        before = Path.cwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                done = executed(notebook)
            finally:
                os.chdir(before)
        file.write_text(as_json(done), encoding="utf-8")
        file.with_suffix(".md").write_text(as_page(done, file.stem), encoding="utf-8")


if __name__ == "__main__":
    main()
