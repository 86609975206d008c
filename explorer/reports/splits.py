"""The findings of a run as plain text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from embeddings import columns as c
from explorer.plain_text import printable, wrapped

if TYPE_CHECKING:
    import pandas as pd

from embeddings.kind_names import kind_words
from embeddings.records import MORE_LIKELY_THAN_NOT
from embeddings.splits import letter
from embeddings.workspace import GIVEN, Workspace

MOST_UNREADABLE: Final = 12
MOST_NAMED: Final = 12  # labels of one style
WIDTH: Final = 100


def text_report(ws: Workspace, *, all_labels: bool = False) -> str:
    """Return the ranked findings as plain text."""
    classes, clusters, items = ws.classes(), ws.clusters(), ws.items()
    classes = classes[(classes[c.LABEL] != c.NO_LABEL) | (len(classes) == 1)]
    lines = [_headline(ws, classes, items), ""]
    suspicious = classes[classes[c.VERDICT] != "one kind"]
    for finding in suspicious.itertuples():
        lines += _finding(finding, clusters[clusters[c.LABEL] == finding.label])
    rest = classes[classes[c.VERDICT] == "one kind"]
    lines += _merges(ws.merges())
    lines += _styles(classes)
    lines += _strays(classes)
    if len(rest):
        lines += _rest(rest, all_labels)
    lines += _unreadable(items)
    if problem := ws.data_folder_problem():
        lines += wrapped(f"Note: {printable(problem)}")
    for note in ws.notes():
        lines += wrapped(f"Note: {printable(note)}")
    return "\n".join(lines).rstrip() + "\n"


def _headline(ws: Workspace, classes: pd.DataFrame, items: pd.DataFrame) -> str:
    n = int(classes[c.IS_SPLIT].sum())
    model = ws.info.model.name if ws.info.model else "no model"
    seen = "with your own embeddings" if model == GIVEN else f"seen by {model}"
    said = {0: "No label hides two kinds.", 1: "1 label hides two kinds."}.get(
        n, f"{n} labels hide two kinds."
    )
    return (
        f"{said} {len(items):,} images, {len(classes):,} labels, {seen}."
        if ws.info.labelled
        else f"{len(items):,} images without labels, {seen}."
    )


def _finding(finding: Any, clusters: pd.DataFrame) -> list[str]:
    mark = "Two kinds  " if finding.is_split else "Perhaps two"
    reason = f" ({printable(finding.split_reason)})" if finding.split_reason else ""
    lines = [
        f"{mark}  {finding.split_score:.2f}  {printable(finding.label)}, {finding.size:,} images"
        f"{reason}"
    ]
    lines += wrapped(printable(finding.evidence), indent=19)
    if finding.n_clusters > 1:
        for cluster in _records(clusters):
            line = f"{letter(cluster[c.CLUSTER])}  {cluster[c.SIZE]:,} images"
            line += ", odd" if cluster[c.IS_ODD] else ""
            if cluster[c.SUGGESTED_LABEL] is not None:
                line += (
                    f", looks like {printable(cluster[c.SUGGESTED_LABEL])}"
                    f" ({cluster[c.SUGGESTED_PROBABILITY]:.2f})"
                )
            if said := kind_words(cluster):
                line += f", seen as {printable(said)}"
            lines.append(" " * 19 + line)
    return [*lines, ""]


def _merges(merges: pd.DataFrame) -> list[str]:
    """Say which labels are more likely than not one kind."""
    lines = []
    for row in merges[merges[c.SCORE] >= MORE_LIKELY_THAN_NOT].itertuples():
        lines.append(
            f"One kind?    {row.score:.2f}  {printable(row.label_a)} and {printable(row.label_b)}, "
            f"{row.size_a:,} and {row.size_b:,} images"
        )
        lines += [*wrapped(printable(row.evidence), indent=19), ""]
    return lines


def _styles(classes: pd.DataFrame) -> list[str]:
    """Say each style once, with the labels that it runs through."""
    if c.STYLE not in classes:
        return []
    lines = []
    styled = classes[classes[c.STYLE] != ""]
    for _, group in styled.groupby(c.STYLE_GROUP, sort=False):
        names = [printable(label) for label in group[c.LABEL]]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        style = printable(group[c.STYLE].iloc[0])
        text = f"Style        {style}: {', '.join(names[:MOST_NAMED])}{more}."
        lines += wrapped(text, indent=13, first=0)
    return [*lines, ""] if lines else []


def _strays(classes: pd.DataFrame) -> list[str]:
    """Say how many single images are under a wrong label."""
    if c.N_STRAYS not in classes or not (count := int(classes[c.N_STRAYS].sum())):
        return []
    labels = int((classes[c.N_STRAYS] > 0).sum())
    text = (
        f"Strays       {count:,} single image{'s' if count > 1 else ''} in {labels:,} "
        f"label{'s' if labels > 1 else ''} look like another label and are in no group; "
        "`rosette open` shows them, and items.csv lists them."
    )
    return [*wrapped(text, indent=13, first=0), ""]


def _rest(rest: pd.DataFrame, all_labels: bool) -> list[str]:
    names = [f"{printable(r.label)} {r.split_score:.2f}" for r in rest.itertuples()]
    shown = names if all_labels else names[:24]
    text = f"One kind     {', '.join(shown)}"
    if len(shown) < len(names):
        text += f" and {len(names) - len(shown)} more (--all shows them)"
    return [*wrapped(text + ".", indent=13, first=0), ""]


def _unreadable(items: pd.DataFrame) -> list[str]:
    bad = items[~items[c.STATUS].isin([c.OK, c.NO_IMAGE])]
    if not len(bad):
        return []
    lines = [f"{len(bad):,} of {len(items):,} files could not be read:"]
    for row in bad.head(MOST_UNREADABLE).itertuples():
        lines += wrapped(f"{printable(row.file)}: {printable(row.reason)}", indent=4, first=2)
    if len(bad) > MOST_UNREADABLE:
        lines.append(f"  and {len(bad) - MOST_UNREADABLE:,} more; `rosette export` lists all.")
    return [*lines, ""]


def json_report(ws: Workspace) -> str:
    """Return the findings as JSON: labels in order, each with its clusters; files; notes."""
    clusters, items = ws.clusters(), ws.items()
    by_label = dict(iter(clusters.groupby(c.LABEL)))
    merges = ws.merges()
    labels = [
        row | {"clusters": _records(by_label.get(row[c.LABEL], clusters.head(0)))}
        for row in _records(ws.classes())
    ]
    bad = items[~items[c.STATUS].isin([c.OK, c.NO_IMAGE])]
    content = {
        "data_set": ws.name,
        "run": ws.run_id,
        "model": ws.info.model.name if ws.info.model else None,
        "images": len(items),
        "labels": labels,
        "merges": _records(merges),
        "unreadable": _records(bad[[c.FILE, c.STATUS, c.REASON]]),
        "data_folder": {"is_here": not (problem := ws.data_folder_problem()), "problem": problem},
        "notes": list(ws.notes()),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(k): None if v != v else v for k, v in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
