"""Annotation files of the field as a source: labels of pictures, and of boxes in them.

================  ==============================================================
``coco``          COCO object detection
``yolo``          YOLO's text files and their YAML
``xml_files``     Pascal VOC, and CVAT for images
``labelme``       LabelMe
``labelstudio``   Label Studio's JSON
``fiftyone``      FiftyOne's JSON
``finding``       which of them a file or a folder is
``items``         all of it: the items, boxes cut out as pictures
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
