"""Train the embedded model from any folders of photos and any teacher."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.distill import crops, training
from embeddings.backbones.distill.teacher import KerasTeacher, SoftLabels
from embeddings.backbones.embedded.weights import save_weights


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m embeddings.backbones.distill", description=__doc__)
    p.add_argument("--images", type=Path, nargs="+", required=True, help="folders, Parquet files")
    p.add_argument("--teacher", type=Path, required=True, help="a .keras classifier")
    p.add_argument("--layer", default="avg_pool", help="the teacher's features (avg_pool)")
    p.add_argument(
        "--soft-labels", type=Path, help="a uint8 .tflite classifier (by default the teacher's own)"
    )
    p.add_argument("--skip-classes", type=int, default=1, help="its classes to drop in front (1)")
    p.add_argument("--exclude", nargs="*", default=[], help="folder names held out for measuring")
    p.add_argument("--crops", type=int, default=3, help="crops per photo (3)")
    p.add_argument("--out", type=Path, required=True, help="crops, checkpoint and weights go here")
    recipe = training.Recipe()
    for name in ("input_size", "width", "passes", "batch_size", "seed"):
        p.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(recipe, name))
    for name in ("learning_rate", "weight_decay", "relational", "soft"):
        p.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(recipe, name))
    p.add_argument("--from-scratch", action="store_true", help="do not inherit weights")
    p.add_argument("--start", default="", help="the --out folder of an earlier run to go on from")
    return p


class _Clock:
    """Prints a line now and then with rate and time left."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.first: int | None = None
        self.said = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if self.first is None:
            self.first, self.started = done, now
        if now - self.said < 10 and done < total:
            return
        self.said = now
        rate = (done - self.first) / max(now - self.started, 1e-9)
        left = (total - done) / rate / 60 if rate else float("inf")
        print(f"{what}: {done}/{total}, {rate:.0f}/s, {left:.1f} min left", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the program."""
    a = _parser().parse_args(arguments)
    recipe = training.Recipe(
        **{name: getattr(a, name) for name in training.Recipe.__dataclass_fields__}
    )
    teacher = KerasTeacher(a.teacher, a.layer)
    labels = SoftLabels(a.soft_labels, a.skip_classes) if a.soft_labels else None

    def teach(
        images: NDArray[np.uint8],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        features, probabilities = teacher(images)
        return features, labels(images) if labels else probabilities

    readers = crops.photos(a.images, a.exclude)
    print(f"{len(readers)} photos, {a.crops} crops of each", flush=True)
    files = crops.make_crops(
        readers,
        a.out / "crops",
        teach,
        crops_per_photo=a.crops,
        student_size=recipe.input_size,
        teacher_size=teacher.size,
        seed=recipe.seed,
        progress=_Clock(),
    )
    student = training.train(files, teacher.weights, recipe, a.out, progress=_Clock())
    size = save_weights(student, a.out / training.WEIGHTS_FILE)
    print(f"{a.out / training.WEIGHTS_FILE}: {size / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
