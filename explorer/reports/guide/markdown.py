"""The draft of a labelling guide as Markdown, with its pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from explorer.plain_text import printable
from explorer.reports.guide.content import Kind, Section

PICTURES: Final = "pictures"  # folder beside the file
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]<>#!|~&:$@])")


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: no sign of it is markup, nor HTML."""
    return _SIGNS.sub(r"\\\1", printable(text))


def markdown(name: str, sections: Sequence[Section]) -> tuple[str, dict[str, bytes]]:
    """Return the text, and the pictures by the names that it calls them by."""
    files: dict[str, bytes] = {}
    lines = [
        f"# Labelling guide: {plain(name)}",
        "",
        "A draft: write the rule under each label.",
        "",
    ]
    for place, section in enumerate(sections, start=1):
        lines += [f"## {place}. {plain(section.label)}", ""]
        lines += [f"{section.size:,} images. {plain(section.evidence)}", ""]
        for kind in section.kinds:
            lines += _kind(section, kind, place, files)
        lines += ["**Rule:**", "", "> ", ""]
    return "\n".join(lines), files


def _kind(section: Section, kind: Kind, place: int, files: dict[str, bytes]) -> list[str]:
    lines = [f"### {kind.letter}: {plain(kind_title(section, kind))}", ""]
    said = [f"{kind.size:,} images", *kind.decided]
    said += [f"seen as {kind.seen_as}"] if kind.seen_as else []
    lines += [plain("; ".join(said)), ""]
    shown = []
    for number, picture in enumerate(kind.pictures, start=1):
        file = f"{PICTURES}/{place}-{kind.letter}-{number}.jpg"
        files[file] = picture.jpeg
        shown.append(f"![{plain(picture.file)}]({file})")
    return [*lines, " ".join(shown), ""] if shown else lines


def kind_title(section: Section, kind: Kind) -> str:
    """Say what a kind is to be labelled as."""
    if kind.goes_to == "removed":
        return "taken out"
    return f"is {kind.goes_to}" if kind.goes_to else f"is {section.label}"
