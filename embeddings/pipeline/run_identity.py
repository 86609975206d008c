"""How a run was asked for, its id, and the hash of all that its findings are made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from embeddings import columns as c
from embeddings.errors import UsageError
from embeddings.pipeline.label_cache import METHOD_VERSION
from embeddings.records import Layout, SeenSoFar
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

Answers = Literal["cross-check", "model"]

MADE_FROM: Final = "made_from"  # parameter of a run: the hash of its inputs


def answers_named(text: str) -> Answers:
    """Read whose predictions single labels are compared with.

    Raises
    ------
    UsageError
        It is neither of the two.
    """
    if text not in get_args(Answers):
        raise UsageError(
            f"Nobody named {text} can check labels.",
            hint="Use --answers cross-check, or model where it was not trained on these images.",
        )
    return cast(Answers, text)


def layout_named(text: str) -> Layout:
    """Read what draws the maps.

    Raises
    ------
    UsageError
        There is no such layout.
    """
    if text not in get_args(Layout):
        raise UsageError(
            f"There is no layout called {text}.",
            hint=f"Choose one of {', '.join(get_args(Layout))}.",
        )
    return cast(Layout, text)


@dataclass(frozen=True, slots=True)
class Asked:
    """How findings were asked for: whose word checks labels, what draws maps, the seed.

    ``provisional``: on the images seen so far only.
    """

    answers: Answers
    layout: Layout
    seed: int
    provisional: SeenSoFar | None = None


def run_id_of(ws: Workspace, frame: pd.DataFrame, keys: list[str], asked: Asked) -> str:
    """Return the id of a run, 12 hex digits: of its items, models and method."""
    models = [model.fingerprint for model in (ws.info.model, ws.info.second) if model]
    how = f"{METHOD_VERSION}/{'+'.join(models)}/{asked.seed}/{asked.answers}"
    if asked.layout != "built-in":  # ids of runs before there was a choice stay
        how += f"/{asked.layout}"
    digest = hashlib.sha256(how.encode())
    for file, label, key in zip(frame[c.FILE], frame[c.LABEL], keys, strict=True):
        digest.update(f"\0{file}\0{label}\0{key}".encode(errors="surrogatepass"))
    return digest.hexdigest()[:12]


def made_from(ws: Workspace, frame: pd.DataFrame, keys: list[str], asked: Asked) -> str:
    """Return the hash of all that findings are made from, with the version of the program.

    ``frame`` and ``keys`` as :func:`with_what_was_seen` gives them: what could not be read once may
    be readable by now.
    """
    run = run_id_of(ws, frame, keys, asked)
    digest = hashlib.sha256(f"{version('rosette-explorer')}/{run}".encode())
    for name in (c.SHA256, c.STATUS, c.REASON):
        digest.update("\0".join(map(str, frame[name])).encode(errors="surrogatepass"))
    return digest.hexdigest()[:24]
