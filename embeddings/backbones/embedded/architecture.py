"""The embedded network: MobileNetV2 on small images, a projection, and a head.

Inverted residuals (Sandler et al. 2018, *MobileNetV2: Inverted Residuals and Linear Bottlenecks*)
without batch normalisation, which is folded into the convolutions. The stem halves the image as in
the original; what is small is the image. The weights that ship were trained at 112 px and are run
at 104 px, which is faster, and better on small pictures (MODEL_CARD.md).
"""

from __future__ import annotations

from typing import Any

INPUT_SIZE = 104  # px
WIDTH = 384  # of an embedding
N_CLASSES = 1000

# expansion, channels out, repeats, stride of the first: table 2 of the paper
BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
FEATURES = 1280
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_VARIANCE = (0.229**2, 0.224**2, 0.225**2)


def network(input_size: int = INPUT_SIZE, width: int = WIDTH, n_classes: int = N_CLASSES) -> Any:
    """Make the network with random weights.

    Returns
    -------
    A Keras model from pixels (n, input_size, input_size, 3), 0 to 255 RGB, to ``embedding``
    (n, width) float32 and ``probabilities`` (n, n_classes) float32.
    """
    import keras
    from keras import layers

    def depthwise(x: Any, stride: int) -> Any:
        # One pixel on every side, as the weights were trained. "same" means that only at stride 1,
        # where it spares a copy of the image; at stride 2 it would pad right and below alone.
        if stride == 1:
            return layers.ReLU(6.0)(layers.DepthwiseConv2D(3, padding="same")(x))
        return layers.ReLU(6.0)(layers.DepthwiseConv2D(3, stride)(layers.ZeroPadding2D(1)(x)))

    def residual(x: Any, expansion: int, channels: int, stride: int) -> Any:
        y = x
        if expansion > 1:
            y = layers.ReLU(6.0)(layers.Conv2D(x.shape[-1] * expansion, 1)(y))
        y = layers.Conv2D(channels, 1)(depthwise(y, stride))
        return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == channels else y

    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Normalization(mean=IMAGENET_MEAN, variance=IMAGENET_VARIANCE)(x)
    x = layers.ReLU(6.0)(layers.Conv2D(32, 3, 2)(layers.ZeroPadding2D(1)(x)))
    for expansion, channels, repeats, stride in BLOCKS:
        for repeat in range(repeats):
            x = residual(x, expansion, channels, stride if repeat == 0 else 1)
    x = layers.ReLU(6.0)(layers.Conv2D(FEATURES, 1)(x))
    features = layers.GlobalAveragePooling2D(name="features")(x)
    embedding = layers.Dense(width, use_bias=False, name="embedding")(features)
    probabilities = layers.Dense(n_classes, activation="softmax", name="probabilities")(embedding)
    return keras.Model(pixels, [embedding, probabilities], name="embedded")
