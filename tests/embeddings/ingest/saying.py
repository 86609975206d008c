"""What reviewers might decide, and files as other programs would write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from embeddings.decisions.records import Choice
from embeddings.manifest.entries import clean_label
from tests.embeddings.export.making import NASTY_NAMES, hostile_labels

# a name that Linux can give a file, and UTF-8 can hold
_names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))
nasty_names = _names | st.sampled_from(
    [name.replace("/", "_") for name in NASTY_NAMES if name not in (".", "..")]
)
files = st.tuples(st.sampled_from(["dir", "=dir", "a b"]), nasty_names).map("/".join)

# labels as the manifest spells them
labels = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
    | st.sampled_from([*NASTY_NAMES, *(x.replace("\0", "") for x in hostile_labels())])
).map(clean_label)

choices = (
    st.none()
    | st.sampled_from([Choice("keep"), Choice("remove"), Choice("unsure")])
    | labels.map(lambda label: Choice("relabel", label))
)


@st.composite
def reviews(draw: st.DrawFn) -> list[tuple[str, str, Choice | None]]:
    """Some items: file, label, and what is decided; a relabel never to the label it has."""
    names = draw(st.lists(files, min_size=1, max_size=8, unique=True))
    rows = []
    for name in names:
        label = draw(labels)
        choice = draw(choices)
        if choice is not None and choice.to_label == label:
            choice = Choice("keep")
        rows.append((name, label, choice))
    return rows


def annotated(tasks: list[dict[str, Any]], *, by: str = "mara@example.org") -> list[dict[str, Any]]:
    """Label Studio's JSON, where a person accepted every prediction."""
    return [
        {
            "id": number,
            "data": task["data"],
            "annotations": [
                {
                    "id": 100 + number,
                    "completed_by": {"id": 1, "email": by},
                    "result": task["predictions"][0]["result"],
                    "was_cancelled": False,
                    "updated_at": "2025-01-01T00:00:00.000000Z",
                }
            ],
        }
        for number, task in enumerate(tasks, start=1)
    ]


def flattened(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Label Studio's JSON_MIN of the same."""
    flat = []
    for task in annotated(tasks):
        [annotation] = task["annotations"]
        said = {
            result["from_name"]: result["value"].get("choices", result["value"].get("text"))[0]
            for result in annotation["result"]
        }
        flat.append({**task["data"], "id": task["id"], **said, "annotator": 7})
    return flat


def written(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path
