"""Folders and files that are no items of their own: masks, small copies, the same again."""

from __future__ import annotations

import re
from typing import Final

from embeddings.manifest.layout.records import PassedOver
from embeddings.manifest.layout.tree import Folder
from embeddings.manifest.layout.words import (
    is_container,
    is_mask,
    is_thumbs,
    says_pictures,
    subset_of,
    tokens,
)

_OVERLAP: Final = 0.6  # share of names that masks or copies have in common with their pictures
_SAME: Final = 0.9  # share from which a folder is the same again
_MASK_ENDING = re.compile(
    r"[-_. ]?(mask|seg|segmentation|gt|groundtruth|label|labels|matte|trimap)s?([-_. ]?\d+)?$",
    re.IGNORECASE,
)
_PLAIN_MASK_ENDING = re.compile(r"[-_. ](mask|segmentation)s?([-_. ]?\d+)?$", re.IGNORECASE)
_SURELY_MASKS: Final = frozenset((
    "annotations", "contours", "groundtruth", "gt", "heatmaps", "labels", "masks", "mattes",
    "segmentation", "segmentations", "segmentationclass", "segmentationobject", "trimaps",
))  # fmt: skip


def pruned(root: Folder) -> tuple[list[PassedOver], set[str]]:
    """Take out of the tree what holds no items, and return it: folders, and single files."""
    folders: list[PassedOver] = []
    files: set[str] = set()
    pending = [root]
    while pending:
        folder = pending.pop()
        _without_empty(folder, folders)
        _without_hub_blobs(folder, folders)
        _without_masks(folder, folders)
        _without_doubled(folder, folders)
        _without_thumbs(folder, folders)
        files |= _without_mask_files(folder)
        pending.extend(folder.kids)
    root.count()
    return folders, files


def _without_empty(folder: Folder, out: list[PassedOver]) -> None:
    if not folder.total:
        return
    for name in [n for n, f in folder.folders.items() if not f.total]:
        gone = folder.drop(name)
        out.append(PassedOver(gone.path, "no pictures in it", gone.others))


def _without_hub_blobs(folder: Folder, out: list[PassedOver]) -> None:
    """Pass over what the links of a Hugging Face hub cache lead to."""
    if {"blobs", "snapshots"} <= folder.folders.keys() and folder.folders["snapshots"].total:
        gone = folder.drop("blobs")
        out.append(PassedOver(gone.path, "what the links in snapshots lead to", gone.total))


def _stems(folder: Folder) -> set[str]:
    stems = (name.rpartition(".")[0].casefold() for name in folder.names())
    return {_MASK_ENDING.sub("", stem) for stem in stems}


def _endings(folder: Folder) -> set[str]:
    return {name.rpartition(".")[2].casefold() for name in folder.names()}


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0


def _without_masks(folder: Folder, out: list[PassedOver]) -> None:
    kids = folder.kids
    masks = [kid for kid in kids if is_mask(kid.name)]
    others = [kid for kid in kids if kid not in masks]
    if not masks or not others:
        return
    own = set().union(*(_stems(kid) for kid in others))
    beside_images = any(says_pictures(kid.name) for kid in others)
    beside_others = any(is_container(kid.name) for kid in others)
    subsets = any(subset_of(kid.name) for kid in others)
    endings = set().union(*(_endings(kid) for kid in others))
    for mask in masks:
        alike = _share(_stems(mask), own) >= _OVERLAP
        sure = bool(_SURELY_MASKS & set(tokens(mask.name)))
        # beside words, masks may be a label like gloves: then another format has to tell
        apart = sure and not (_endings(mask) & endings)
        if (
            (beside_images and (alike or sure))
            or (beside_others and alike and sure)
            or (alike and (subsets or apart))
        ):
            gone = folder.drop(mask.name)
            out.append(PassedOver(gone.path, "masks or labels of the pictures", gone.total))


def _without_doubled(folder: Folder, out: list[PassedOver]) -> None:
    """Pass over a folder that holds once more what lies beside it, as archives often do."""
    names = folder.folders.keys()
    for kid in folder.kids:
        within = {f.name for f in kid.kids}
        if not within or len(within & (names - {kid.name})) < len(within):
            continue
        again = set(kid.names())
        beside = {n for n in folder.names() if not n.startswith(f"{kid.name}/")}
        if _share(again, beside) >= _SAME:
            gone = folder.drop(kid.name)
            out.append(PassedOver(gone.path, "the same again as beside it", gone.total))


def _without_thumbs(folder: Folder, out: list[PassedOver]) -> None:
    kids = folder.kids
    small = [kid for kid in kids if is_thumbs(kid.name)]
    for kid in small if len(small) < len(kids) else ():
        own = set().union(*(_stems(other) for other in kids if other is not kid))
        beside_images = any(is_container(other.name) for other in kids if other is not kid)
        if beside_images and _share(_stems(kid), own) >= _SAME:
            gone = folder.drop(kid.name)
            out.append(PassedOver(gone.path, "smaller copies", gone.total))


def _without_mask_files(folder: Folder) -> set[str]:
    """Take out ``x_mask.png`` where ``x.png`` lies beside it."""
    stems = {name.rpartition(".")[0] for name in folder.pictures}
    masks = {
        name
        for name in folder.pictures
        if (found := _PLAIN_MASK_ENDING.search(stem := name.rpartition(".")[0]))
        and stem[: found.start()] in stems
    }
    if masks:
        folder.pictures = [name for name in folder.pictures if name not in masks]
    return {f"{folder.path}/{name}" if folder.path else name for name in masks}
