"""The images that a search found, as a slice: by a word of the model's, a sentence, a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.errors import RosetteError

if TYPE_CHECKING:
    from explorer.data import Dataset, Rows

Searched = tuple[str, str, "Rows", dict[int, str]]  # heading, sentence, rows, captions


def seen_in(dataset: Dataset, text: str) -> Searched:
    """Return the images in which the model sees a word, surest first."""
    found = dataset.words.seen(text) if dataset.words else None
    if found is None:
        return f"The model has no word “{text}”", "", np.zeros(0, np.intp), {}
    captions = {
        int(row): f"{probability:.2f}  {dataset.label_of(int(row))}"
        for row, probability in zip(found.rows, found.probability, strict=True)
    }
    names = list(dict.fromkeys(found.classes))
    more = f" and {len(names) - 4:,} more" if len(names) > 4 else ""
    said = f"Surest first, by the model's classes {', '.join(names[:4])}{more}."
    return f"Images in which the model sees {text}", said, found.rows, captions


def fitting(dataset: Dataset, text: str) -> Searched:
    """Return the images that a sentence fits best; where that can't be searched by, the reason."""
    text = " ".join(text.split())
    try:
        found = dataset.sentences.fitting(text)
    except RosetteError as error:
        return f"“{text}” could not be searched by", str(error), np.zeros(0, np.intp), {}
    cosines = {row: cosine for key, cosine in found for row in dataset.holding(key)}
    captions = {row: f"{cosine:.2f}  {dataset.label_of(row)}" for row, cosine in cosines.items()}
    said = (
        f"What fits best first, by the text model {dataset.sentences.model}. It orders the images; "
        "where they fit no more is for you to see."
    )
    return f"Images that “{text}” fits", said, np.fromiter(cosines, np.intp), captions


def found_rows(rows: list[int], by: str) -> Searched:
    """Return rows that an address names, as a search by picture or by decision found them."""
    found = np.asarray(rows, dtype=np.intp)
    if by == "decision":
        return "Images with such a decision", "", found, {}
    said = "Most alike first. The picture itself was not kept."
    return "Images like your picture", said, found, {}


def rows_named(dataset: Dataset, text: str) -> list[int]:
    """Return the rows that an address names, as in ``12.55``; what is none of ours is left out."""
    parts = [part for part in text.split(".") if part.isascii() and part.isdigit()]
    rows = [int(part) for part in parts if len(part) < 12 and int(part) < len(dataset)]
    return list(dict.fromkeys(rows))
