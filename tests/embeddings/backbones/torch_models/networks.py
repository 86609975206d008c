"""Small networks of PyTorch, and what they give for a few pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

SIZE, WIDTH, CLASSES = 32, 12, 5
IMAGES = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def given(torch: Any, mean: Any = MEAN, deviation: Any = DEVIATION) -> Any:
    """Return ``IMAGES`` as PyTorch takes them: (3, 3, size, size), normalised."""
    scaled = (IMAGES.astype(np.float32) / 255 - mean) / deviation
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2)).astype(np.float32))


def classifier(torch: Any, end: str = "logits") -> Any:
    """Return a network whose ``body`` gives the penultimate layer."""
    nn = torch.nn
    torch.manual_seed(0)

    class Network(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.end = end
            self.body = nn.Sequential(
                nn.Conv2d(3, WIDTH, 3, stride=2), nn.BatchNorm2d(WIDTH), nn.SiLU(inplace=True),
                nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5),
            )  # fmt: skip
            self.head = nn.Linear(WIDTH, CLASSES)

        def forward(self, images: Any) -> Any:
            scores = self.head(self.body(images))
            if end == "softmax":
                return torch.softmax(scores / 1.5, dim=1)
            if end == "class":
                return scores.argmax(dim=1)
            if end == "best":
                return tuple(torch.topk(scores.softmax(1), 2))
            return scores

    return Network().eval()


def encoder(torch: Any) -> Any:
    """Return a network whose output is an embedding of length one."""
    body = classifier(torch).body

    class Encoder(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.projection = torch.nn.Linear(WIDTH, 64, bias=False)

        def forward(self, images: Any) -> Any:
            return torch.nn.functional.normalize(self.projection(self.body(images)))

    return Encoder().eval()
