"""Who may do what with a served app: token, hosts, origins, headers, sizes."""

from __future__ import annotations

from explorer.security.failures import network
from explorer.security.guard import protect
from explorer.security.policy import NOTEBOOKS, Policy, policy_for

__all__ = [
    "NOTEBOOKS",
    "Policy",
    "network",
    "policy_for",
    "protect",
]
