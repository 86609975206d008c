"""What each folder of a data set is: a subset, a label, a wrapper, or pictures without a label.

The tree is read from the root down. What a folder is follows from its name *and* from what lies
beside and below it: ``train`` beside ``val`` is a subset, beside ``bus`` and ``car`` a label.
Where two readings are likely, that is a question and no guess.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from embeddings.manifest.layout import questions
from embeddings.manifest.layout.records import Question, Role
from embeddings.manifest.layout.tree import Folder, skipped_down
from embeddings.manifest.layout.words import (
    are_dates,
    are_parts,
    is_container,
    is_group,
    is_part,
    says_pictures,
    says_unlabelled,
    subset_and_rest,
    subset_of,
    tokens,
)

_SHARED: Final = 0.5  # share of names in common from which two folders hold the same labels
_CROSSED: Final = 0.6  # share of lower names that recur, from which two levels are crossed
_MOSTLY: Final = 0.5
_WORTH_ASKING: Final = 0.2  # share of the pictures below which an odd folder is only noted


@dataclass(slots=True)
class Reading:
    """The roles found so far, by folder, and what has to be asked or said."""

    total: int
    roles: dict[str, Role] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def wrap(self, folder: Folder) -> None:
        """Walk through a folder: it is neither label nor subset."""
        self.roles[folder.path] = Role("wrapper")

    def subset(self, folder: Folder, value: str) -> None:
        """Take a folder for a subset."""
        self.roles[folder.path] = Role("subset", value)

    def label(self, folder: Folder) -> None:
        """Take a folder for a label, and look for subsets below it."""
        self.roles[folder.path] = Role("label", folder.name)
        self._subsets_below(folder)

    def unlabelled(self, folder: Folder) -> None:
        """Take what lies in a folder for pictures without a label."""
        self.roles.setdefault(folder.path, Role("unlabelled"))

    def _subsets_below(self, folder: Folder) -> None:
        at = skipped_down(folder)
        if at.flat and at is not folder and subset_of(at.name):
            self.subset(at, subset_of(at.name))
        for kid in at.kids:
            if value := subset_of(kid.name):
                self.subset(kid, value)


def read(folder: Folder, out: Reading) -> None:
    """Find the roles of what lies in ``folder``, whose own role is known."""
    kids = folder.kids
    if not kids:
        if folder.path:
            out.unlabelled(folder)
    elif len(kids) == 1:
        _read_only_folder(folder, kids[0], out)
    elif subsets := _subset_folders(kids, out):
        _read_subsets(kids, subsets, out)
    elif are_parts([kid.name for kid in kids]):
        _read_parts(kids, out)
    else:
        _read_folders(folder, kids, out)


def _read_only_folder(parent: Folder, only: Folder, out: Reading) -> None:
    """Walk down the one folder in which all lies, to where it branches or ends."""
    chain = [only]
    while not chain[-1].pictures and len(kids := chain[-1].kids) == 1:
        chain.append(kids[0])
    last = chain[-1]
    for folder in chain:
        if value := subset_of(folder.name):
            out.subset(folder, value)
        else:
            out.wrap(folder)
    branches = len(last.kids) > 1 and len(last.pictures) <= _MOSTLY * last.total
    if branches and not _only_numbered_below(last):
        read(last, out)
        return
    named = [f for f in chain if _could_be_label(f, parent)]
    if named:
        out.label(named[-1])
    elif are_dates([f.name for f in chain], "") or not branches:
        out.unlabelled(last)
    else:
        read(last, out)


def _only_numbered_below(folder: Folder) -> bool:
    kids = folder.kids
    return (
        not is_container(folder.name)
        and not subset_of(folder.name)
        and all(is_group(kid.name) and kid.flat for kid in kids)
    )


def _could_be_label(folder: Folder, parent: Folder) -> bool:
    name = folder.name
    if is_container(name) or subset_and_rest(name)[0] or is_part(name) or says_unlabelled(name):
        return False
    return name != parent.name and not are_dates([name], "")


def _subset_folders(kids: list[Folder], out: Reading) -> dict[str, str]:
    """Return subset by path of the folders that are subsets; empty where they are labels."""
    spoken = {kid.path: subset_and_rest(kid.name) for kid in kids}
    same_rest = Counter(rest for subset, rest in spoken.values() if subset and rest)
    found = {
        path: subset
        for path, (subset, rest) in spoken.items()
        if subset and (not rest or same_rest[rest] > 1)
    }
    if not found:
        return {}
    own = [kid for kid in kids if kid.path in found]
    rest = [kid for kid in kids if kid.path not in found]
    return found if _are_subsets(own, rest, out) else {}


def _are_subsets(own: list[Folder], rest: list[Folder], out: Reading) -> bool:
    """Decide whether folders named like subsets are subsets, beside the ``rest``."""
    rest = [kid for kid in rest if not _is_extra(kid)]
    deep = [kid for kid in own if not kid.flat]
    if not rest or (len(own) > 1 and (deep or len(rest) < 3)):
        return True
    rest_deep = [kid for kid in rest if not kid.flat]
    if deep:
        labels = {kid.name for folder in own for kid in skipped_down(folder).kids}
        others = [{k.name for k in skipped_down(folder).kids} for folder in rest_deep]
        if not rest_deep or any(len(labels & o) >= _SHARED * len(labels) for o in others):
            return True
        out.asked.append(questions.subset_or_label(own, rest))
        return True
    if rest_deep:
        return True
    if len(own) == 1 and len(rest) > 1:
        out.remarks.append(
            f"{own[0].name!r} is taken for a label like {rest[0].name!r} beside it, not for a "
            "subset."
        )
        return False
    out.asked.append(questions.subset_or_label(own, rest))
    return True


def _is_extra(folder: Folder) -> bool:
    """Whether a folder lies beside subsets without being one of them or a label."""
    words = set(tokens(folder.name))
    return says_unlabelled(folder.name) or bool(
        words & {"extra", "pred", "predict", "prediction", "predictions", "sample", "samples",
                 "inference", "unsupervised", "submission", "demo", "example", "examples"}
    )  # fmt: skip


def _read_subsets(kids: list[Folder], subsets: dict[str, str], out: Reading) -> None:
    own = [kid for kid in kids if kid.path in subsets]
    for kid in own:
        out.subset(kid, subsets[kid.path])
        read(kid, out)
    _drop_stray_labels(own, out)
    labels = {role.value for path, role in out.roles.items() if role.name == "label"}
    for kid in kids:
        if kid.path not in subsets:
            _read_beside_subsets(kid, labels, out)


def _drop_stray_labels(subsets: list[Folder], out: Reading) -> None:
    """Take back the one label of a subset that none of the others has: ``test/unknown``."""
    found = {
        folder.path: [
            path
            for path, role in out.roles.items()
            if role.name == "label" and path.startswith(f"{folder.path}/")
        ]
        for folder in subsets
    }
    names = {at: {out.roles[path].value for path in paths} for at, paths in found.items()}
    most = max(names.values(), key=len, default=set())
    for at, paths in found.items():
        if len(most) > 1 and len(names[at]) == 1 and not names[at] & most:
            out.roles[paths[0]] = Role("unlabelled")


def _read_beside_subsets(kid: Folder, labels: set[str], out: Reading) -> None:
    below = skipped_down(kid)
    names = {k.name for k in below.kids}
    out.subset(kid, kid.name)
    if len(names) > 1 and len(names & labels) >= _SHARED * len(names):
        read(kid, out)
        return
    if below.path != kid.path:
        out.unlabelled(below)
    if not below.flat:
        share = kid.total / max(1, out.total)
        if share >= _WORTH_ASKING:
            out.asked.append(questions.beside_subsets(kid))
        else:
            out.remarks.append(
                f"{kid.path}/ lies beside the subsets and has other folders: its {kid.total} "
                "pictures are unlabelled."
            )


def _read_parts(kids: list[Folder], out: Reading) -> None:
    for kid in kids:
        if "fold" in tokens(kid.name) or "split" in tokens(kid.name):
            out.subset(kid, kid.name)
        else:
            out.wrap(kid)
        if not kid.flat:
            read(kid, out)


def _read_folders(folder: Folder, kids: list[Folder], out: Reading) -> None:
    """Read folders none of which is a subset: labels, or what lies above or below them."""
    kids = _without_unlabelled(kids, out)
    wrapped = [kid for kid in kids if is_container(kid.name) and len(kid.kids) > 1]
    if wrapped and all(kid.flat or kid in wrapped for kid in kids):
        _read_wrapped(kids, wrapped, out)
        return
    if are_dates([kid.name for kid in kids], folder.name):
        out.asked.append(questions.dates(kids))
    elif all(kid.flat and is_group(kid.name) for kid in kids) and len(kids) > 1:
        out.asked.append(questions.numbered_alike(kids))
    nested = [kid for kid in kids if _is_nested(kid)]
    within = sum(kid.total for kid in nested)
    if nested and within > _MOSTLY * sum(kid.total for kid in kids):
        _read_two_levels(kids, nested, out)
        return
    for kid in kids:
        out.label(kid)


def _read_wrapped(kids: list[Folder], wrapped: list[Folder], out: Reading) -> None:
    for kid in kids:
        if kid in wrapped:
            out.wrap(kid)
            read(kid, out)
        else:
            out.unlabelled(kid)


def _without_unlabelled(kids: list[Folder], out: Reading) -> list[Folder]:
    plain = [kid for kid in kids if not says_unlabelled(kid.name)]
    others = [kid for kid in plain if not says_pictures(kid.name)]
    kept = [kid for kid in plain if kid in others or not kid.flat or len(others) < 2]
    for kid in kids:
        if kid not in kept:
            out.unlabelled(kid)
    return kept


def _lower(folder: Folder) -> list[Folder]:
    """Return the folders below one that could be labels, of all its subsets where it has some.

    MVTec has ``bottle/train/good``, ``bottle/test/good`` and ``bottle/test/broken_large``.
    """
    kids = skipped_down(folder).kids
    if not kids or not all(subset_of(kid.name) for kid in kids):
        return kids
    found = []
    for kid in kids:
        within = kid.kids
        while len(within) == 1 and is_container(within[0].name):
            within = within[0].kids
        found += within
    return found


def _is_nested(folder: Folder) -> bool:
    """Whether most pictures of a folder lie in folders that could be labels themselves."""
    below, kids = skipped_down(folder), _lower(folder)
    names = list(dict.fromkeys(kid.name for kid in kids))
    if len(names) < 2 or sum(kid.total for kid in kids) < _MOSTLY * below.total:
        return False
    if all(subset_of(name) or is_container(name) or is_part(name) for name in names):
        return False
    if all(name.isdigit() or is_group(name) for name in names):
        return False
    if are_dates(names, below.name):
        return False
    return not questions.are_items(Counter({kid.name: kid.total for kid in kids}))


def _read_two_levels(kids: list[Folder], nested: list[Folder], out: Reading) -> None:
    """Read labels that lie in groups, or kinds that lie in labels; ask where both may be."""
    lower = Counter(name for kid in nested for name in {k.name for k in _lower(kid)})
    recurring = sum(n for n in lower.values() if n >= max(2, _MOSTLY * len(nested)))
    crossed = recurring >= _CROSSED * lower.total()
    names = [kid.name for kid in kids]
    if crossed and (all(is_group(n) for n in names) or are_dates(names, "")):
        for kid in kids:
            out.subset(kid, kid.name)
            read(kid, out)
        return
    for kid in kids:
        out.label(kid)
    below = [k for kid in nested for k in _lower(kid)]
    deepest = below
    while len(next_ := [k for folder in deepest for k in folder.kids]) > 1:
        deepest = next_
    out.asked.append(questions.which_level(kids, below, deepest, crossed=crossed))
