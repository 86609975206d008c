"""A folder or a table to the list of items, with what is wrong with each file: the manifest.

===============  ===================================================================
``layout``       what the folders of a data set are: labels, subsets, wrappers, questions
``folder``       a folder of pictures, by its layout
``annotations``  COCO, YOLO, Pascal VOC and other files of boxes and labels
``archives``     .zip, .tar and WebDataset
``videos``       a picture a second of each video
``tables``       CSV, Parquet, Arrow or JSON with files and labels, or pictures inside
``label_names``  names for labels that are numbers or ids
``joined``       embeddings put beside the items of a source
``ready_made``   embeddings somebody else made, alone or beside any of the above
``beside``       what lies in a folder beside its pictures, or instead of them
``remote``       a folder in remote storage, by its address
``scanning``     the scan, which knows them all
``entries``      what they share: hashes, headers, order, names, labels
``parsed``       files parsed to see what they are, for their readers
===============  ===================================================================
"""

from __future__ import annotations

from embeddings.manifest.annotations import relabelled_files
from embeddings.manifest.entries import SPLIT_OF, Known
from embeddings.manifest.layout import Rule, rule_named
from embeddings.manifest.scanning import scan

__all__ = [
    "SPLIT_OF",
    "Known",
    "Rule",
    "relabelled_files",
    "rule_named",
    "scan",
]
