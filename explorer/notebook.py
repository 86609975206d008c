"""The app below a cell of a notebook."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from embeddings.workspace import Workspace


def show(workspace: Workspace | str | Path, *, height: int = 900, store: str | None = None) -> Any:
    """Serve a workspace from this process, and show it inline.

    Parameters
    ----------
    workspace
        A workspace or its folder.
    height
        Of the frame, px.
    store
        Where decisions are kept, by default in the workspace.

    Returns
    -------
    An ``IPython.display.IFrame``; without IPython the address as text. The server ends with the
    process.
    """
    from explorer.server import NOTEBOOKS, policy_for, start

    path = workspace.path if isinstance(workspace, Workspace) else Path(workspace)
    rules = policy_for("127.0.0.1", ancestors=NOTEBOOKS)
    server, url = start(path, host="127.0.0.1", port=0, store=store, policy=rules)
    threading.Thread(target=server.run, name="rosette", daemon=True).start()
    try:
        from IPython.display import IFrame
    except ImportError:
        return url
    return IFrame(url, width="100%", height=height)
