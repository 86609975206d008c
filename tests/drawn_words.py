"""A run over drawn pictures with a text model: labels in words, one of which hides two kinds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import embeddings
from embeddings.backbones import text_image_pair
from embeddings.demo.picture import draw_picture, encode
from tests.embeddings.text_image_pairs import make_pair, pixels_of

# label -> kind of the demo, how it is called, and how many
DRAWN = {
    "jaguar": (("jaguar (animal)", "spotted cat", 24), ("jaguar (car)", "sports car", 18)),
    "duck": (("duck", "duck", 20),),
    "house": (("house", "house", 20),),
    "umbrella": (("umbrella", "umbrella", 20),),
    "guitar": (("guitar", "guitar", 20),),
}


@dataclass(frozen=True, slots=True)
class DrawnRun:
    """The workspace, the folders of photos and of the pair, and what each file shows."""

    ws: embeddings.Workspace
    photos: Path
    pair: Path
    called: dict[str, str]


def drawn_run(folder: Path) -> DrawnRun:
    """Draw, train a pair on the pictures, and run with a model that has no head."""
    called: dict[str, str] = {}
    photos = folder / "photos"
    for label, kinds in DRAWN.items():
        (photos / label).mkdir(parents=True)
        for kind, words, count in kinds:
            for _ in range(count):
                file = f"{label}/{len(called):03d}.jpg"
                (photos / file).write_bytes(encode(draw_picture(kind, Random(file))))
                called[file] = words
    pixels = pixels_of([photos / file for file in called])
    captions = [f"a photo of a {words}" for words in called.values()]
    pair = make_pair(folder / "clip-tiny", pixels, captions)
    model = text_image_pair(make_pair(folder / "model", pixels, captions, seed=1)).image_encoder()
    ws = embeddings.run(photos, folder / "ws", model=model, text_model=pair)
    return DrawnRun(ws, photos, pair, called)
