"""Names of parts as people read them."""

from __future__ import annotations

from typing import Any

from embeddings import columns as c


def kind_name(cluster: Any) -> str:
    """Return what the model's classes call a cluster, a row as a mapping; "" where they do not."""
    name = cluster.get(c.KIND_NAME)
    return name if isinstance(name, str) else ""


def kind_words(cluster: Any) -> str:
    """Say what a cluster is called and how often: *sports car, convertible (31 of 39)*.

    Where it was not the model of the run that said so, the text model is named.
    """
    name = kind_name(cluster)
    if not name:
        return ""
    by = cluster.get(c.KIND_BY)
    said = f"{int(cluster[c.KIND_COUNT]):,} of {int(cluster[c.KIND_OF]):,}"
    return f"{name} ({said}, by {by})" if isinstance(by, str) and by else f"{name} ({said})"


def kind_label(cluster: Any) -> str:
    """Return the word that a new label for a cluster could be called by, "" where there is none.

    It is the class that names the cluster; of several what they have in common: car for *sports
    car, convertible*, but giant panda, and not procyonid, where that is all.
    """
    classes = kind_name(cluster).split(", ")
    general = str(cluster.get(c.KIND_GENERAL) or "")
    return general if general and len(classes) > 1 else classes[0]
