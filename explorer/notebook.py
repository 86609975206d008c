"""The app below a cell of a notebook: on this machine, over SSH, under JupyterHub, in Colab."""

from __future__ import annotations

import os
import secrets
import sys
import threading
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

from embeddings.workspace import Workspace
from explorer.server import NOTEBOOKS, Policy, bind, policy_for, start

HUB: Final = "JUPYTERHUB_SERVICE_PREFIX"  # set by JupyterHub: the path of this user's server


@dataclass(eq=False)
class Shown:
    """The app at work for a notebook; the cell shows it, and :meth:`stop` ends it.

    ``url`` is its address as the browser has it: a path, where a proxy of the notebook's own
    server leads there.
    """

    url: str
    height: int
    key: tuple[object, ...] = field(repr=False)
    server: Any = field(repr=False)
    thread: threading.Thread = field(repr=False)

    def stop(self) -> None:
        """End the server and its threads; nothing happens where it has ended."""
        _SERVED.pop(self.key, None)
        if self.thread.is_alive():
            self.server.stop()
            self.thread.join()

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{escape(self.url)}" width="100%" height="{self.height}" '
            'style="border:0" allow="clipboard-write"></iframe>'
        )


# One server a workspace, however often its cell runs: a notebook has no other place to keep it.
_SERVED: dict[tuple[object, ...], Shown] = {}


def show(
    workspace: Workspace | str | Path,
    *,
    height: int = 900,
    store: str | None = None,
    host: str = "127.0.0.1",
    prefix: str | None = None,
) -> Shown:
    """Serve a workspace from this process, and show it below the cell.

    Parameters
    ----------
    workspace
        A workspace or its folder.
    height
        Of the frame, px.
    store
        Where decisions are kept, by default in the workspace.
    host
        The address to listen at.
    prefix
        The path at which the browser reaches the server, with ``{port}`` in it:
        ``/user/mara/proxy/{port}``; "" for none. By default that of jupyter-server-proxy under
        JupyterHub, and where it is installed beside a running Jupyter server.

    Returns
    -------
    A handle: its ``url``, and ``stop()``. Shown twice, a workspace keeps its server. The server
    ends with the process at the latest.

    Raises
    ------
    UsageError
        The prefix is none.

    Examples
    --------
    >>> shown = explorer.show("ws/")  # doctest: +SKIP
    >>> shown.stop()  # doctest: +SKIP
    """
    path = workspace.path if isinstance(workspace, Workspace) else Path(workspace)
    where = proxy_path() if prefix is None else prefix.rstrip("/")
    key = (path.resolve(), store, host, where)
    known = _SERVED.get(key)
    if known is not None and known.thread.is_alive():
        known.height = height
        return _framed(known)
    sock = bind(host, 0)
    below = where.replace("{port}", str(sock.getsockname()[1]))
    server, url = start(path, host=host, store=store, policy=_policy(host, below), sock=sock)
    thread = threading.Thread(target=server.run, name="rosette", daemon=True)
    thread.start()
    if below:
        url = f"{below}/{url.partition(f'{below}/')[2]}"  # on the host that the notebook is at
    _SERVED[key] = Shown(url, height, key, server, thread)
    return _framed(_SERVED[key])


def proxy_path() -> str:
    """Return the path of jupyter-server-proxy with ``{port}`` in it, "" where there is none."""
    base = os.environ.get(HUB) or _running_jupyter()
    return f"{base.rstrip('/')}/proxy/{{port}}" if base else ""


def _running_jupyter() -> str:
    """Return the base path of the Jupyter server that started this kernel, "" for none.

    Only where jupyter-server-proxy is installed: without it the path would lead nowhere.
    """
    from importlib.util import find_spec

    if find_spec("jupyter_server_proxy") is None or find_spec("jupyter_server") is None:
        return ""
    from jupyter_server.serverapp import list_running_servers

    parent = os.environ.get("JPY_PARENT_PID", "")
    servers = {str(one["pid"]): str(one["base_url"]) for one in list_running_servers()}
    return servers.get(parent, "")


def _policy(host: str, prefix: str) -> Policy:
    """Return who may come: in a frame of a notebook, and with a token where a proxy leads here."""
    if not prefix:
        return policy_for(host, ancestors=NOTEBOOKS)
    return Policy(
        token=secrets.token_urlsafe(32),
        any_name=True,  # the hub's, which this process does not know
        prefix=prefix,
        ancestors=("'self'", *NOTEBOOKS),
    )


def _framed(shown: Shown) -> Shown:
    """Have Colab lead the browser to the port: its pages reach no address of this machine."""
    if "google.colab" in sys.modules:
        from google.colab import output

        port = int(shown.server.effective_port)
        output.serve_kernel_port_as_iframe(port, height=str(shown.height))
    return shown
