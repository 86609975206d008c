"""The Images page as plain data: any slice of the data set as one gallery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings import columns as c
from embeddings.health import NEAR_ACROSS_LABELS, SAME_ACROSS_LABELS, Finding
from embeddings.label_errors import CHECKED
from explorer.components import asked_in
from explorer.data import item_facts, similar, words
from explorer.pages.images.searched import fitting, found_rows, rows_named, seen_in

if TYPE_CHECKING:
    from explorer.data import Dataset, Rows


# copies of which one must be wrong, and nobody knows which
ACROSS = (SAME_ACROSS_LABELS, NEAR_ACROSS_LABELS)
MOST = 20_000  # images of one gallery; more are a sample
SHORT = 22  # characters of a caption


@dataclass(frozen=True, slots=True)
class ImagesView:
    """Everything the page says; what is said of each image is parallel to ``rows``.

    ``facts`` is what they are sorted and filtered by, as of ``item_facts``; ``alike`` how much each
    is like the images that were asked with. ``spare`` are the rows of copies that are not the first
    of theirs. ``label`` is the one label of all, "" where there are several.
    """

    heading: str
    sentence: str
    rows: tuple[int, ...]
    captions: tuple[str, ...]
    facts: dict[str, list[Any]]
    alike: tuple[float, ...]
    label: str
    suggestion: str
    spare: tuple[int, ...]
    seed: int | None
    decided: dict[int, str]
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Some images, and what to say of them."""

    heading: str
    sentence: str
    rows: Rows
    captions: dict[int, str]
    spare: tuple[int, ...] = ()
    alike: dict[int, float] = field(default_factory=dict)
    to: str = ""  # what all of them are suspected to be


def images_view(dataset: Dataset, search: str, decided: dict[int, str] | None = None) -> ImagesView:
    """Make the view model of what an address asks for; nonsense is an empty gallery.

    ``finding=NAME`` shows what was found, ``given=``, ``looks=`` and ``predicted=`` the images of
    a label that look like another, or that the model takes for it, ``differs=looks`` (or
    ``predicted``) those of which label and look differ, ``slice=3`` the images of a slice on which
    the model fails, ``label=`` one label, ``seen=WORD`` what the model sees the word in,
    ``text=a car on snow`` what a sentence fits,
    ``found=12.55`` these rows, ``like=12.55`` what looks like these rows; ``order=random`` with
    ``seed=`` shuffles any of them.
    """
    asked = asked_in(search)
    found = _asked(dataset, asked)
    rows, sentence = found.rows, found.sentence
    seed = _seed(asked)
    if seed is not None or len(rows) > MOST:
        rows = np.random.default_rng(seed or 0).permutation(rows)[:MOST]
    labels = dataset.items[c.LABEL].iloc[rows].astype(str)
    if not sentence and len(rows):
        counts = labels.value_counts()
        said = list(zip(counts.index, (int(n) for n in counts), strict=True))
        sentence = words(said, counted=True)
    if len(rows) < len(found.rows):
        sentence = f"Showing {len(rows):,} of {len(found.rows):,}, chosen at random."
    facts = item_facts(dataset, rows)
    if found.to:
        facts["to"] = [said or found.to for said in facts["to"]]
    return ImagesView(
        heading=found.heading,
        sentence=sentence,
        rows=tuple(int(row) for row in rows),
        captions=tuple(
            found.captions.get(int(row), label) for row, label in zip(rows, labels, strict=True)
        ),
        facts=facts,
        alike=tuple(round(found.alike.get(int(row), 0.0), 3) for row in rows),
        label=str(labels.iloc[0]) if len(set(labels)) == 1 else "",
        suggestion=found.to,
        spare=found.spare,
        seed=seed,
        decided=decided or {},
        may_decide=decided is not None,
    )


def _seed(asked: dict[str, str]) -> int | None:
    """Return the seed of the order, or None where the order is not to be random."""
    text = asked.get("seed", "0")
    if asked.get("order") != "random":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _like(dataset: Dataset, asked: list[int]) -> Slice:
    found = similar(dataset, asked)
    alike = {int(row): float(a) for row, a in zip(found.rows, found.alike, strict=True)}
    captions = {row: f"{a:.2f}  {dataset.label_of(row)}" for row, a in alike.items()}
    n = len(found.asked)
    what = dataset.file_of(found.asked[0]) if n == 1 else f"{n:,} images"
    said = "Most alike first; the number says how much, 1 is the same."
    return Slice(f"Similar to {what}", said, found.rows, captions, alike=alike)


