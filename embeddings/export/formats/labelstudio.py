r"""Label Studio: a labelling interface, and tasks with suggestions.

``interface.xml`` goes into *Labelling setup → Code*, ``tasks.json`` into *Import*. A task's
``data`` holds what ``embeddings.ingest`` needs to find the item again; its prediction is the
decision in force, else the suggested label, else the given one, with a ``score``.

XML 1.0 holds no control characters, and blanks at the ends of a choice get lost. Those are
written ``\u{9}``, reversibly; see ``choice_text`` and ``label_of_choice``.
https://labelstud.io/guide/predictions, https://labelstud.io/tags/choices
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pandas as pd

from embeddings import columns as c
from embeddings.decisions import Choice
from embeddings.export.common.decided import decided, seen_of
from embeddings.export.common.folders import text_file
from embeddings.export.common.source import ExportSource, Written
from embeddings.records import Progress, no_progress
from embeddings.storage import write_text

LABEL_CONTROL: Final = "true_label"
ACTION_CONTROL: Final = "verdict"
NOTE_CONTROL: Final = "note"
GIVEN: Final = "given_label"
MODEL_VERSION: Final = "rosette"

_TASKS_A_FILE: Final = 50_000  # an import is one upload, and is read into memory there

_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|^\s|\s$|\\(?=u\{)", re.DOTALL
)
_ESCAPE = re.compile(r"\\u\{([0-9A-F]*)\}")


def write(source: ExportSource, out: Path, *, progress: Progress = no_progress) -> Written:
    """Write ``interface.xml``, ``tasks.json`` (or ``tasks-001.json`` …) and ``README.md``."""
    items, kinds = source.items, source.kind_names()
    interface = out / "interface.xml"
    after = decided(items)
    labels = sorted(
        set(items[c.LABEL].astype(str))
        | {str(label) for label in after.label}
        | {str(label) for label in items[c.SUGGESTED_LABEL].dropna()}
    )
    write_text(interface, interface_xml(labels))
    root = source.root.resolve()
    starts = range(0, len(items), _TASKS_A_FILE) if len(items) else range(1)
    written = [interface]
    for number, start in enumerate(starts, start=1):
        path = out / ("tasks.json" if len(starts) == 1 else f"tasks-{number:03d}.json")
        part = items.iloc[start : start + _TASKS_A_FILE]
        choices = after.choice[start : start + _TASKS_A_FILE]
        with text_file(path) as stream:
            stream.write("[")
            names = kinds[start : start + _TASKS_A_FILE]
            for place, task in enumerate(_tasks(part, choices, names, root)):
                stream.write(",\n" if place else "\n")
                stream.write(json.dumps(task, ensure_ascii=False))
                done = start + place + 1
                if done % 1024 == 0 or done == len(items):
                    progress(done, len(items), path.name)
            stream.write("\n]\n")
        written.append(path)
    readme = out / "README.md"
    write_text(readme, _readme(root, [path.name for path in written[1:]]))
    return Written((*written, readme), ("README.md says how Label Studio is told of the images.",))


def interface_xml(labels: list[str]) -> str:
    """Write the labelling interface: one choice for each label, a verdict and a note."""
    lines = [
        "<View>",
        '  <Header value="$file"/>',
        '  <Image name="image" value="$image" zoom="true"/>',
        f'  <Choices name="{LABEL_CONTROL}" toName="image" choice="single" showInline="true">',
        *(f"    <Choice value={quoteattr(choice_text(label))}/>" for label in labels),
        "  </Choices>",
        f'  <Choices name="{ACTION_CONTROL}" toName="image" choice="single" showInline="true">',
        '    <Choice value="remove"/>',
        '    <Choice value="unsure"/>',
        "  </Choices>",
        f'  <TextArea name="{NOTE_CONTROL}" toName="image" placeholder="Note" maxSubmissions="1"/>',
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def choice_text(label: str) -> str:
    """Write a label so that it is kept as a choice; ``label_of_choice`` undoes it."""
    if not label:
        return r"\u{}"
    return _UNSAFE.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", label)


def label_of_choice(text: str) -> str:
    """Undo ``choice_text``."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)


def _tasks(
    items: pd.DataFrame, choices: tuple[Choice | None, ...], kinds: list[str], root: Path
) -> Iterator[dict[str, Any]]:
    names = [c.FILE, c.LABEL, c.SUGGESTED_LABEL, c.SUSPICION, c.CLUSTER]
    shas = items[c.SHA256].fillna("") if c.SHA256 in items else [""] * len(items)
    rows = zip(*(items[name] for name in names), shas, choices, kinds, seen_of(items), strict=True)
    for file, given, suggested, suspicion, cluster, sha256, choice, kind, seen in rows:
        doubt = 0.0 if pd.isna(suspicion) else float(suspicion)
        hint = None if pd.isna(suggested) else str(suggested)
        data = {
            "image": local_address(root, str(file)),
            c.FILE: file,
            GIVEN: given,
            "suggestion": hint or "",
            c.KIND_NAME: kind,
            c.CLUSTER: int(c.NOISE if pd.isna(cluster) else cluster),
            c.SUSPICION: round(doubt, 4),
            c.SHA256: sha256,
            **seen,
        }
        yield {"data": data, "predictions": [_prediction(file, given, hint, doubt, choice)]}


def _prediction(
    file: str, given: str, suggested: str | None, suspicion: float, choice: Choice | None
) -> dict[str, Any]:
    if choice is not None:
        score = 1.0
        label = choice.to_label if choice.action == "relabel" else given
        action = choice.action if choice.action in ("remove", "unsure") else None
        note = choice.note
    else:
        label = suggested or given
        score = suspicion if suggested else 1.0 - suspicion
        action, note = None, ""
    results = [_result(file, LABEL_CONTROL, "choices", {"choices": [choice_text(label or "")]})]
    if action:
        results.append(_result(file, ACTION_CONTROL, "choices", {"choices": [action]}))
    if note:
        results.append(_result(file, NOTE_CONTROL, "textarea", {"text": [note]}))
    score = score if math.isfinite(score) else 0.0
    return {"model_version": MODEL_VERSION, "score": round(score, 4), "result": results}


def _result(file: str, control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    content = f"{control}\0{file}".encode("utf-8", "surrogatepass")
    return {
        "id": hashlib.blake2b(content, digest_size=8).hexdigest(),
        "from_name": control,
        "to_name": "image",
        "type": kind,
        "value": value,
    }


def local_address(root: Path, file: str) -> str:
    """Return the address of an image in Label Studio, whose document root is ``root``'s parent.

    The parent, because a storage has to be below the document root; not a higher folder, so that no
    other files can be shown.
    """
    return "/data/local-files/?d=" + quote(f"{root.name}/{file}", safe="/", errors="replace")


def _readme(root: Path, tasks: list[str]) -> str:
    return f"""\
# Into Label Studio

1. Start it so that it may read the images:

       LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true \\
       LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={shlex.quote(str(root.parent))} \\
       label-studio start

2. Make a project. Labelling setup → Code: paste `interface.xml`.
3. Settings → Cloud storage → Add source storage → Local files: the folder
   `{root}`. Do not sync it; adding it gives Label Studio leave to show the images.
4. Import → {", ".join(f"`{name}`" for name in tasks)}.
5. Label; the suggestions are the predictions, surest first if sorted by their score.
6. Export as JSON or JSON_MIN, then `rosette import WS FILE`.
"""
