"""Search by label or file name, by a word of the model, by a sentence, by a decision."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings import columns as c
from embeddings.retrieval import Sentences, sentences_of
from embeddings.workspace import Workspace

if TYPE_CHECKING:
    from embeddings.decisions import Decision
    from explorer.data.dataset import Dataset

MOST_LABELS = 8
MOST_FILES = 8
MOST_FITTING = 400  # images that a sentence is answered with
LONGEST_SENTENCE = 500  # characters of one that are read
_JOINTS = re.compile(r"[\s_\-./]+")


def folded(text: str) -> str:
    """Return a text as it is searched: without case, its words joined by single spaces."""
    return _JOINTS.sub(" ", text.casefold()).strip()


def matches(names: Sequence[str], text: str) -> list[str]:
    """Return names that hold all words of ``text``; the best fits come first.

    Names that are the text come before those that begin with it, those before others that hold
    it as it stands, and these before names that hold its words somewhere.
    """
    wanted = folded(text)
    words = wanted.split()
    found = []
    for place, name in enumerate(names):
        said = folded(name)
        if not all(word in said for word in words):
            continue
        rank = 0 if said == wanted else 1 if said.startswith(wanted) else 2 if wanted in said else 3
        found.append((rank, place, name))
    return [name for _, _, name in sorted(found)]


def find(dataset: Dataset, text: str) -> dict[str, Any]:
    """Return labels and files that hold all words of ``text``, the best fits of labels first.

    Neither case nor what joins the words matters: "wild cat" finds *wild_cat*. The counts are of
    all that match, the lists are cut.
    """
    wanted = folded(text)
    if not wanted:
        return {"labels": [], "files": [], "n_labels": 0, "n_files": 0}
    hits = matches(dataset.labels, text)
    sizes = dataset.classes[c.SIZE].to_numpy()
    held = np.ones(len(dataset), dtype=bool)
    for word in wanted.split():
        held &= dataset.folded_files.str.contains(word, regex=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(held)
    items = dataset.items
    return {
        "labels": [
            {
                "place": dataset.places[label],
                "label": label,
                "size": int(sizes[dataset.places[label]]),
            }
            for label in hits[:MOST_LABELS]
        ],
        "files": [
            {
                "row": int(row),
                "file": str(items[c.FILE].iloc[row]),
                "label": str(items[c.LABEL].iloc[row]),
            }
            for row in rows[:MOST_FILES]
        ],
        "n_labels": len(hits),
        "n_files": len(rows),
    }


def find_seen(dataset: Dataset, text: str) -> dict[str, Any] | None:
    """Return in how many images the model sees a word, and in which; None where it has no such."""
    found = dataset.words.seen(text) if dataset.words else None
    if found is None or not len(found.rows):
        return None
    return {"word": " ".join(text.split()), "n": len(found.rows), "row": int(found.rows[0])}


def find_decided(decided: Mapping[int, Decision], text: str) -> list[int]:
    """Return the rows with a decision whose words, note or reviewer hold ``text``."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    return [
        row
        for row, one in sorted(decided.items())
        if wanted in f"{one.text}\n{one.note}\n{one.reviewer}".casefold()
    ]


class SentenceSearch:
    """Search of a data set by any text; the text model is loaded when the first is asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()  # one at a time: each reads all embeddings
        self._loaded: Sentences | None = None

    @property
    def model(self) -> str:
        """The name of the text model, "" where there is none."""
        info = self._workspace.info.text
        return info.name if info else ""

    def fitting(self, text: str) -> list[tuple[str, float]]:
        """Return the contents that a text fits best, the best first, with their cosines.

        Raises
        ------
        UsageError, ModelError
            There is no text model, it is not where it was, is another or not whole.
        """
        with self._lock:
            if self._loaded is None:
                # it may have been moved, and said where to, since the app began
                self._loaded = sentences_of(Workspace.open(self._workspace.path))
            found = self._loaded.nearest(text[:LONGEST_SENTENCE], MOST_FITTING)
        return list(zip(found.keys, found.cosine.tolist(), strict=True))
