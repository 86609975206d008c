"""Writes data sets by the tools that people have: run by a Python in which they are installed.

::

    python made_by_tools.py FOLDER

needs ``datasets``, ``webdataset`` and ``datumaro``, which CVAT's exports are made by.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def photos(root: Path) -> Path:
    """Write a folder of two labels."""
    for label in ("cat", "dog"):
        (root / label).mkdir(parents=True)
        for number in range(4):
            shade = np.full((24, 32, 3), (number * 40, len(label), ord(label[0])), np.uint8)
            Image.fromarray(shade).save(root / label / f"{label}{number}.png")
    return root


def of_the_hub(root: Path) -> None:
    """Write Parquet, Arrow on disk, and a WebDataset."""
    import datasets
    import webdataset

    folder = str(photos(root / "photos"))
    found: Any = datasets.load_dataset(
        "imagefolder", data_dir=folder, split="train", cache_dir=str(root / "cache")
    )
    found.to_parquet(str(root / "train-00000-of-00001.parquet"))
    found.save_to_disk(str(root / "saved"))
    parts = {"train": found, "test": found.select([0, 7])}
    datasets.DatasetDict(parts).save_to_disk(str(root / "saved_parts"))
    with webdataset.TarWriter(str(root / "shard-000000.tar")) as shard:
        for number, row in enumerate(found):
            name = found.features["label"].int2str(row["label"])
            shard.write({"__key__": f"{number:06d}", "png": row["image"], "txt": "", "cls": name})


def of_datumaro(root: Path) -> None:
    """Write boxes in each format."""
    from datumaro.components.annotation import Bbox
    from datumaro.components.dataset import Dataset
    from datumaro.components.dataset_base import DatasetItem
    from datumaro.components.media import Image as Picture

    items = [
        DatasetItem(
            id=f"im{number}",
            subset="train",
            media=Picture.from_numpy(np.full((80, 120, 3), 30 * number, np.uint8)),
            annotations=[
                Bbox(10, 10, 30, 20, label=0, id=2 * number + 1),
                Bbox(60, 30, 40, 40, label=1, id=2 * number + 2),
            ],
        )
        for number in range(3)
    ]
    every = Dataset.from_iterable(items, categories=["cat", "dog"])
    for name in ("coco", "yolo", "voc", "cvat", "label_me"):
        every.export(str(root / name), name, save_media=True)


if __name__ == "__main__":
    of_the_hub(Path(sys.argv[1]))
    of_datumaro(Path(sys.argv[1]))
