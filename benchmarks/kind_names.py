"""How often second kinds get their true name, and how often none where the model knows no word.

    python benchmarks/kind_names.py [--model embedded] [--model FILE …] [--seeds 0-4] [--work DIR]

``--bench`` is a folder with ``compose.py``, which makes labels that hide two kinds of photos and
keeps the truth. Every set is run with every model as ``rosette run`` does; ``--work`` keeps the
workspaces, so that a second call only names. An odd part counts if most of it is one kind.

*Named*: of the odd parts whose kind is among the words of the model (a class, or directly above
one), how many are called by the kind, a synonym, or what is directly above or below it in WordNet.
*Silent*: of the other odd parts, how many have no name. *Silent or true*: those, and those called
by a more general word that is true of the kind.

Prints JSON; a line for each part goes to standard error.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

MOSTLY = 0.6  # share of one kind from which on a part is of that kind
# what the folders of the photos call a kind → what WordNet calls it
KINDS = {
    "binocular": "binoculars",
    "cougar_body": "cougar",
    "cougar_face": "cougar",
    "crocodile_head": "crocodile",
    "flamingo_head": "flamingo",
    "panda": "giant panda",
    "rhino": "rhinoceros",
    "water_lilly": "water lily",
    "wild_cat": "wildcat",
}
# kinds that no class is, and general words among those above the classes that are true of them
TRUE_OF = {
    "brontosaurus": {"dinosaur", "archosaur", "diapsid", "reptile"},
    "buddha": {"artifact"},
    "emu": {"ratite", "bird"},
    "garfield": {"comic book"},
    "ibis": {"wading bird", "aquatic bird", "bird"},
    "inline_skate": {"footwear", "wheeled vehicle"},
    "lotus": {"flower", "angiosperm", "plant"},
    "mayfly": {"insect", "arthropod", "invertebrate"},
    "okapi": {"ungulate", "even-toed ungulate", "ruminant", "mammal"},
    "octopus": {"mollusk", "invertebrate"},
    "pigeon": {"bird"},
    "rhino": {"ungulate", "odd-toed ungulate", "mammal"},
    "scissors": {"tool", "implement"},
    "sea_horse": {"fish", "teleost fish", "bony fish"},
    "stegosaurus": {"dinosaur", "archosaur", "ornithischian", "diapsid", "reptile"},
    "stop_sign": {"sign", "street sign"},
    "water_lilly": {"flower", "angiosperm", "plant"},
    "wrench": {"hand tool", "tool", "implement"},
}


def accepted(kind: str) -> set[str]:
    """Return the words that are right for a kind; none where the classes do not know it."""
    from embeddings.kind_names import imagenet_hierarchy

    hierarchy = imagenet_hierarchy()
    wanted = KINDS.get(kind, kind.replace("_", " ")).casefold()
    below: dict[int, set[int]] = {}
    for node, above in enumerate(hierarchy.above):
        for one in above:
            below.setdefault(one, set()).add(node)
    right: set[int] = set()
    for node, words in enumerate(hierarchy.words):
        under = below.get(node, set())
        is_known = node in hierarchy.classes or under & set(hierarchy.classes)
        if is_known and wanted in {word.casefold() for word in words}:
            right |= {node, *hierarchy.above[node], *under}
    return {word.casefold() for node in right for word in hierarchy.words[node]}


def truth_of(folder: Path) -> dict[str, str]:
    with (folder / "truth.csv").open(newline="") as handle:
        return {row["file"].removeprefix("images/"): row["kind"] for row in csv.DictReader(handle)}


def workspace(model: str, seed: int, bench: Path, work: Path) -> tuple[Any, dict[str, str]]:
    """Return the named workspace of one set and model, and file → kind."""
    from embeddings import Workspace, pipeline

    made = work / f"set-{seed}"
    if not (made / "truth.csv").is_file():
        command = [sys.executable, str(bench / "compose.py"), str(made), "--seed", str(seed)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    path = work / f"{Path(model).stem}-{seed}"
    if not Workspace.exists(path) or Workspace.open(path).info.run_id is None:
        pipeline.run(made / "images", path, model=model)
    return pipeline.name(path), truth_of(made)


def parts(ws: Any, kinds: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield each odd part that is mostly one kind: the kind, how many, and the words for it."""
    items, clusters = ws.items(), ws.clusters()
    truth = np.array([kinds[file] for file in items["file"]])
    for row in clusters[clusters["is_odd"]].to_dict("records"):
        inside = (items["label"] == row["label"]) & (items["cluster"] == row["cluster"])
        kind, n = Counter(truth[inside.to_numpy()]).most_common(1)[0]
        if n >= MOSTLY * inside.sum():
            name = row["kind_name"] or ""
            words = [word for word in (*name.split(", "), row["kind_general"]) if word]
            yield {"kind": kind, "size": int(inside.sum()), "words": words[:3],
                   "count": int(row["kind_count"]), "of": int(row["kind_of"])}  # fmt: skip


def figures(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up the parts of one model."""
    known = [part for part in found if part["known"]]
    unknown = [part for part in found if not part["known"]]
    silent = sum(not part["words"] for part in unknown)
    true = sum(bool(set(part["words"]) & TRUE_OF.get(part["kind"], set())) for part in unknown)
    return {
        "known": len(known),
        "named": round(sum(part["right"] for part in known) / max(1, len(known)), 3),
        "known but silent": round(sum(not part["words"] for part in known) / max(1, len(known)), 3),
        "unknown": len(unknown),
        "silent": round(silent / max(1, len(unknown)), 3),
        "silent or true": round((silent + true) / max(1, len(unknown)), 3),
    }


def main() -> None:
    """Measure every model on every set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--model", action="append", help="a name of the table, or a file")
    parser.add_argument("--seeds", default="0-4")
    parser.add_argument("--work", type=Path, default=ROOT / "work" / "kind_names")
    asked = parser.parse_args()
    if not (asked.bench / "compose.py").is_file():
        print(json.dumps({"skipped": f"there is no compose.py in {asked.bench}"}))
        return
    first, _, last = asked.seeds.partition("-")
    told = {}
    for model in asked.model or ["embedded"]:
        found = []
        for seed in range(int(first), int(last or first) + 1):
            for part in parts(*workspace(model, seed, asked.bench, asked.work)):
                right = accepted(part["kind"])
                said = {word.casefold() for word in part["words"]}
                found.append({**part, "known": bool(right), "right": bool(right & said)})
                print(Path(model).stem, seed, found[-1], file=sys.stderr)
        told[Path(model).stem] = figures(found)
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
