"""The training loop: losses, schedule, checkpoints, averaged weights."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.backbones.distill.crops import batches, read_crops, shard_size
from embeddings.backbones.embedded.architecture import network
from embeddings.backbones.embedded.weights import load_weights
from embeddings.errors import ModelError
from embeddings.records import Progress
from embeddings.storage import atomic_path

WEIGHTS_FILE = "weights.npz"
PROJECTION_FILE = "projection.npy"
AVERAGE_DECAY = 0.998  # of the weights' moving average, which is what is kept
AVERAGE_EVERY = 4  # steps
SAY_EVERY = 20  # steps


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, with the crops.

    ``start`` is the folder of an earlier run to go on from; empty: from the teacher's own weights.
    """

    input_size: int = 112
    width: int = 384
    passes: int = 12
    batch_size: int = 128
    learning_rate: float = 3e-4
    weight_decay: float = 1e-4
    relational: float = 2.0  # weight of the similarities within a batch
    soft: float = 0.05  # weight of the soft labels
    from_scratch: bool = False
    start: str = ""
    seed: int = 0


def principal_directions(files: Sequence[Path], width: int) -> NDArray[np.float32]:
    """Return the (features, width) projection that keeps the teacher's similarities best.

    Uncentred, so that dot products and not only distances are kept.
    """
    second: NDArray[np.float64] = np.zeros((1, 1))  # grows to (features, features) by the first
    for file in files:
        x = read_crops(file).features.astype(np.float64)
        x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)
        second = second + x.T @ x
    _, vectors = np.linalg.eigh(second)
    return np.ascontiguousarray(vectors[:, ::-1][:, :width]).astype(np.float32)


def start(
    recipe: Recipe, n_classes: int, teacher_weights: list[Any], projection: NDArray[np.float32]
) -> Any:
    """Make the student: random, from an earlier run, or with the teacher's weights and projection.

    Raises
    ------
    ModelError
        The teacher's layers are not the student's.
    """
    import keras

    keras.utils.set_random_seed(recipe.seed)
    student = network(recipe.input_size, recipe.width, n_classes)
    if recipe.from_scratch:
        return student
    if recipe.start:
        load_weights(student, Path(recipe.start) / WEIGHTS_FILE)
        return student
    own = student.get_weights()
    shapes = [w.shape for w in teacher_weights]
    if shapes != [w.shape for w in own[: len(shapes)]]:
        raise ModelError(
            "The teacher's layers are not the student's.",
            hint="Use --from-scratch: any teacher can teach, only one like it can be inherited.",
        )
    student.set_weights([*teacher_weights, projection, *own[len(shapes) + 1 :]])
    return student


def make_step(student: Any, optimizer: Any, recipe: Recipe) -> Any:
    """Return one compiled step: (pixels, target, soft labels) -> the three losses.

    The target is the teacher's projected features. Losses: cosine distance; mean squared
    difference of the similarities within the batch, which is what clustering uses (Park et al.
    2019, *Relational Knowledge Distillation*); cross entropy with the soft labels.
    """
    import tensorflow as tf

    variables = student.trainable_variables

    @tf.function  # type: ignore[untyped-decorator]
    def step(pixels: Any, target: Any, soft: Any) -> Any:
        with tf.GradientTape() as tape:
            embedding, probabilities = student(tf.cast(pixels, tf.float32), training=True)
            e, t = tf.math.l2_normalize(embedding, 1), tf.math.l2_normalize(target, 1)
            cosine = 1 - tf.reduce_mean(tf.reduce_sum(e * t, 1))
            alike_e, alike_t = tf.matmul(e, e, transpose_b=True), tf.matmul(t, t, transpose_b=True)
            relational = tf.reduce_mean(tf.square(alike_e - alike_t)) * 10
            entropy = -tf.reduce_mean(
                tf.reduce_sum(soft * tf.math.log(probabilities + 1e-7), axis=1)
            )
            loss = cosine + recipe.relational * relational + recipe.soft * entropy
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return tf.stack([cosine, relational, entropy])

    return step


def rate_at(step: int, steps: int, recipe: Recipe) -> float:
    """Cosine schedule with a warm-up over the first twentieth."""
    warm = max(1, steps // 20)
    if step < warm:
        return recipe.learning_rate * (step + 1) / warm
    return recipe.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / (steps - warm))))


