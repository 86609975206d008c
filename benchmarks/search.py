"""How many of the first ten images are what was searched for: by words, and by pictures.

    python benchmarks/search.py --photos DIR [--model embedded] [--model FILE …] [--work DIR]

``--photos`` is a folder of photos under their kinds (``kind/file``). The words are of the model's
vocabulary: names of classes, synonyms and nouns above them, with the kinds that are right for each.
By picture: every photo is searched by its embedding; some are embedded anew from their files, as a
pasted picture is, and must find themselves first.

Prints JSON; what is below eight of ten goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FIRST = 10
PASTED = 52  # photos that are embedded anew
# word → kinds, by the names of their folders
WORDS: dict[str, tuple[str, ...]] = {
    "ant": ("ant",),
    "beaver": ("beaver",),
    "binoculars": ("binocular",),
    "field glasses": ("binocular",),
    "camera": ("camera",),
    "cannon": ("cannon",),
    "cellphone": ("cellphone",),
    "mobile phone": ("cellphone",),
    "cougar": ("cougar_body", "cougar_face"),
    "puma": ("cougar_body", "cougar_face"),
    "mountain lion": ("cougar_body", "cougar_face"),
    "crayfish": ("crayfish",),
    "crawfish": ("crayfish",),
    "crocodile": ("crocodile", "crocodile_head"),
    "dalmatian": ("dalmatian",),
    "dragonfly": ("dragonfly",),
    "elephant": ("elephant",),
    "flamingo": ("flamingo_head",),
    "kangaroo": ("kangaroo",),
    "wallaby": ("kangaroo",),
    "lamp": ("lamp",),
    "lobster": ("lobster",),
    "panda": ("panda",),
    "giant panda": ("panda",),
    "pizza": ("pizza",),
    "platypus": ("platypus",),
    "duckbill": ("platypus",),
    "porcupine": ("hedgehog",),
    "saxophone": ("saxophone",),
    "strawberry": ("strawberry",),
    "tick": ("tick",),
    "wildcat": ("wild_cat", "cougar_body", "cougar_face"),
    "dinosaur": ("brontosaurus", "stegosaurus"),
    "street sign": ("stop_sign",),
    "bird": ("emu", "flamingo_head", "ibis", "pigeon"),
    "wading bird": ("flamingo_head", "ibis"),
    "cat": ("cougar_body", "cougar_face", "wild_cat", "garfield"),
    "feline": ("cougar_body", "cougar_face", "wild_cat"),
    "dogs": ("dalmatian",),
    "insects": ("ant", "dragonfly", "mayfly"),
    "arachnid": ("tick",),
    "crustacean": ("crayfish", "lobster"),
    "reptile": ("brontosaurus", "crocodile", "crocodile_head", "stegosaurus"),
    "marsupial": ("kangaroo",),
    "rodent": ("beaver", "hedgehog"),
    "berry": ("strawberry",),
    "fruit": ("strawberry",),
    "food": ("pizza", "strawberry"),
    "musical instrument": ("gramophone", "mandolin", "metronome", "saxophone"),
    "photographic equipment": ("camera",),
    "ship": ("ferry",),
    "flowers": ("lotus", "water_lilly"),
}


def workspace(photos: Path, model: str, work: Path) -> Any:
    """Return a workspace of the photos by a model, made where it is not there yet."""
    from embeddings import Workspace, pipeline

    path = work / f"photos-{Path(model).stem}"
    if not Workspace.exists(path) or Workspace.open(path).info.run_id is None:
        pipeline.run(photos, path, model=model)
    return Workspace.open(path)


def by_words(ws: Any) -> dict[str, Any]:
    """Search by every word; precision of the first ten, or of all where fewer are found."""
    from embeddings.retrieval import words_of

    items = ws.items()
    kinds = items["label"].to_numpy(dtype=object)
    words = words_of(ws, ws.keys(items))
    precision, unknown = {}, []
    for word, right in WORDS.items():
        seen = words.seen(word) if words else None
        if seen is None:
            unknown.append(word)
            continue
        first = kinds[seen.rows[:FIRST]]
        precision[word] = float(np.isin(first, right).mean()) if len(first) else 0.0
    weak = {word: round(value, 2) for word, value in precision.items() if value < 0.8}
    print(f"{ws.info.model.name}: {weak}", file=sys.stderr)
    return {
        "words": len(precision),
        "unknown": unknown,
        "precision at 10": round(float(np.mean(list(precision.values()))), 3),
        "words with 8 of 10": round(float(np.mean([v >= 0.8 for v in precision.values()])), 3),
    }


def by_pictures(ws: Any, photos: Path, model: str) -> dict[str, Any]:
    """Search by photos: itself first, and how many of the first ten are of its kind."""
    from embeddings.records import ModelSpec
    from embeddings.retrieval import Query, model_of, nearest_to

    items = ws.items()
    items = items[items["status"] == "ok"].reset_index(drop=True)
    kinds = items["label"].to_numpy(dtype=object)
    keys = ws.keys(items)
    kind_of = dict(zip(keys, kinds, strict=True))
    store = ws.store(ws.info.model.fingerprint)
    vectors = store.matrix(keys, ws.info.model.width)
    right = []
    for key, vector in zip(keys, vectors, strict=True):
        near = [one for one in nearest_to(store, vector, FIRST + 1).keys if one != key][:FIRST]
        right.append(np.mean([kind_of[one] == kind_of[key] for one in near]))
    query = Query(model_of(ws, ModelSpec(model)), store)
    first = 0
    pasted = range(0, len(items), max(1, len(items) // PASTED))
    for row in pasted:
        found = query.nearest((photos / items["file"][row]).read_bytes(), 1)
        first += found.keys[0] == keys[row]
    return {
        "pasted": len(pasted),
        "itself first": round(first / len(pasted), 3),
        "its kind among ten": round(float(np.mean(right)) * FIRST, 2),
        "photos with 8 of 10": round(float((np.array(right) >= 0.8).mean()), 3),
    }


def main() -> None:
    """Measure every model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "data" / "photos")
    parser.add_argument("--model", action="append", help="a name of the table, or a file")
    parser.add_argument("--work", type=Path, default=ROOT / "work" / "search")
    asked = parser.parse_args()
    if not asked.photos.is_dir():
        print(json.dumps({"skipped": f"there are no photos in {asked.photos}"}))
        return
    told = {}
    for model in asked.model or ["embedded"]:
        ws = workspace(asked.photos, model, asked.work)
        told[Path(model).stem] = {
            "by words": by_words(ws),
            "by pictures": by_pictures(ws, asked.photos, model),
        }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
