"""The draft of a labelling guide as one HTML file, with room for each rule."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from explorer.plain_text import printable
from explorer.reports.guide.content import Kind, Section
from explorer.reports.guide.markdown import kind_title
from explorer.reports.html import colour, document, joined, pictures_row, tagged


def guide_page(name: str, sections: Sequence[Section]) -> str:
    """Return the file; see :func:`explorer.reports.html.page.document`."""
    head = Markup(
        '<header><p class="brand">Rosette</p><h1>Labelling guide</h1><p class="name">{}</p>'
        "<p>A draft: write the rule under each label.</p></header>\n"
    ).format(printable(name))
    shown = (_section(place, section) for place, section in enumerate(sections, start=1))
    body = joined(head, Markup("<main>"), *shown, Markup("</main>"))
    return document(f"Labelling guide: {name}", body)


def _section(place: int, section: Section) -> Markup:
    return Markup(
        '<section aria-labelledby="s{place}"><h2 id="s{place}">{place}. {label}</h2>'
        '<p class="sub">{size:,} images. {evidence}</p><div class="parts">{kinds}</div>'
        '<div class="rule">Rule:</div></section>\n'
    ).format(
        place=place,
        label=printable(section.label),
        size=section.size,
        evidence=printable(section.evidence),
        kinds=joined(*(_kind(section, kind) for kind in section.kinds)),
    )


def _kind(section: Section, kind: Kind) -> Markup:
    seen = f"seen as {kind.seen_as}" if kind.seen_as else ""
    return Markup(
        '<div class="part {colour}"><h3><span class="key">{letter}</span> {title}</h3>'
        '<p class="kind">{size:,} images</p>{decided}{seen}{pictures}</div>'
    ).format(
        colour=colour(kind.number),
        letter=kind.letter,
        title=printable(kind_title(section, kind)),
        size=kind.size,
        decided=tagged("p", "kind", "; ".join(kind.decided)),
        seen=tagged("p", "kind", seen),
        pictures=pictures_row(kind.pictures),
    )
