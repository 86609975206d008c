"""``labels.json`` of a ``FiftyOneImageClassificationDataset``, ours or exported by FiftyOne.

A label that differs from the item's is a relabel, whatever the attributes say: that is what was
changed there. Where it is the given one, the attribute ``decision`` counts if it came along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from embeddings.decisions import DECIDED_BY, DECISION_ALONE, parse_choice
from embeddings.errors import SourceError, UsageError
from embeddings.export import BACKSLASH
from embeddings.ingest.json_file import read_json, seen_in, text
from embeddings.ingest.records import Answer, Answers


def read(path: Path) -> Answers:
    """Read a ``labels.json``.

    Raises
    ------
    SourceError
        It can't be read, or holds no ``labels``.
    """
    content = read_json(path)
    labels = content.get("labels") if isinstance(content, dict) else None
    if not isinstance(labels, dict):
        raise SourceError(
            f"{path} is no labels.json of an image classification dataset.",
            hint="Export it from FiftyOne as FiftyOneImageClassificationDataset.",
        )
    classes = content.get("classes")
    names = [text(name) for name in classes] if isinstance(classes, list) else []
    answers, problems = [], []
    for key, target in labels.items():
        if target is None:
            continue
        try:
            answers.append(_answer(key, target, names))
        except UsageError as error:
            problems.append(f"{key!r}: {error}")
    return Answers("fiftyone", tuple(answers), tuple(problems))


def _answer(key: str, target: Any, classes: list[str]) -> Answer:
    attributes: dict[str, Any] = {}
    label = target
    if isinstance(target, dict):
        label = target.get("label")
        given = target.get("attributes")
        attributes = given if isinstance(given, dict) else {}
    # a number is a place among the classes; FiftyOne itself falls back to the number as a text
    if isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(classes):
        label = classes[label]
    if isinstance(label, list | dict):
        raise UsageError("It has several labels.", hint="An item has one.")
    choice = parse_choice(text(attributes.get("decision")))
    action = choice.action if choice and choice.action != "relabel" else None
    said = text(label) or None
    if action is not None and said is not None and said != text(attributes.get("given_label")):
        action = None  # it was changed after that decision
    sha256 = text(attributes.get("sha256")) or None
    # a relabel that was taken back to the given label says that this one is right
    reviewed = choice is not None and choice.action == "relabel"
    names = (key, key.replace(BACKSLASH, "\\")) if BACKSLASH in key else (key,)
    return Answer(
        names,
        label=said,
        action=action,
        sha256=sha256,
        reviewer=text(attributes.get(DECIDED_BY)) if action is not None or reviewed else "",
        reviewed=reviewed,
        where=key,
        given=text(attributes.get("given_label")) or None,
        seen=seen_in(attributes),
        only_this_file=True if attributes.get(DECISION_ALONE) is True else None,
    )
