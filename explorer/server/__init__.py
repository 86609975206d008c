"""The web app and its server: pages, api and security put together."""

from __future__ import annotations

from explorer.security import NOTEBOOKS, Policy, policy_for
from explorer.server.app import create_app
from explorer.server.router import page_at
from explorer.server.serve import bind, serve, start

__all__ = ["NOTEBOOKS", "Policy", "bind", "create_app", "page_at", "policy_for", "serve", "start"]
