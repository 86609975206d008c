"""The head of a ``README.md``, from which Hugging Face ``datasets`` learns how to read a folder.

https://huggingface.co/docs/datasets/image_dataset#imagefolder and
https://huggingface.co/docs/hub/datasets-manual-configuration
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from embeddings.storage import neutralised


def card_head(files: Mapping[str, str], features: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the YAML between two lines of dashes.

    Parameters
    ----------
    files
        The name of each part → its file or pattern; the first is what ``load_dataset`` gives.
    features
        Name and ``dtype`` of each column of each file; none: ``datasets`` finds them out.
    """
    import yaml

    configs = [
        {
            "config_name": name,
            **({"default": True} if place == 0 else {}),
            "data_files": [{"split": "train", "path": path}],
            **({"features": list(map(dict, features))} if features else {}),
        }
        for place, (name, path) in enumerate(files.items())
    ]
    return f"---\n{yaml.safe_dump({'configs': configs}, sort_keys=False, width=1000)}---\n"


def image_features(labels: Sequence[str], texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the columns of an image folder: ``label`` as a class, ``texts`` as text."""
    names = {str(place): neutralised(label) for place, label in enumerate(sorted(set(labels)))}
    return [
        {"name": "image", "dtype": "image"},
        {"name": "label", "dtype": {"class_label": {"names": names}}},
        *({"name": text, "dtype": "string"} for text in texts),
    ]
