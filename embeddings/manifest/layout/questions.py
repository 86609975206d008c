"""What a data set's folders leave open, each question with the options that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from embeddings.manifest.layout.names import NamedLabels
from embeddings.manifest.layout.records import Question
from embeddings.manifest.layout.tree import Folder
from embeddings.manifest.layout.words import is_item_id

NO_LABELS: Final = ("--no-labels", "all pictures are one class")
_SHOWN: Final = 3
_FEW_ITEMS: Final = 4  # pictures a folder at most, on average, where each is one item
_FEWEST_FOLDERS: Final = 5
_MANY_FOLDERS: Final = 20
_MOSTLY: Final = 0.9


def which_level(
    upper: Sequence[Folder], lower: Sequence[Folder], deepest: Sequence[Folder], *, crossed: bool
) -> Question:
    """Ask which of two levels of folders is the label, or the folders of the pictures."""
    options = [_folder(upper, _names(upper)), _folder(lower, _names(lower))]
    if deepest[0].depth > lower[0].depth:
        options.append(("--label-from parent", f"the folders of the pictures, {_names(deepest)}"))
    high, low = _names(upper), _names(lower)
    why = "the lower names recur under the upper ones" if crossed else "each has folders of its own"
    return Question(
        f"Folders on two levels could be the label, {high} or below them {low}: {why}.",
        tuple(options),
    )


def subset_or_label(own: Sequence[Folder], rest: Sequence[Folder]) -> Question:
    """Ask whether folders named like subsets are subsets or labels."""
    named, others = _names(own), _names(rest)
    depth = own[0].depth
    return Question(
        f"{named} {'is' if len(own) == 1 else 'are'} named like a subset, {others} beside it not.",
        (
            (f"--label-from folder:{depth}", "all of them are labels"),
            (f"--label-from folder:{depth + 1}", "they are subsets and the folders below labels"),
            NO_LABELS,
        ),
    )


def beside_subsets(folder: Folder) -> Question:
    """Ask what a folder is that lies beside the subsets and has other folders in it."""
    depth = folder.depth
    return Question(
        f"{folder.path}/ with {folder.total} pictures lies beside the subsets, and its folders "
        f"({_names(folder.kids)}) have other names than the labels.",
        (
            (f"--label-from folder:{depth + 1}", "they are labels too"),
            (f"--label-from folder:{depth + 2}", "the labels lie further down"),
        ),
    )


def dates(folders: Sequence[Folder]) -> Question:
    """Ask for the label where folders are dates."""
    names = _names(folders)
    return Question(
        f"The folders are dates or those of a camera ({names}), not labels.",
        (NO_LABELS, (f"--label-from folder:{folders[0].depth}", "they are the labels after all")),
    )


def numbered_alike(folders: Sequence[Folder]) -> Question:
    """Ask for the label where folders are numbered sessions, subjects or cameras."""
    return Question(
        f"The folders are numbered alike ({_names(folders)}), which labels seldom are.",
        (NO_LABELS, (f"--label-from folder:{folders[0].depth}", "they are the labels")),
    )


def in_names(found: NamedLabels, only_label: str) -> Question:
    """Ask whether the names of files carry the label, where no folder or one alone is one."""
    told = ", ".join(f"{label!r} {n}" for label, n in found.labels.most_common(_SHOWN))
    more = len(found.labels) - _SHOWN
    told += f" and {more} more" if more > 0 else ""
    depth = only_label.count("/") + 1
    options = [(f"--label-from 'name:{found.pattern}'", "take it from there"), NO_LABELS]
    if only_label:
        options.append((f"--label-from folder:{depth}", f"the one label {only_label!r}"))
    folder = "One folder alone" if only_label else "No folder"
    return Question(
        f"{folder} is a label, and the names of the files seem to carry one: {told}.",
        tuple(options),
    )


def one_folder_per_item(labels: Mapping[str, int], depth: int) -> Question:
    """Ask for the label where each folder seems to be one item."""
    names = _quoted(sorted(labels))
    total = sum(labels.values())
    return Question(
        f"Each folder seems to be one item: {len(labels):,} folders ({names}) hold {total:,} "
        "pictures.",
        (
            NO_LABELS,
            (f"--label-from folder:{depth}", "they are the labels all the same"),
            ("--label-from 'name:REGEX'", "the names of the files carry it"),
        ),
    )


def are_items(labels: Mapping[str, int]) -> bool:
    """Whether folders are items: many, with next to nothing in each.

    Five folders with numbers for names and four pictures each at most, or twenty of which nine
    in ten hold one.
    """
    if len(labels) < _FEWEST_FOLDERS:
        return False
    numbered = sum(map(is_item_id, labels)) >= _MOSTLY * len(labels)
    if numbered and sum(labels.values()) <= _FEW_ITEMS * len(labels):
        return True
    single = sum(n == 1 for n in labels.values())
    return len(labels) >= _MANY_FOLDERS and single >= _MOSTLY * len(labels)


def _folder(folders: Sequence[Folder], names: str) -> tuple[str, str]:
    return f"--label-from folder:{folders[0].depth}", names


def _names(folders: Sequence[Folder]) -> str:
    return _quoted(list(dict.fromkeys(folder.name for folder in folders)))


def _quoted(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