def _asked(dataset: Dataset, asked: dict[str, str]) -> Slice:
    if "seen" in asked:
        return Slice(*seen_in(dataset, asked["seen"]))
    if "text" in asked:
        return Slice(*fitting(dataset, asked["text"]))
    if "found" in asked:
        return Slice(*found_rows(rows_named(dataset, asked["found"]), asked.get("by", "")))
    like = rows_named(dataset, asked.get("like", ""))
    if like:
        return _like(dataset, like)
    if asked.get("finding") == "suspicious":
        rows = dataset.singles
        pairs = dataset.items[[c.LABEL, c.SUGGESTED_LABEL]].iloc[rows].astype(object)
        captions = {
            int(row): f"{label} → {suggested}"
            for row, (label, suggested) in zip(rows, pairs.itertuples(index=False), strict=True)
            if isinstance(suggested, str)
        }
        said = "Most sure first; behind each label what it looks like."
        return Slice("Images that may be under a wrong label", said, rows, captions)
    if "slice" in asked:
        return _of_slice(dataset, asked["slice"])
    if "finding" in asked:
        found = dataset.odd.get(asked["finding"])
        if found is None:
            return Slice("Nothing of the kind was found", "", np.zeros(0, np.intp), {})
        return _found(dataset, found)
    keep = np.ones(len(dataset), dtype=bool)
    told = []
    for name, column, said in (
        ("label", c.LABEL, "labelled {}"),
        ("given", c.LABEL, "labelled {}"),
        ("predicted", c.PREDICTED, "that the model takes for {}"),
        ("looks", CHECKED, "that look like {}"),
    ):
        if name in asked and column in dataset.items:
            keep &= (dataset.items[column].fillna("").astype(str) == asked[name]).to_numpy()
            told.append(said.format(asked[name]))
    differs = {"looks": CHECKED, "predicted": c.PREDICTED}.get(asked.get("differs", ""))
    if differs in dataset.items:
        other = dataset.items[differs]
        keep &= (
            other.notna() & (other.astype(str) != dataset.items[c.LABEL].astype(str))
        ).to_numpy()
        told.append("where the label differs" if "given" not in asked else "taken for others")
    heading = f"Images {', '.join(told)}" if told else "All images"
    to = asked.get("looks") or asked.get("predicted") or ""
    return Slice(heading, "", np.flatnonzero(keep), {}, to=to)


def _of_slice(dataset: Dataset, rank: str) -> Slice:
    """Return the images of a slice on which the model fails, by its rank from 1."""
    failing = dataset.slices.failing if dataset.slices else ()
    number = int(rank) if rank.isascii() and rank.isdecimal() and len(rank) < 9 else 0
    if not 0 < number <= len(failing):
        return Slice("No such slice was found", "", np.zeros(0, np.intp), {})
    found = failing[number - 1]
    where = f"{found.label}: {found.name}" if found.label else found.name
    return Slice(f"Your model fails on {where}", found.sentence, found.items, {})


def _found(dataset: Dataset, found: Finding) -> Slice:
    """Return the images of a finding; copies stand side by side and are numbered."""
    rows = np.asarray(found.items, dtype=np.intp)
    if not found.groups:
        captions = {
            row: detail
            for row, detail in zip(found.items, found.details, strict=True)
            if 0 < len(detail) <= SHORT
        }
        return Slice(found.title, found.evidence, rows, captions)
    rows = np.asarray([row for group in found.groups for row in group], dtype=np.intp)
    captions = {
        row: f"{n}: {dataset.label_of(row)}"
        for n, group in enumerate(found.groups, start=1)
        for row in group
    }
    spare = tuple(row for group in found.groups for row in group[1:])
    across = found.kind in ACROSS
    return Slice(found.title, found.evidence, rows, captions, () if across else spare)