def train(
    files: Sequence[Path],
    teacher_weights: list[Any],
    recipe: Recipe,
    folder: Path,
    *,
    checkpoint_seconds: float = 120,
    progress: Progress,
) -> Any:
    """Train; a run that was stopped goes on from its last checkpoint, with the same batches.

    Returns
    -------
    The student with averaged weights.

    Raises
    ------
    ModelError
        ``folder`` holds the checkpoint of another recipe or of other crops, or there are fewer
        crops than make one batch.
    """
    import keras
    import tensorflow as tf

    first = read_crops(files[0])
    per_pass = sum(shard_size(file) // recipe.batch_size for file in files)
    if not per_pass:
        raise ModelError(
            f"Fewer crops than one batch of {recipe.batch_size}.",
            hint="Give more photos, or a smaller --batch-size.",
        )
    projection = _projection(files, recipe, folder)
    student = start(recipe, first.probabilities.shape[1], teacher_weights, projection)
    optimizer = keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
    optimizer.build(student.trainable_variables)
    average = [w.copy() for w in student.get_weights()]
    checkpoint = folder / "checkpoint.npz"
    identity = _identity(recipe, files)
    done = 0
    if checkpoint.is_file():
        done, average = _restore(checkpoint, identity, student, optimizer)
    step = make_step(student, optimizer, recipe)
    steps = per_pass * recipe.passes
    kept = time.monotonic()
    for number in range(done // per_pass, recipe.passes):
        skip = max(0, done - number * per_pass)
        seed = (recipe.seed, number)
        for crops in batches(files, recipe.batch_size, seed, skip=skip):
            optimizer.learning_rate = rate_at(done, steps, recipe)
            target = crops.features.astype(np.float32) @ projection
            losses = step(
                tf.constant(crops.pixels),
                tf.constant(target),
                tf.constant(crops.probabilities, tf.float32),
            )
            if done % AVERAGE_EVERY == 0:
                for mean, now in zip(average, student.get_weights(), strict=True):
                    mean += (1 - AVERAGE_DECAY**AVERAGE_EVERY) * (now - mean)
            if done % SAY_EVERY == 0:
                said = ", ".join(f"{float(v):.4f}" for v in losses)
                progress(done * recipe.batch_size, steps * recipe.batch_size, f"train ({said})")
            done += 1
            if time.monotonic() - kept > checkpoint_seconds or done == steps:
                _keep(checkpoint, identity, done, student, optimizer, average)
                kept = time.monotonic()
    student.set_weights(average)
    return student


def _projection(files: Sequence[Path], recipe: Recipe, folder: Path) -> NDArray[np.float32]:
    """Return the projection of this run, found once; one that goes on keeps the earlier run's."""
    file = folder / PROJECTION_FILE
    earlier = Path(recipe.start) / PROJECTION_FILE if recipe.start else file
    if not earlier.is_file():
        if recipe.start:
            raise ModelError(
                f"{earlier} is missing.", hint="Give --start the --out folder of an earlier run."
            )
        projection = principal_directions(files, recipe.width)
    else:
        projection = np.load(earlier, allow_pickle=False)
    with atomic_path(file) as temporary, temporary.open("wb") as handle:
        np.save(handle, projection)
    return projection


def _identity(recipe: Recipe, files: Sequence[Path]) -> str:
    """Name the recipe and the crops, in JSON: a checkpoint is only for those it was made with."""
    crops = [(file.name, file.stat().st_size) for file in files]
    return json.dumps({**asdict(recipe), "shards": crops})


def _keep(
    file: Path, identity: str, done: int, student: Any, optimizer: Any, average: list[Any]
) -> None:
    arrays = {f"w{i:04d}": w for i, w in enumerate(student.get_weights())}
    arrays |= {f"a{i:04d}": w for i, w in enumerate(average)}
    arrays |= {f"o{i:04d}": np.asarray(v) for i, v in enumerate(optimizer.variables)}
    with atomic_path(file) as temporary, temporary.open("wb") as handle:
        np.savez(handle, identity=identity, done=done, **arrays)


def _restore(file: Path, identity: str, student: Any, optimizer: Any) -> tuple[int, list[Any]]:
    with np.load(file, allow_pickle=False) as pack:
        if "identity" not in pack.files or str(pack["identity"]) != identity:
            raise ModelError(
                f"{file} belongs to another recipe or other crops.",
                hint="Choose another --out, or delete it to start anew.",
            )

        def group(letter: str) -> list[Any]:
            return [pack[n] for n in sorted(pack.files) if n[0] == letter and n[1:].isdigit()]

        student.set_weights(group("w"))
        for variable, value in zip(optimizer.variables, group("o"), strict=True):
            variable.assign(value)
        return int(pack["done"]), group("a")
