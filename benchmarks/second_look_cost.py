"""What a second look costs: images/s with one model, with both in one pass, and in two passes.

    python benchmarks/second_look_cost.py [--model FILE-OR-NAME] [--second embedded] [--rounds 5]
                                          [--small 512] [--large 48]

JPEG files of 500×375 and 4000×3000 are made, scanned, and embedded by ``pipeline.embed``, shards
and thumbnails written, the files in the cache of the disk. Each round does in turn, in this
process: ``alone`` (the model), ``both`` (the model and the second look, each file decoded once),
and ``two_passes`` (the model, then the second look over all files again). Both models are loaded,
and warm, before the first round that counts. Medians of the rounds. ``others`` is the share of the
machine that other processes took. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.parts.busy import Watch  # noqa: E402
from benchmarks.parts.jpegs import write_jpegs  # noqa: E402

SIZES = {"small": (500, 375), "large": (4000, 3000)}
WAYS = ("alone", "both", "two_passes")


def embedded_by(workspace: Path, way: str, model: Any, second: Any) -> None:
    """Embed all files of a scanned workspace anew, in one of the ways."""
    from embeddings import pipeline

    for part in ("embeddings", "thumbnails"):
        shutil.rmtree(workspace / part, ignore_errors=True)
    looks = {"alone": ["none"], "both": [second], "two_passes": ["none", second]}[way]
    for look in looks:
        pipeline.embed(workspace, model=model, second_look=look)


def measure(model: Any, second: Any, counts: dict[str, int], rounds: int) -> dict[str, Any]:
    """Time every way at every size, in turn."""
    from embeddings import pipeline

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size, n in counts.items():
            root, workspace = Path(folder) / size, Path(folder) / f"{size}-ws"
            write_jpegs(root, n, *SIZES[size])
            pipeline.scan(root, workspace)
            rates: dict[str, list[float]] = {way: [] for way in WAYS}
            others: list[float] = []
            for number in range(-1, rounds):  # the first round warms up and does not count
                for way in WAYS:
                    watch = Watch()
                    embedded_by(workspace, way, model, second)
                    seconds, _, taken = watch.stopped()
                    if number >= 0:
                        rates[way].append(n / seconds)
                        others.append(taken)
            middle = {way: statistics.median(values) for way, values in rates.items()}
            found[size] = {
                **{f"{way}_images_per_s": round(rate, 1) for way, rate in middle.items()},
                "both_against_two_passes": round(middle["both"] / middle["two_passes"], 3),
                "both_costs_of_alone": round(middle["alone"] / middle["both"] - 1, 3),
                "others": round(statistics.median(others), 2),
            }
            print(f"{size}: {found[size]}", file=sys.stderr)
    return found


def main() -> int:
    """Run the benchmark."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = ROOT.parent / "shared" / "models" / "mobilenetv2_finetuned_seed0.keras"
    p.add_argument("--model", default=str(shared), help="a name of `rosette models`, or a file")
    p.add_argument("--second", default="embedded")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--small", type=int, default=512, help="files of 500×375")
    p.add_argument("--large", type=int, default=48, help="files of 4000×3000")
    asked = p.parse_args()
    from embeddings import ModelSpec, backbones

    if not Path(asked.model).exists() and not backbones.is_in_table(asked.model):
        print(f"needs {asked.model}: give a model by --model", file=sys.stderr)
        return 0
    backbones.one_core_a_batch()
    model, second = (backbones.load_spec(ModelSpec(name)) for name in (asked.model, asked.second))
    counts = {"small": asked.small, "large": asked.large}
    found = measure(model, second, {k: n for k, n in counts.items() if n}, asked.rounds)
    print(json.dumps({"model": model.name, "second": second.name, **found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
