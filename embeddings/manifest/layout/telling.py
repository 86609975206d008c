"""What was understood of a data set, in five lines, and as notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from embeddings.manifest.layout.records import Understanding

_SHOWN: Final = 4
OTHERWISE: Final = (
    "Otherwise   --label-from parent|grandparent|folder:N|name:REGEX, --subset-from …, --no-labels"
)


def lines_of(found: Understanding) -> tuple[str, ...]:
    """Return five lines: labels, subsets, unlabelled, what was not used, how to say otherwise.

    A line more for each doubt that stops nothing.
    """
    return told_lines(
        found.labels,
        found.subsets,
        found.unlabelled,
        where="by --label-from" if found.label_from else _where(found),
        not_used=_not_used(found),
        doubts=found.remarks,
    )


def told_lines(
    labels: Mapping[str, int],
    subsets: Mapping[str, int],
    unlabelled: Mapping[str, int],
    *,
    where: str,
    not_used: str = "none",
    doubts: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Return the same lines of any source: ``unlabelled`` counts pictures by their folder."""
    if len(labels) == 1:
        only = next(iter(labels))
        doubts = (*doubts, f"There is one label only, {only!r}: nothing to compare it with.")
    said = f"{len(labels):,} {where}: {_counts(labels)}" if labels else "none: one class of all"
    return (
        *(f"Mind        {doubt}" for doubt in doubts),
        f"Labels      {said}",
        f"Subsets     {_counts(subsets) or 'none'}",
        f"Unlabelled  {_unlabelled(unlabelled, bool(labels))}",
        f"Not used    {not_used}",
        OTHERWISE,
    )


def not_used_of(found: Understanding) -> str:
    """Return what was walked through and passed over, for ``told_lines``."""
    return _not_used(found)


def notes_of(found: Understanding) -> list[str]:
    """Return what a report should repeat; nothing where a label is a folder below the root."""
    notes = []
    if found.subsets:
        notes.append(
            f"Subsets: {_counts(found.subsets)}; the column 'split' says which an item is in."
        )
    if found.wrappers and (found.labels or found.subsets):
        notes.append(f"Walked through {_folders(found.wrappers)}: no label, other folders are.")
    notes += [
        f"Passed over {_folder(p.folder)}: {p.reason} ({p.count:,} files)."
        for p in found.passed_over
        if p.count
    ]
    notes += unlabelled_notes(found)
    if found.label_from is not None:
        notes.append(f"Labels are read by --label-from: {_counts(found.labels) or 'none found'}.")
    return [*notes, *found.remarks]


def unlabelled_notes(found: Understanding) -> list[str]:
    """Say how many pictures have no label by their folders, where others have one."""
    if not (found.labels and found.unlabelled):
        return []
    return [
        f"{sum(found.unlabelled.values()):,} images have no label "
        f"({_folders(tuple(found.unlabelled))}): nothing is found about them."
    ]


def _where(found: Understanding) -> str:
    depths = sorted({p.count("/") + 1 for p, role in found.roles.items() if role.name == "label"})
    if not depths:
        return "from what lies beside the pictures"
    return f"from folder {' and '.join(map(str, depths))}"


def _unlabelled(by_folder: Mapping[str, int], labelled: bool) -> str:
    total = sum(by_folder.values())
    if not total or not labelled:
        return f"{total:,}" if total else "none"
    return f"{total:,} in {_folders(tuple(by_folder))}; nothing is found about them"


def _not_used(found: Understanding) -> str:
    said = []
    if found.wrappers:
        said.append(f"{_folders(found.wrappers)} walked through")
    said += [f"{_folder(p.folder)} {p.reason} ({p.count:,})" for p in found.passed_over[:_SHOWN]]
    if len(found.passed_over) > _SHOWN:
        said.append(f"{len(found.passed_over) - _SHOWN} more folders")
    return "; ".join(said) or "none"


def _counts(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    told = ", ".join(f"{name} {n:,}" for name, n in ranked[:_SHOWN])
    more = len(ranked) - _SHOWN
    return f"{told} and {more:,} more" if more > 0 else told


def _folder(path: str) -> str:
    return f"{path}/" if path else "the root"


def _folders(paths: tuple[str, ...]) -> str:
    told = ", ".join(_folder(path) for path in paths[:_SHOWN])
    more = len(paths) - _SHOWN
    return f"{told} and {more:,} more" if more > 0 else told
