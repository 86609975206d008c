"""The command `rosette`: thin commands over the pipeline, the exports and the app."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from explorer.cli import analysis, exchange, findings, serving

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Find the labels of an image data set that hide two kinds of thing.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rosette {version('rosette-explorer')}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    # --debug is read by main() too, which stands around everything
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if debug else "3")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


COMMANDS: dict[str, Callable[..., None]] = {
    "run": analysis.run,
    "scan": analysis.scan,
    "embed": analysis.embed,
    "cluster": analysis.cluster,
    "check": analysis.check,
    "slices": analysis.slices,
    "report": findings.report,
    "guide": findings.guide,
    "search": findings.search,
    "collect": analysis.collect,
    "open": serving.open_,
    "export": exchange.export,
    "import": exchange.import_,
    "relocate": exchange.relocate,
    "compare": findings.compare,
    "demo": analysis.demo,
    "models": findings.models,
    "formats": findings.formats,
    "doctor": findings.doctor,
}
for _name, _command in COMMANDS.items():
    app.command(name=_name)(_command)


def _write_any_text() -> None:
    """Have streams write what their encoding lacks as escapes, so that no label ends a report.

    Where output is redirected on Windows they are of the code page of the machine.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 2 wrong use, 130 or 143 stopped, 1 anything else."""
    from explorer.cli.exits import exit_code

    _write_any_text()
    sys.exit(exit_code(app, sys.argv[1:] if arguments is None else arguments))
