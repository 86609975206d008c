"""Each form of a PyTorch model through the command on the demo: what is stored is PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embeddings.backbones.demo_runs import assert_stored
from tests.embeddings.backbones.torch_models.networks import (
    DEVIATION,
    MEAN,
    SIZE,
    classifier,
)
from tests.embeddings.backbones.torch_models.test_files import written
from tests.embeddings.backbones.torch_models.test_named import SMALL

# a model as `--model` takes it, its size, and what the framework makes of a batch
Made = tuple[str, int, Callable[[Any], Any]]


def exported(torch: Any, folder: Path) -> Made:
    model = classifier(torch)
    return written(torch, model, folder, "pt2"), SIZE, model.body


def scripted(torch: Any, folder: Path) -> Made:
    model = classifier(torch)
    return written(torch, model, folder, "scripted"), 224, model.body


def timm_network(torch: Any, folder: Path) -> Made:
    timm = pytest.importorskip("timm")
    network = timm.create_model("resnet10t", num_classes=7).eval()
    torch.save(network.state_dict(), folder / "m.pth")

    def own(x: Any) -> Any:
        return network.forward_head(network.forward_features(x), pre_logits=True)

    return f"timm:resnet10t@{folder / 'm.pth'}", 176, own


def torchvision_network(torch: Any, folder: Path) -> Made:
    models = pytest.importorskip("torchvision.models")
    network = models.resnet18(num_classes=6).eval()
    torch.save(network.state_dict(), folder / "m.pth")
    network.fc = torch.nn.Identity()
    return f"torchvision:resnet18@{folder / 'm.pth'}", 224, network


def transformers_folder(torch: Any, folder: Path) -> Made:
    transformers = pytest.importorskip("transformers")
    model = transformers.ViTForImageClassification(transformers.ViTConfig(**SMALL)).eval()
    model.save_pretrained(folder / "vit")
    transformers.ViTImageProcessor(
        size={"height": 56, "width": 56}, image_mean=MEAN.tolist(), image_std=DEVIATION.tolist()
    ).save_pretrained(folder / "vit")
    own = model.vit
    return str(folder / "vit"), 56, lambda x: own(pixel_values=x).last_hidden_state[:, 0]


@pytest.mark.parametrize(
    "make", [exported, scripted, timm_network, torchvision_network, transformers_folder]
)
def test_a_run_stores_what_the_framework_gives(torch: Any, tmp_path: Path, make: Any) -> None:
    torch.manual_seed(0)
    model, size, own = make(torch, tmp_path)

    def framework(pixels: np.ndarray) -> Any:
        x = (pixels.astype(np.float32) / 255 - MEAN) / DEVIATION
        turned = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32)
        with torch.inference_mode():
            return own(torch.from_numpy(turned)).numpy()

    assert_stored(tmp_path, model, size, framework)
