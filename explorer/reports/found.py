"""Images found by a picture, a sentence or a word of the model: rows for the terminal, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import UsageError
from explorer.plain_text import printable

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.records import ModelSpec
    from embeddings.workspace import Workspace

Found = tuple[str, list[dict[str, Any]]]  # what was searched, in words; file, label and score


def found_text(found: Found) -> str:
    """Return a line for each image, the best first."""
    said, images = found
    lines = [
        f"{one['score']:>6.2f}  {printable(one['label'])}  {printable(one['file'])}"
        for one in images
    ]
    return "\n".join([printable(said), *lines]) + "\n"


def found_json(found: Found) -> str:
    """Return the same as JSON."""
    content = {"search": found[0], "images": found[1]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def search_by_picture(ws: Workspace, picture: Path, model: ModelSpec | None, most: int) -> Found:
    """Find the images that look like a picture; see :func:`embeddings.retrieval.model_of`."""
    from embeddings.retrieval import Query, model_of

    extractor = model_of(ws, model)
    found = Query(extractor, ws.store(extractor.fingerprint)).nearest(picture, most)
    items = ws.items()
    by_key = items.groupby(ws.keys(items), sort=False).indices
    rows = [
        (row, float(cosine))
        for key, cosine in zip(found.keys, found.cosine, strict=True)
        for row in by_key.get(key, ())
    ]
    return f"The images most like {picture.name}:", _told(items, rows[:most])


def search_by_sentence(ws: Workspace, text: str, folder: Path | None, most: int) -> Found:
    """Find the images that a text fits best, by the run's pair; see ``retrieval.pair_of``."""
    from embeddings.retrieval import not_embedded, rows_of_contents, sentences_of

    search = sentences_of(ws, folder)
    items = ws.items()
    rows = rows_of_contents(search.nearest(text, most), items, most)
    left = not_embedded(ws, items)
    more = f" ({left:,} newer images it has not seen)" if left else ""
    return f"By the text model {search.name}, what fits “{text}” best{more}:", _told(items, rows)


def search_by_word(ws: Workspace, text: str, most: int) -> Found:
    """Find the images in which the model sees a word.

    Raises
    ------
    UsageError
        The model has no such word.
    """
    from embeddings.retrieval import words_of

    items = ws.items()
    words = words_of(ws, ws.keys(items))
    seen = words.seen(text) if words else None
    if seen is None:
        raise UsageError(
            f"{text} is neither a file nor a word of the model's classes.",
            hint="Give a picture's file, or a noun such as `dog` or `vehicle`.",
        )
    rows = list(zip(seen.rows[:most].tolist(), seen.probability[:most].tolist(), strict=True))
    n = len(seen.rows)
    return f"{n:,} images in which the model sees {text}:", _told(items, rows)


def _told(items: pd.DataFrame, rows: list[tuple[int, float]]) -> list[dict[str, Any]]:
    return [
        {
            "file": str(items["file"].iloc[row]),
            "label": str(items["label"].iloc[row]),
            "score": round(score, 4),
        }
        for row, score in rows
    ]
