"""The report to send as one HTML file: no script, nothing fetched, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from markupsafe import Markup

from explorer.plain_text import printable
from explorer.reports.html.maps import colour
from explorer.reports.html.records import Card, Part, Picture, Report, Single

STYLE: Final = Path(__file__).with_name("report.css")

_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
    '<meta name="referrer" content="no-referrer">\n'
    '<meta name="color-scheme" content="light dark">\n'
    '<title>{title}</title>\n<link rel="icon" href="data:,">\n<style>{style}</style>\n'
    "</head>\n<body>\n{body}\n</body>\n</html>\n"
)


def page(report: Report) -> str:
    """Return the file: what it shows is data of others, so nothing in it can do anything."""
    return document(f"{report.heading}: {report.name}", _body(report))


def document(title: str, body: Markup) -> str:
    """Return a whole file; its content policy allows its own style and pictures, nothing else."""
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return str(_PAGE.format(policy=policy, title=printable(title), style=Markup(style), body=body))


def _body(report: Report) -> Markup:
    return joined(
        _head(report),
        Markup("<main>"),
        _section("ranking", "Labels that hide two kinds", _cards(report.cards)),
        _section("singles", "Single images that may be mislabelled", _singles(report)),
        _section("decided", "What was decided", _list(report.decided)),
        _section("health", "Files and pictures", _pairs(report.health)),
        _section("whole", f"{len(report.whole):,} labels of one kind", _whole(report)),
        _section("notes", "Notes", _list(report.notes)),
        Markup("</main>"),
    )


def _head(report: Report) -> Markup:
    facts = joined(*(Markup("<li>{}</li>").format(fact) for fact in report.facts))
    return Markup(
        '<header><p class="brand">Rosette</p><h1>{}</h1><p class="name">{}</p><ul class="facts">{}'
        "</ul></header>\n"
    ).format(report.heading, printable(report.name), facts)


def _section(name: str, title: str, content: Markup) -> Markup:
    if not content:
        return Markup("")
    return Markup('<section aria-labelledby="{0}"><h2 id="{0}">{1}</h2>\n{2}</section>\n').format(
        name, title, content
    )


def _cards(cards: Iterable[Card]) -> Markup:
    return joined(*(_card(rank, card) for rank, card in enumerate(cards, start=1)))


def _card(rank: int, card: Card) -> Markup:
    reason = f" ({card.reason})" if card.reason else ""
    return Markup(
        '<article><div class="what"><h3><span class="rank">{rank}</span> {label}</h3>'
        '<p class="verdict {tone}">{verdict}{reason} <b>{score:.2f}</b></p>'
        '<p class="sub">{size:,} images</p>{map}<p>{evidence}</p>{decided}</div>'
        '<div class="parts">{parts}</div></article>\n'
    ).format(
        rank=rank,
        label=printable(card.label),
        tone="two" if card.verdict == "two kinds" else "perhaps",
        verdict=card.verdict,
        reason=printable(reason),
        score=card.score,
        size=card.size,
        map=Markup(card.map),
        evidence=printable(card.evidence),
        decided=tagged("p", "is-decided", "; ".join(card.decided)),
        parts=joined(*(_part(part) for part in card.parts)),
    )


def _part(part: Part) -> Markup:
    said = ["does not belong"] if part.is_odd else []
    said += [f"looks like {part.suggestion}"] if part.suggestion else []
    return Markup(
        '<section class="part {colour}"><h4><span class="key">{letter}</span> {size:,} images'
        "{said}</h4>{kind}{pictures}</section>"
    ).format(
        colour=colour(part.number),
        letter=part.letter,
        size=part.size,
        said=printable("".join(f", {one}" for one in said)),
        kind=tagged("p", "kind", f"seen as {part.kind}" if part.kind else ""),
        pictures=pictures_row(part.pictures),
    )


def pictures_row(pictures: Iterable[Picture]) -> Markup:
    """Return some pictures beside each other, nothing where there are none."""
    shown = joined(*(_picture(one) for one in pictures))
    return Markup('<div class="pics">{}</div>').format(shown) if shown else shown


def _picture(picture: Picture) -> Markup:
    return Markup('<img src="data:image/jpeg;base64,{}" alt="{}">').format(
        base64.b64encode(picture.jpeg).decode(), printable(picture.file)
    )


def _singles(report: Report) -> Markup:
    if not report.singles:
        return Markup("")
    more = report.n_singles - len(report.singles)
    rest = f"and {more:,} more, in the export" if more > 0 else ""
    shown = joined(*(_single(one) for one in report.singles))
    return Markup('<ul class="singles">{}</ul>{}').format(shown, tagged("p", "sub", rest))


def _single(single: Single) -> Markup:
    looks = f"looks like {single.suggestion}" if single.suggestion else "may be wrong"
    return Markup(
        "<li>{picture}<div><b>{label}</b> {looks} <span class='sub'>{suspicion:.2f}</span>"
        "<br><span class='file'>{file}</span></div></li>"
    ).format(
        picture=_picture(single.picture) if single.picture else Markup(""),
        label=printable(single.label),
        looks=printable(looks),
        suspicion=single.suspicion,
        file=printable(single.file),
    )


def _whole(report: Report) -> Markup:
    shown = joined(
        *(
            Markup("<li>{} <span class='sub'>{:,}</span></li>").format(printable(label), size)
            for label, size in report.whole
        )
    )
    return Markup('<ul class="columns">{}</ul>').format(shown) if shown else shown


def _pairs(pairs: Iterable[tuple[str, str]]) -> Markup:
    return _listed(
        Markup("<li><b>{}</b> {}</li>").format(printable(title), printable(said))
        for title, said in pairs
    )


def _list(lines: Iterable[str]) -> Markup:
    return _listed(Markup("<li>{}</li>").format(printable(line)) for line in lines)


def _listed(items: Iterable[Markup]) -> Markup:
    shown = joined(*items)
    return Markup("<ul>{}</ul>").format(shown) if shown else shown


def tagged(tag: str, kind: str, text: str) -> Markup:
    """Return a text in an element of a class, nothing where it is empty."""
    if not text:
        return Markup("")
    return Markup('<{0} class="{1}">{2}</{0}>').format(Markup(tag), kind, printable(text))


def joined(*parts: Markup) -> Markup:
    """Return the parts one after the other."""
    return Markup("").join(parts)
