"""Export formats of other packages, found by their entry points."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings import export
from embeddings.errors import UsageError
from embeddings.workspace import Workspace

MODULE = """
from embeddings.export import Written

def write(source, out, *, progress):
    out.mkdir(parents=True, exist_ok=True)
    (out / "names.txt").write_text("\\n".join(source.items["file"]))
    return Written((out / "names.txt",))
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with a format *names*, one that can't be imported, and a *csv*."""
    site = tmp_path / "site"
    info = site / "names_of_files-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: names-of-files\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[rosette.exporters]\nnames = names_of_files:write\nbroken = no_such_module:write\n"
        "csv = names_of_files:write\n"
    )
    (site / "names_of_files.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("names_of_files", None)


def test_a_format_of_another_package_is_listed_and_writes(
    installed: None, odd_majority: Workspace, tmp_path: Path
) -> None:
    entry = export.format_named("names")
    assert (entry.package, entry.help) == ("names-of-files", "of the package names-of-files")
    source = export.from_workspace(odd_majority)
    export.write("csv", source, tmp_path / "csv")  # which imports the package of our formats
    written = export.write("names", source, tmp_path / "out")
    assert written.files[0].read_text().splitlines() == source.items["file"].tolist()


def test_ours_are_not_overruled(installed: None) -> None:
    assert [entry.package for entry in export.all_formats() if entry.name == "csv"] == [""]


def test_one_that_is_broken_names_its_package(installed: None) -> None:
    with pytest.raises(UsageError, match=r"names-of-files can't be loaded .*no_such_module"):
        export.format_named("broken").writer()
