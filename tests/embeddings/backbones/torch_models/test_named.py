"""Networks of timm and torchvision by name, and folders of transformers, made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError, UsageError


def pictures(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)


def as_tensor(torch: Any, images: np.ndarray, mean: Any, deviation: Any) -> Any:
    x = (images.astype(np.float32) / 255 - np.float32(mean)) / np.float32(deviation)
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


@pytest.mark.parametrize("name", ["resnet10t", "mobilenetv3_small_050", "vit_tiny_patch16_224"])
@pytest.mark.parametrize("form", ["state", "checkpoint", "safetensors"])
def test_timm_with_a_checkpoint(torch: Any, tmp_path: Path, name: str, form: str) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=7).eval()
    weights = network.state_dict()
    file = tmp_path / ("m.safetensors" if form == "safetensors" else "m.pth")
    if form == "safetensors":
        pytest.importorskip("safetensors.torch").save_file(weights, file)
    else:
        wrapped = {"epoch": 3, "state_dict": {f"module.{k}": v for k, v in weights.items()}}
        torch.save(weights if form == "state" else wrapped, file)
    extractor = backbones.load(f"timm:{name}@{file}")
    config = timm.data.resolve_model_data_config(network)
    images = pictures(extractor.input_size)
    x = as_tensor(torch, images, config["mean"], config["std"])
    with torch.inference_mode():
        wanted = network.forward_head(network.forward_features(x), pre_logits=True)
        scores = network(x).softmax(1)
    batch = extractor.extract(images)
    np.testing.assert_allclose(batch.embeddings, wanted.numpy(), atol=1e-3)
    assert batch.probabilities is not None
    np.testing.assert_allclose(batch.probabilities, scores.numpy(), atol=1e-3)


def test_torchvision_with_a_checkpoint(torch: Any, tmp_path: Path) -> None:
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    network = models.resnet18(num_classes=6).eval()
    torch.save(network.state_dict(), tmp_path / "m.pth")
    (tmp_path / "m.labels.txt").write_text("\n".join("abcdef"), encoding="utf-8")
    extractor = backbones.load(f"torchvision:resnet18@{tmp_path / 'm.pth'}")
    assert extractor.classes == tuple("abcdef")
    images = pictures(224)
    x = as_tensor(torch, images, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    network.fc = torch.nn.Identity()
    with torch.inference_mode():
        wanted = network(x).numpy()
    np.testing.assert_allclose(extractor.extract(images).embeddings, wanted, atol=1e-3)


def test_what_is_no_network_or_not_its_weights_is_said(torch: Any, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    with pytest.raises(UsageError, match="no network"):
        backbones.load("timm:resnet18x")
    with pytest.raises(UsageError, match="no file"):
        backbones.load("timm:resnet10t@missing.pth")
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "m.pth")
    with pytest.raises(ModelError, match="does not hold the weights"):
        backbones.load(f"timm:resnet10t@{tmp_path / 'm.pth'}")


SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
    "image_size": 56, "patch_size": 14,
}  # fmt: skip
TEXT = {
    "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "vocab_size": 99, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip


def _vit(t: Any) -> tuple[Any, Any]:
    names = {"id2label": {0: "ant", 1: "bee"}, "label2id": {"ant": 0, "bee": 1}}
    return t.ViTForImageClassification(t.ViTConfig(**SMALL, **names)), None


def _clip(t: Any) -> tuple[Any, Any]:
    config = t.CLIPConfig(vision_config=SMALL, text_config=TEXT, projection_dim=24)
    mean, deviation = (0.4814, 0.4578, 0.4082), (0.2686, 0.2613, 0.2757)
    return t.CLIPModel(config), (mean, deviation)


def _siglip(t: Any) -> tuple[Any, Any]:
    return t.SiglipModel(t.SiglipConfig(vision_config=SMALL, text_config=TEXT)), ((0.5,) * 3,) * 2


def _dinov2(t: Any) -> tuple[Any, Any]:
    config = t.Dinov2Config(**{k: v for k, v in SMALL.items() if k != "intermediate_size"})
    return t.Dinov2Model(config), None


def pooled(model: Any, x: Any) -> Any:
    """Return what the library itself calls the embedding of an image."""
    if hasattr(model, "get_image_features"):
        made = model.get_image_features(pixel_values=x)
        return getattr(made, "pooler_output", made)
    if hasattr(model, "classifier"):
        return model.vit(pixel_values=x).last_hidden_state[:, 0]
    return model(pixel_values=x).pooler_output


@pytest.mark.parametrize("make", [_vit, _clip, _siglip, _dinov2])
def test_a_folder_of_transformers(torch: Any, tmp_path: Path, make: Any) -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    model, own = make(transformers)
    mean, deviation = own or ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    model.eval().save_pretrained(tmp_path)
    transformers.ViTImageProcessor(
        size={"height": 56, "width": 56}, image_mean=list(mean), image_std=list(deviation)
    ).save_pretrained(tmp_path)
    extractor = backbones.load(str(tmp_path))
    images = pictures(extractor.input_size)
    assert extractor.input_size == 56
    with torch.inference_mode():
        wanted = pooled(model, as_tensor(torch, images, mean, deviation)).numpy()
    batch = extractor.extract(images)
    np.testing.assert_allclose(batch.embeddings, wanted, atol=1e-3)
    assert (batch.probabilities is not None) == (make is _vit)
    assert extractor.classes == (("ant", "bee") if make is _vit else None)


def test_a_folder_of_timm(torch: Any, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("resnet10t", num_classes=3)
    timm.models.save_for_hf(
        network, tmp_path, model_config={"label_names": ["x", "y", "z"]}, safe_serialization=True
    )
    assert backbones.load(str(tmp_path)).classes == ("x", "y", "z")
