"""Every remedy that an error of the product states names what there is: options, commands, extras.

Remedies are collected from the source, as the arguments ``hint=`` and ``remedy=``. That one helps
is tried in a ``test_remedies.py`` beside the tests of what raises it: of data sets
(``embeddings/manifest``), models (``backbones``), decisions, engines, workspaces and stages
(``pipeline``).
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from embeddings import backbones
from embeddings.api import Workspace
from embeddings.backbones.distill import __file__ as distill
from explorer.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
GAP = "\0"  # stands for what a remedy takes from its error


def _text(node: ast.expr) -> str:
    """Return the text of an expression, with a gap for each value in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return GAP


def _remedies() -> Iterator[tuple[str, str]]:
    for package in ("embeddings", "explorer"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg in ("hint", "remedy"):
                    said = _text(node.value)
                    if said.strip(GAP):
                        yield f"{file.relative_to(ROOT)}:{node.value.lineno}", said


REMEDIES = dict(_remedies())
COMMAND = typer.main.get_command(app)
COMMANDS = COMMAND.commands  # type: ignore[attr-defined]
OPTIONS = {
    option
    for command in (COMMAND, *COMMANDS.values())
    for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
}
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
OF_OTHER_PROGRAMS = {"--local-dir"}  # of `hf download`
OF_EVERY_COMMAND = {"--help"}


def test_remedies_are_found() -> None:
    assert len(REMEDIES) > 250
    assert any("--label-from" in said for said in REMEDIES.values())


def test_each_remedy_is_a_sentence() -> None:
    for where, said in REMEDIES.items():
        assert said[0].isupper() or said[0] in f"-{GAP}" or said.startswith("pip "), where


def test_options_exist() -> None:
    of_distill = (Path(distill).parent / "__main__.py").read_text(encoding="utf-8")
    for where, said in REMEDIES.items():
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", said):
            known = option in OPTIONS | OF_OTHER_PROGRAMS
            if "distill" in where:
                known |= option in of_distill
            assert known, f"{where} names {option}"


def test_commands_exist() -> None:
    for where, said in REMEDIES.items():
        for command in re.findall(r"\brosette ([a-z]+)\b", said):
            assert command in COMMANDS, f"{where} names `rosette {command}`"


def test_extras_exist() -> None:
    source = "".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "embeddings").rglob("*.py")
    )
    said = re.findall(r"rosette-explorer\[([a-z]+)\]", source)
    asked = re.findall(r"MissingExtraError\([^)]*\"([a-z]+)\"\)", source)
    assert {"heic", "torch", "ray"} <= {*said, *asked} <= EXTRAS.keys()


def test_what_is_named_of_our_own_api_exists() -> None:
    for where, said in REMEDIES.items():
        for name in re.findall(r"\bws\.([a-z_]+)", said):
            assert hasattr(Workspace, name), f"{where} names ws.{name}"
        for name in re.findall(r"\bbackbones\.([a-z_]+)", said):
            assert hasattr(backbones, name), f"{where} names backbones.{name}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_options_and_commands_in_the_docs_exist(page: Path) -> None:
    """What the docs tell people to type for `rosette` is there."""
    for line in page.read_text(encoding="utf-8").splitlines():
        for said in re.findall(r"`(?:\.venv/bin/)?rosette ([^`]*)`", line):
            words = said.split()
            if words and re.fullmatch(r"[a-z]+", words[0]):
                assert words[0] in COMMANDS, said
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", said):
                assert option in OPTIONS | OF_EVERY_COMMAND, said
