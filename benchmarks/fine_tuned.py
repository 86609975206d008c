"""Train a small classifier on composed labels, as a team's own is, and keep its embeddings.

    python benchmarks/fine_tuned.py OUT.npz [--seed 1] [--backbone MobileNetV2] [--epochs 12]
                                    [--bench ../shared/bench] [--source cifar10n]

The set is composed (``compose.py``) of images whose kinds are known; some labels hide two kinds,
and the classifier is trained on the labels. The backbone is one of Keras Applications with random
weights, half as wide as usual. Written are ``labels``, ``kinds``, ``types``, the penultimate
layer's embeddings after half of the epochs and after all (``half``, ``full``), and ``emb``, those
of the pretrained network that come with the source: what ``second_look.py --pack`` takes. Some
minutes on two cores. Prints JSON: the accuracy on the images that it was trained on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from parts.sets import module  # noqa: E402

SIDE = 32
NARROW = {"MobileNet": {"alpha": 0.5}, "MobileNetV2": {"alpha": 0.5}}


def network(backbone: str, n_classes: int) -> Any:
    """Return the classifier and the network that ends in its penultimate layer."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.UpSampling2D(2, interpolation="bilinear")(x)
    body = getattr(keras.applications, backbone)(
        include_top=False,
        weights=None,
        input_shape=(2 * SIDE, 2 * SIDE, 3),
        pooling="avg",
        **NARROW.get(backbone, {}),
    )
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # the usual ones are for runs of many thousand steps
    features = body(x)
    outputs = keras.layers.Dense(n_classes, activation="softmax")(features)
    return keras.Model(inputs, outputs), keras.Model(inputs, features)


def trained(
    X: NDArray[np.uint8], y: NDArray[np.intp], backbone: str, epochs: int, seed: int
) -> tuple[dict[str, NDArray[np.float16]], float]:
    """Return embeddings after half of the epochs and after all, and the accuracy at the end."""
    import keras

    keras.utils.set_random_seed(seed)
    model, body = network(backbone, int(y.max()) + 1)
    model.compile(
        keras.optimizers.AdamW(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    kept = {}
    for name, part in (("half", epochs // 2), ("full", epochs - epochs // 2)):
        model.fit(X, y, batch_size=64, epochs=part, verbose=2)
        kept[name] = body.predict(X, batch_size=128, verbose=0).astype(np.float16)
    accuracy = float(model.evaluate(X, y, batch_size=128, verbose=0)[1])
    return kept, accuracy


def main() -> int:
    """Compose, train, and write the pack."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = ROOT.parent / "shared"
    p.add_argument("out", type=Path, nargs="?", default=Path(gettempdir()) / "fine_tuned.npz")
    p.add_argument("--bench", type=Path, default=shared / "bench")
    p.add_argument("--data", type=Path, default=shared / "data")
    p.add_argument("--source", default="cifar10n")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--backbone", default="MobileNetV2")
    p.add_argument("--epochs", type=int, default=12)
    asked = p.parse_args()
    if not (asked.bench / "compose.py").is_file() or not (asked.data / asked.source).is_dir():
        print(
            f"needs compose.py in {asked.bench}, and {asked.source} in {asked.data}",
            file=sys.stderr,
        )
        return 0
    rows, pack = module(asked.bench / "compose.py").compose(asked.source, asked.seed)
    places = np.array([place for place, *_ in rows])
    labels, kinds, types = (np.array([row[column] for row in rows]) for column in (1, 2, 3))
    folder = asked.data / asked.source
    X = np.stack([picture(folder / str(pack["files"][place])) for place in places])
    y = np.unique(labels, return_inverse=True)[1]
    kept, accuracy = trained(X, y, asked.backbone, asked.epochs, asked.seed)
    np.savez(
        asked.out, labels=labels, kinds=kinds, types=types, emb=pack["embeddings"][places], **kept
    )
    print(json.dumps({"pack": asked.out.name, "images": len(X), "train_accuracy": accuracy}))
    return 0


def picture(file: Path) -> NDArray[np.uint8]:
    """Read a picture as (SIDE, SIDE, 3)."""
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE)))


if __name__ == "__main__":
    sys.exit(main())
