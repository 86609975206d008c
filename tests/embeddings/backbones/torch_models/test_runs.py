"""Each form of a PyTorch model through a whole run: what is stored is what the framework gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embeddings
from embeddings import columns as c
from embeddings.images import prepare
from tests.embeddings.backbones.torch_models.networks import (
    DEVIATION,
    MEAN,
    SIZE,
    classifier,
)
from tests.embeddings.backbones.torch_models.test_files import written
from tests.embeddings.backbones.torch_models.test_named import SMALL
from tests.embeddings.photos import make_photos

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
    photos = make_photos(tmp_path / "photos", bat=3, cat=3)
    ws = embeddings.run(photos, tmp_path / "ws", model=model, second_look="none")
    frame = ws.manifest()
    readable = frame[frame[c.STATUS] == c.OK]
    assert len(readable) >= 6
    seen = [prepare(photos / str(file), size).pixels for file in readable[c.FILE]]
    x = (np.stack(seen).astype(np.float32) / 255 - MEAN) / DEVIATION
    with torch.inference_mode():
        tensor = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32))
        wanted = own(tensor).numpy()
    # what is stored is in half precision
    np.testing.assert_allclose(ws.embeddings(readable), wanted, rtol=1e-3, atol=1e-3)
