"""From single runs to means, a reliability table, and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

PRODUCT, CLUSTERED, SUGGESTED = "product", "product with candidates", "suggestions"
RECIPES = {"pca": "PCA + HDBSCAN", "naive": "UMAP + HDBSCAN", "george": "GEORGE (UMAP + mixture)"}
COLUMNS = {
    "auroc": "AUROC",
    "verdict_precision": "precision",
    "verdict_recall": "recall",
    "ari_hidden": "ARI",
    "minority_f1": "minority F1",
    "minority_f1_0_7pct": "F1, below 7.5 %",
    "pure_whole": "whole",
    "seconds": "s a set",
}


def means(runs: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the mean of each figure over the sets that have it."""
    figures = [run["figures"] for run in runs]
    known = [key for key in COLUMNS if any(key in f for f in figures)]
    return {key: float(np.mean([f[key] for f in figures if key in f])) for key in known}


def reliability(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say, for each tenth of the scores, how many labels have it and how many are truly split."""
    pairs = np.array([pair for run in runs for pair in run["scores"]], dtype=float)
    tenth = np.minimum((pairs[:, 0] * 10).astype(int), 9)
    return [
        {
            "score": f"{t / 10:.1f} to {(t + 1) / 10:.1f}",
            "labels": int((tenth == t).sum()),
            "mean_score": round(float(pairs[tenth == t, 0].mean()), 3),
            "truly_split": round(float(pairs[tenth == t, 1].mean()), 3),
        }
        for t in range(10)
        if (tenth == t).any()
    ]


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Gather all runs, by source."""
    out: dict[str, Any] = {}
    for source in dict.fromkeys(row["source"] for row in rows):
        own = [row for row in rows if row["source"] == source]
        by_method: dict[str, list[dict[str, Any]]] = {}
        for row in own:
            by_method.setdefault(row["method"], []).append(row)
        counts = [row["figures"] for row in own if row["method"] == SUGGESTED]
        out[source] = {
            "sets": len({row["seed"] for row in own}),
            "means": {
                m: means(by_method[m]) for m in (PRODUCT, CLUSTERED, *RECIPES) if m in by_method
            },
            "signals": {
                method: means(runs)
                for method, runs in by_method.items()
                if method not in (PRODUCT, CLUSTERED, SUGGESTED, *RECIPES)
            },
            "suggestions": {
                key: int(sum(c[key] for c in counts))
                for key in ("found", "right", "strange", "misled")
            },
        }
        said = out[source]["means"]
        out[source]["compared"] = {
            key: compared(said[PRODUCT][key], [said[r][key] for r in RECIPES if r in said])
            for key in ("auroc", "verdict_precision", "minority_f1", "pure_whole")
        }
    return out


def compared(figure: float, baselines: Sequence[float]) -> dict[str, float | None]:
    """Set a figure beside the best recipe's."""
    best = max(baselines)
    ratio = round(figure / best, 3) if best else None
    return {"figure": round(figure, 4), "baseline": round(best, 4), "ratio": ratio}


def tables(result: dict[str, Any]) -> str:
    """Write the result as Markdown."""
    lines: list[str] = []
    for source, own in result["sources"].items():
        lines += [f"{source}, means over {own['sets']} sets", ""]
        lines += markdown(
            ["", *COLUMNS.values()],
            [
                [RECIPES.get(name, name), *(shown(figures.get(key)) for key in COLUMNS)]
                for name, figures in own["means"].items()
            ],
        )
        lines += markdown(
            ["signals", "AUROC", "minority F1 of the best cut"],
            [
                [name, shown(figures["auroc"]), shown(figures["minority_f1"])]
                for name, figures in own["signals"].items()
            ],
        )
        s = own["suggestions"]
        if s["found"] + s["strange"]:
            lines += [
                f"Suggested labels: {s['right']} of {s['found']} right; {s['misled']} of "
                f"{s['strange']} made where no such label exists.",
                "",
            ]
    return "\n".join(
        lines
        + markdown(
            ["score", "labels", "mean score", "truly split"],
            [[str(row[key]) for key in row] for row in result["reliability"]],
        )
    )


def shown(value: float | None) -> str:
    """Return a figure in three significant places, or nothing."""
    return "" if value is None else f"{value:.3f}" if value < 2 else f"{value:.1f}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table and an empty one."""
    body = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return [*body, ""]
