"""The table of models that are known by name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from embeddings.backbones.runtime.preprocess import Scaling


@dataclass(frozen=True, slots=True)
class Backbone:
    """One model: ``factory`` is a function of ``keras.applications``, empty for the embedded one.

    ``input_size`` is in px, ``width`` that of the embedding, ``parameters`` in millions with the
    head, ``megabytes`` the size of ``weights_file``, which is the name under which Keras keeps the
    weights; ``digest`` is the MD5 or SHA-256 that Keras publishes for it.
    """

    name: str
    factory: str
    input_size: int
    width: int
    parameters: float
    megabytes: int
    scaling: Scaling
    weights_file: str
    source: str
    digest: str = ""

    @property
    def url(self) -> str:
        """Where the weights are downloaded from; empty where they need not be."""
        return self.source + self.weights_file if self.factory else ""

    @property
    def weights_path(self) -> Path:
        """Where the weights lie once they are here."""
        if not self.factory:
            return Path(__file__).parent / "embedded" / self.weights_file
        home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
        return Path(home).expanduser() / "models" / self.weights_file

    @property
    def is_here(self) -> bool:
        """Whether it can be used without a download."""
        return self.weights_path.is_file()


_GOOGLE = "https://storage.googleapis.com/tensorflow/keras-applications/"

_TABLE = (
    Backbone("embedded", "", 112, 384, 3.1, 6, "raw", "weights.npz", "ships with the project"),
    Backbone(
        "mobilenetv3small", "MobileNetV3Small", 224, 1024, 2.6, 10, "raw",
        "weights_mobilenet_v3_small_224_1.0_float.h5", _GOOGLE + "mobilenet_v3/",
        "8768d4c2e7dee89b9d02b2d03d65d862",
    ),
    Backbone(
        "mobilenetv3large", "MobileNetV3Large", 224, 1280, 5.5, 22, "raw",
        "weights_mobilenet_v3_large_224_1.0_float.h5", _GOOGLE + "mobilenet_v3/",
        "59e551e166be033d707958cf9e29a6a7",
    ),
    Backbone(
        "efficientnetv2b0", "EfficientNetV2B0", 224, 1280, 7.2, 29, "raw",
        "efficientnetv2-b0.h5", _GOOGLE + "efficientnet_v2/",
        "21ecbf6da12460d5c40bb2f29ceb2188",
    ),
    Backbone(
        "efficientnetv2b3", "EfficientNetV2B3", 300, 1536, 14.5, 59, "raw",
        "efficientnetv2-b3.h5", _GOOGLE + "efficientnet_v2/",
        "1f1fc43bd98a6e4fd8fdfd551e02c7a0",
    ),
    Backbone(
        "efficientnetv2s", "EfficientNetV2S", 384, 1280, 21.6, 88, "raw",
        "efficientnetv2-s.h5", _GOOGLE + "efficientnet_v2/",
        "e1d88a8495beba45748fedd0cecbe016",
    ),
    Backbone(
        "resnet50v2", "ResNet50V2", 224, 2048, 25.6, 103, "-1..1",
        "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5", _GOOGLE + "resnet/",
        "3ef43a0b657b3be2300d5770ece849e0",
    ),
    Backbone(
        "convnexttiny", "ConvNeXtTiny", 224, 768, 28.6, 115, "raw",
        "convnext_tiny.h5", _GOOGLE + "convnext/",
        "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
    ),
    Backbone(
        "convnextbase", "ConvNeXtBase", 224, 1024, 88.6, 355, "raw",
        "convnext_base.h5", _GOOGLE + "convnext/",
        "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
    ),
)  # fmt: skip


def table() -> tuple[Backbone, ...]:
    """Return every model known by name."""
    return _TABLE


def find(name: str) -> Backbone | None:
    """Return the model of that name, whatever its case and dashes, or None."""
    plain = name.lower().replace("-", "").replace("_", "")
    return next((row for row in _TABLE if row.name == plain), None)
