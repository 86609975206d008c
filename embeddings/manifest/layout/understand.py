"""From the paths of a data set to how it is read: a pure function.

1. Folders without pictures, masks, copies and thumbnails are taken out (``pruning``).
2. From the root down each folder gets a role: wrapper, subset, label, unlabelled (``reading``).
3. What came of it is counted and doubted: one folder per item, labels in the names of files, labels
   named like subsets (here).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from embeddings.manifest.layout import questions
from embeddings.manifest.layout.names import labels_in_names
from embeddings.manifest.layout.pruning import pruned
from embeddings.manifest.layout.reading import Reading, read
from embeddings.manifest.layout.records import PassedOver, Question, Role, Seen, Understanding
from embeddings.manifest.layout.rules import Rule
from embeddings.manifest.layout.tree import tree_of
from embeddings.manifest.layout.words import subset_of


def understand(
    seen: Iterable[Seen], *, label_from: Rule | None = None, subset_from: Rule | None = None
) -> Understanding:
    """Say how a data set is read, from the relative paths of its files alone.

    Parameters
    ----------
    seen
        Every file below the root, in any order; the result does not depend on it.
    label_from, subset_from
        What the user said; the folders then answer the rest, and no question about labels is
        left.
    """
    files = sorted(seen, key=lambda one: one.path)
    tree = tree_of(files)
    passed, masks = pruned(tree)
    out = Reading(tree.total)
    read(tree, out)
    roles = {**out.roles, **{p.folder: Role("passed over") for p in passed}}
    if masks:
        passed.append(PassedOver("", "masks beside their pictures", len(masks)))
    found = Understanding(
        roles=roles,
        label_from=label_from,
        subset_from=subset_from,
        wrappers=tuple(path for path, role in out.roles.items() if role.name == "wrapper"),
        passed_over=tuple(sorted(passed, key=lambda p: p.folder)),
        passed_files=frozenset(masks),
    )
    if label_from is not None:
        found = _without_roles_of(found, files)
    found = _counted(found, files)
    if label_from is None:
        asked = (*out.asked, *_doubts(found, files))
        found = replace(found, questions=asked[:1], remarks=tuple(out.remarks))
    return replace(found, remarks=(*found.remarks, *_remarks(found)))


def _without_roles_of(found: Understanding, files: list[Seen]) -> Understanding:
    """Take from the subsets the folders that the user calls labels."""
    rule = found.label_from
    if rule is None or rule.kind != "folder":
        return found
    taken = set()
    for one in files:
        folders = one.path.split("/")[:-1]
        at = rule.folder if rule.folder > 0 else len(folders) + rule.folder + 1
        if 0 < at <= len(folders):
            taken.add("/".join(folders[:at]))
    kept = {
        path: role
        for path, role in found.roles.items()
        if role.name != "subset" or path not in taken
    }
    return replace(found, roles=kept)


def _counted(found: Understanding, files: list[Seen]) -> Understanding:
    labels: Counter[str] = Counter()
    subsets: Counter[str] = Counter()
    unlabelled: Counter[str] = Counter()
    for one in files:
        place = found.place(one.path) if one.picture else None
        if place is None:
            continue
        if place.label is None:
            unlabelled[one.path.rpartition("/")[0]] += 1
        else:
            labels[place.label] += 1
        if place.subset:
            subsets[place.subset] += 1
    return replace(found, labels=dict(labels), subsets=dict(subsets), unlabelled=dict(unlabelled))


def _doubts(found: Understanding, files: list[Seen]) -> list[Question]:
    if questions.are_items(found.labels):
        depth = min(p.count("/") for p, role in found.roles.items() if role.name == "label") + 1
        return [questions.one_folder_per_item(found.labels, depth)]
    if len(found.labels) < 2:
        names = [
            one.path.rpartition("/")[2]
            for one in files
            if one.picture and found.place(one.path) is not None
        ]
        if carried := labels_in_names(names):
            only = next((path for path, r in found.roles.items() if r.name == "label"), "")
            return [questions.in_names(carried, only)]
    return []


def _remarks(found: Understanding) -> list[str]:
    remarks = []
    alike = [label for label in found.labels if subset_of(label)]
    if alike and found.label_from is not None:
        remarks.append(f"Labels are named like subsets: {', '.join(map(repr, sorted(alike)))}.")
    return remarks
