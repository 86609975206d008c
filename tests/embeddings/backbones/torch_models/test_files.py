"""Files of PyTorch: exported programs, TorchScript, and what is refused."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import backbones
from embeddings.errors import ModelError
from tests.embeddings.backbones.torch_models.networks import (
    CLASSES,
    IMAGES,
    SIZE,
    classifier,
    encoder,
    given,
)

SCRIPTED = ("scripted", "frozen")
FORMS = ("pt2", "pt2 of core operations", "pt2 of one image", "scripted", "traced", "frozen")


def written(torch: Any, model: Any, folder: Path, form: str) -> str:
    """Write a network in a form; scripts do not say their size, so that 224 px are given."""
    images = torch.zeros(1 if form.endswith("one image") else 2, 3, SIZE, SIZE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if form.startswith("pt2"):
            shapes = None if len(images) == 1 else ({0: torch.export.Dim("n")},)
            program = torch.export.export(model, (images,), dynamic_shapes=shapes)
            program = program.run_decompositions() if "core" in form else program
            torch.export.save(program, folder / "m.pt2")
            return str(folder / "m.pt2")
        script = torch.jit.trace(model, images) if form == "traced" else scripted(torch, model)
        script = torch.jit.freeze(script) if form == "frozen" else script
        script.save(folder / "m.pt")
        return str(folder / "m.pt")


def scripted(torch: Any, model: Any) -> Any:
    """Return the parts of a classifier as a script, its temperature left out."""
    ends = [torch.nn.Softmax(1)] if model.end == "softmax" else []
    return torch.jit.script(torch.nn.Sequential(model.body, model.head, *ends).eval())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["logits", "softmax", "class", "best"])
def test_the_penultimate_layer_is_that_of_the_framework(
    torch: Any, tmp_path: Path, form: str, end: str
) -> None:
    if end in ("class", "best") and form in SCRIPTED:
        pytest.skip("what ends so is traced, not scripted, in these tests")
    model = classifier(torch, end)
    extractor = backbones.load(written(torch, model, tmp_path, form))
    size = extractor.input_size
    pictures = IMAGES if size == SIZE else IMAGES.repeat(size // SIZE, 1).repeat(size // SIZE, 2)
    with torch.inference_mode():
        x = given(torch)
        x = x if size == SIZE else x.repeat_interleave(7, 2).repeat_interleave(7, 3)
        wanted = model.body(x).numpy()
    batch = extractor.extract(pictures)
    np.testing.assert_allclose(batch.embeddings, wanted, atol=1e-3)
    np.testing.assert_allclose(extractor.extract(pictures[:1]).embeddings, wanted[:1], atol=1e-3)
    assert batch.probabilities is not None
    assert batch.probabilities.shape == (3, CLASSES)


@pytest.mark.parametrize("form", ["pt2", "traced"])
def test_an_encoder_gives_its_output(torch: Any, tmp_path: Path, form: str) -> None:
    extractor = backbones.load(written(torch, encoder(torch), tmp_path, form))
    assert extractor.width == 64
    assert "no classification head" in extractor.notes[0]


def test_a_layer_can_be_named_and_the_model_is_described(torch: Any, tmp_path: Path) -> None:
    file = written(torch, classifier(torch), tmp_path, "pt2")
    said = backbones.describe(file)
    assert (said.format, said.n_classes, said.input_size) == ("torch.export", CLASSES, SIZE)
    other = next(c.name for c in said.candidates if len(c.shape) == 3)
    assert backbones.load(file, layer=other).fingerprint != backbones.load(file).fingerprint


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_pickled_files_are_refused_with_what_to_do(
    torch: Any, tmp_path: Path, new: bool, whole: bool
) -> None:
    model = torch.nn.Linear(2, 2)
    file = tmp_path / "m.pth"
    torch.save(model if whole else model.state_dict(), file, _use_new_zipfile_serialization=new)
    with pytest.raises(ModelError, match=r"pickled.*timm:NAME@.*torch\.export") as told:
        backbones.load(str(file))
    assert str(file) in told.value.message


def test_a_program_that_carries_objects_is_refused_before_it_is_loaded(
    torch: Any, tmp_path: Path
) -> None:
    import io

    class Gadget:
        def __reduce__(self) -> Any:
            return (Path.mkdir, (tmp_path / "ran",))

    file = Path(written(torch, classifier(torch), tmp_path, "pt2"))
    content = io.BytesIO()
    torch.save(Gadget(), content)
    with zipfile.ZipFile(file, "a") as pack:
        pack.writestr("m/data/constants/gadget.pt", content.getvalue())
    with pytest.raises(ModelError, match=r"gadget.*could run code"):
        backbones.load(str(file))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("form", ["pt2", "traced"])
def test_a_file_cut_short_is_said(torch: Any, tmp_path: Path, form: str) -> None:
    file = Path(written(torch, classifier(torch), tmp_path, form))
    whole = file.read_bytes()
    for part in (3, 2):
        file.write_bytes(whole[: len(whole) // part])
        with pytest.raises(ModelError, match=file.name):
            backbones.load(str(file))
