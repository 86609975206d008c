"""Annotation files of the field as a source: labels of pictures, and of boxes in them.

================  ==============================================================
``formats``       COCO, YOLO, Pascal VOC, CVAT, LabelMe, Label Studio, FiftyOne, tables of boxes
``finding``       which of them a file or a folder is
``items``         all of it: the items, boxes cut out as pictures
``subset_lists``  subsets as lists of pictures
``written_back``  the same files with other labels
``records``       what goes between them
================  ==============================================================
"""

from __future__ import annotations

from embeddings.manifest.annotations.finding import (
    ANNOTATION_SUFFIXES,
    FoundSet,
    annotations_below,
    annotations_of,
)
from embeddings.manifest.annotations.items import annotated_items
from embeddings.manifest.annotations.written_back import BOXES_FILE, relabelled_files

__all__ = [
    "ANNOTATION_SUFFIXES",
    "BOXES_FILE",
    "FoundSet",
    "annotated_items",
    "annotations_below",
    "annotations_of",
    "relabelled_files",
]
