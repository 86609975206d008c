"""Read exports of Label Studio: JSON (annotations whole) or JSON_MIN (flat).

An annotation is a person's word: a choice equal to the given label keeps it. Annotations that were
skipped or hold no choice say nothing; of several on one task the last updated counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from embeddings.decisions import DECISION_ALONE, Action
from embeddings.errors import SourceError, UsageError
from embeddings.export import (
    ACTION_CONTROL,
    LABEL_CONTROL,
    NOTE_CONTROL,
    label_of_choice,
)
from embeddings.ingest.json_file import read_json, seen_in, text
from embeddings.ingest.records import Answer, Answers

_FILE_KEYS: Final = ("file", "image", "img", "path")
_MIN_LABEL_KEYS: Final = (LABEL_CONTROL, "choice", "label")  # of interfaces that are not ours


def read(path: Path) -> Answers:
    """Read an export, JSON or JSON_MIN.

    Raises
    ------
    SourceError
        It can't be read, or is neither.
    """
    content = read_json(path)
    if not isinstance(content, list) or not all(isinstance(task, dict) for task in content):
        raise SourceError(
            f"{path} is no export of Label Studio.", hint="Export it there as JSON or JSON_MIN."
        )
    answers: list[tuple[str, Answer]] = []
    problems = []
    for place, task in enumerate(content):
        where = f"task {text(task.get('id')) or place + 1}"
        try:
            answers.extend(_of_task(task, where))
        except UsageError as error:
            problems.append(f"{where}: {error}")
    answers.sort(key=lambda pair: pair[0])  # ISO times; what has none comes first, in its order
    return Answers("labelstudio", tuple(answer for _, answer in answers), tuple(problems))


def _of_task(task: dict[str, Any], where: str) -> Iterator[tuple[str, Answer]]:
    annotations = task.get("annotations", task.get("completions"))
    if not isinstance(annotations, list):
        yield from _flat(task, where)
        return
    data = task.get("data")
    data = data if isinstance(data, dict) else {}
    for annotation in annotations:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        said = _results(annotation.get("result"))
        if answer := _answer(data, said, _person(annotation.get("completed_by")), where):
            yield text(annotation.get("updated_at")), answer


def _flat(task: dict[str, Any], where: str) -> Iterator[tuple[str, Answer]]:
    said: dict[str, str] = {}
    for key in (*_MIN_LABEL_KEYS, ACTION_CONTROL, NOTE_CONTROL):
        if value := _flat_value(task.get(key)):
            role = key if key in (ACTION_CONTROL, NOTE_CONTROL) else LABEL_CONTROL
            said.setdefault(role, value)
    if answer := _answer(task, said, _person(task.get("annotator")), where):
        yield text(task.get("updated_at")), answer


def _results(results: Any) -> dict[str, str]:
    """Return what was chosen or written, by control; ours by name, others by type."""
    said: dict[str, str] = {}
    for result in results if isinstance(results, list) else ():
        if not isinstance(result, dict) or not isinstance(result.get("value"), dict):
            continue
        name, kind, value = result.get("from_name"), result.get("type"), result["value"]
        if kind == "choices":
            role = ACTION_CONTROL if name == ACTION_CONTROL else LABEL_CONTROL
            said[role] = _single(value.get("choices"))
        elif kind == "textarea" and name == NOTE_CONTROL:
            said[NOTE_CONTROL] = "\n".join(_texts(value.get("text")))
    return said


def _answer(data: dict[str, Any], said: dict[str, str], reviewer: str, where: str) -> Answer | None:
    label, word = said.get(LABEL_CONTROL, ""), said.get(ACTION_CONTROL, "")
    if not label and not word:
        return None
    names = tuple(dict.fromkeys(text(data.get(key)) for key in _FILE_KEYS))
    return Answer(
        tuple(name for name in names if name),
        label=label_of_choice(label) if label else None,
        action=_action(word),
        sha256=text(data.get("sha256")) or None,
        note=said.get(NOTE_CONTROL, ""),
        reviewer=reviewer,
        reviewed=True,
        where=where,
        given=text(data.get("given_label")) or None,
        seen=seen_in(data),
        only_this_file=True if data.get(DECISION_ALONE) is True else None,
    )


def _action(word: str) -> Action | None:
    if not word:
        return None
    if word == "remove":
        return "remove"
    if word == "unsure":
        return "unsure"
    raise UsageError(f"{word!r} is no verdict.", hint="Use remove or unsure.")


def _flat_value(value: Any) -> str:
    if isinstance(value, dict):
        return _single(value.get("choices"))
    if isinstance(value, list):
        return "\n".join(_texts(value))
    return text(value)


def _single(choices: Any) -> str:
    texts = _texts(choices)
    if len(texts) > 1:
        raise UsageError("It has several labels.", hint="An item has one.")
    return texts[0] if texts else ""


def _texts(values: Any) -> list[str]:
    listed = values if isinstance(values, list) else [values]
    return [text(value) for value in listed if text(value)]


def _person(who: Any) -> str:
    """Return the address of who annotated; a bare number says at least that it is another one."""
    if isinstance(who, dict):
        return text(who.get("email")) or _person(who.get("id"))
    name = text(who)
    return f"Label Studio user {name}" if name.isdecimal() else name
