"""Engines run the parallel work: on this machine, or on a Ray cluster.

=============  ==============================================================
``protocol``   what an engine has to do
``local``      this machine
``ray_engine`` a Ray cluster; the only package that imports Ray
=============  ==============================================================
"""

from __future__ import annotations

from typing import Final

from embeddings.engines.local import LocalEngine
from embeddings.engines.protocol import Embedder, Engine, Seen, WorkItem, info_of
from embeddings.engines.stream import stream, stream_through
from embeddings.engines.workers import FEW_ITEMS, beside, mapper_for
from embeddings.errors import UsageError

__all__ = [
    "ENGINES",
    "FEW_ITEMS",
    "Embedder",
    "Engine",
    "LocalEngine",
    "Seen",
    "WorkItem",
    "beside",
    "info_of",
    "mapper_for",
    "named",
    "stream",
    "stream_through",
]

ENGINES: Final = ("local", "ray")


def named(name: str, *, ray_address: str | None = None) -> Engine:
    """Return the engine called ``name``; nothing is connected or started before it is used.

    Parameters
    ----------
    name
        ``local`` or ``ray``.
    ray_address
        Of a running cluster (``host:port``, ``ray://host:port`` or ``auto``); by default what
        ``RAY_ADDRESS`` says, else a cluster of this machine alone is started.

    Raises
    ------
    UsageError
        No such engine, or an address for one that needs none.
    """
    if name == "ray":
        from embeddings.engines.ray_engine import RayEngine

        return RayEngine(ray_address)
    if name != "local":
        raise UsageError(
            f"There is no engine called {name!r}.", hint=f"Choose one of {', '.join(ENGINES)}."
        )
    if ray_address is not None:
        raise UsageError("An address of Ray was given.", hint="Add --engine ray.")
    return LocalEngine()
