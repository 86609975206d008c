"""The command line as a user meets it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings.workspace import Workspace
from explorer import cli
from explorer.cli.settings import SETTINGS


def run(*arguments: str | Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exited:
        cli.main([str(a) for a in arguments])
    said = capsys.readouterr()
    code = exited.value.code
    return (code if isinstance(code, int) else 0), said.out, said.err


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys\n"
        "from explorer import cli\n"
        "try:\n    cli.main(['--help'])\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "heavy = 'tensorflow keras umap hdbscan pandas sklearn numba pyarrow dash'.split()\n"
        "print('loaded:', *[m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].strip() == "loaded:"
    for command in ("demo", "run", "scan", "embed", "cluster", "report", "open", "export"):
        assert command in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run"],
        ["run", "photos"],
        ["report"],
        ["--no-such-option"],
        ["export", "ws", "out"],
        ["open", "ws", "--port", "99999999"],
        ["run", "photos", "-w", "ws", "--batch-size", "many"],
        ["embed", "ws", "--batch-size", "0"],
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(*arguments, capsys=capsys)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in out + err


def test_a_folder_that_is_no_workspace_is_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("report", tmp_path, capsys=capsys)
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert "rosette run SOURCE" in err


def test_a_source_that_is_not_there_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("run", tmp_path / "none", "-w", tmp_path / "ws", capsys=capsys)
    assert code == 1
    assert "none" in err
    assert len(err.strip().splitlines()) == 1


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="not a workspace"):
        cli.main(["report", str(tmp_path), "--debug"])


def test_an_unknown_format_names_those_there_are(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("export", workspace.path, tmp_path, "--to", "xls", capsys=capsys)
    assert code == 2
    assert "csv" in err


def test_report_reads_as_text(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("report", workspace.path, capsys=capsys)
    assert code == 0
    assert out.startswith("1 label hides two kinds. 30 images, 4 labels")
    assert "looks like car (0.99)" in out
    assert "jaguar/cut.jpg: the file is cut short" in out
    assert "Note: The embedded model was used." in out
    assert max(map(len, out.splitlines())) <= 100


def test_report_as_json_can_be_read(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run("report", workspace.path, "--json", capsys=capsys)
    said = json.loads(out)
    assert code == 0
    assert [label["label"] for label in said["labels"]] == ["jaguar", "crane", "<b>cup</b>", "car"]
    assert said["labels"][0]["clusters"][1]["suggested_label"] == "car"
    assert said["labels"][0]["clusters"][0]["suggested_label"] is None
    assert said["unreadable"][0]["file"] == "jaguar/cut.jpg"


def test_export_writes_the_three_tables(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, _ = run("export", workspace.path, tmp_path / "out", "--to", "csv", capsys=capsys)
    assert code == 0
    with (tmp_path / "out" / "items.csv").open(newline="", encoding="utf-8") as handle:
        items = list(csv.DictReader(handle))
    assert len(items) == 30
    assert {"file", "label", "cluster", "suspicion", "status"} <= set(items[0])
    with (tmp_path / "out" / "classes.csv").open(newline="", encoding="utf-8") as handle:
        assert next(csv.DictReader(handle))["label"] == "jaguar"
    assert (tmp_path / "out" / "clusters.csv").is_file()


def test_models_lists_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("models", capsys=capsys)
    assert code == 0
    embedded = next(line for line in out.splitlines() if line.startswith("embedded"))
    assert "yes" in embedded.split()


def test_doctor_names_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("doctor", capsys=capsys)
    assert code == 0
    assert "tensorflow" in out


def test_ctrl_c_says_that_it_can_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("embeddings.pipeline.run", interrupted)
    code, _, err = run("run", tmp_path, "-w", tmp_path / "ws", capsys=capsys)
    assert code == 130, err
    assert "go on" in err


def test_every_setting_has_help_and_a_name_of_its_own() -> None:
    assert len({s.name for s in SETTINGS}) == len(SETTINGS)
    assert all(s.help.endswith(".") for s in SETTINGS)


def test_code_of_a_model_is_trusted_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from embeddings import pipeline

    heard: list[object] = []
    monkeypatch.setattr(
        pipeline, "embed", lambda ws, **options: heard.append(options["model"].trust)
    )
    run("embed", "ws", capsys=capsys)
    run("embed", "ws", "--trust-model-code", capsys=capsys)
    assert heard == [False, True]
