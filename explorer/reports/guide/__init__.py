"""The draft of a labelling guide, from the splits that were decided."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from embeddings.errors import UsageError
from embeddings.storage import atomic_path, write_text
from explorer.data import Dataset
from explorer.reports.guide.content import Section, sections
from explorer.reports.guide.markdown import PICTURES, markdown
from explorer.reports.guide.page import guide_page
from explorer.reports.html import decided_on

__all__ = ["Section", "write_guide"]

TEXT: Final = "guide.md"
PAGE: Final = "guide.html"


def write_guide(workspace: Path, out: Path, store: str | None = None) -> tuple[int, Path, Path]:
    """Write ``guide.md`` with its pictures and ``guide.html`` into the folder ``out``.

    Returns
    -------
    How many labels the guide has a section for, and the two files.

    Raises
    ------
    UsageError
        No cluster was decided on as a whole.
    """
    dataset = Dataset(workspace, keeps_index=False)
    found = sections(dataset, decided_on(dataset, store))
    if not found:
        raise UsageError(
            "No split was decided yet, so there is nothing to make a rule of.",
            hint=f"Decide on a group of images first: rosette open {workspace}",
        )
    name = dataset.workspace.name
    text, pictures = markdown(name, found)
    for file, jpeg in pictures.items():
        with atomic_path(out / file) as temporary:
            temporary.write_bytes(jpeg)
    for old in (out / PICTURES).glob("*.jpg"):  # of a guide that was longer
        if f"{PICTURES}/{old.name}" not in pictures:
            old.unlink()
    write_text(out / TEXT, text)
    write_text(out / PAGE, guide_page(name, found))
    return len(found), out / TEXT, out / PAGE
