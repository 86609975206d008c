"""The table of models, and what a model file holds, as text."""

from __future__ import annotations

from embeddings import backbones


def table_text() -> str:
    """Return the table of models."""
    rows = [("name", "px", "width", "million parameters", "here", "weights from")]
    for row in backbones.table():
        rows.append(
            (
                row.name,
                str(row.input_size),
                str(row.width),
                f"{row.parameters:.1f}",
                "yes" if row.is_here else "no",
                row.source if not row.factory else "ImageNet, by Keras Applications",
            )
        )
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [
        "",
        "Or a file of your own: .keras, .h5, SavedModel folder, .tflite, .onnx.",
        "With PyTorch: .pt2, TorchScript, timm:NAME[@FILE], torchvision:NAME[@FILE], a folder of "
        "transformers.",
        "With KerasHub: a preset's folder.",
    ]
    return "\n".join(lines) + "\n"


def describe_text(file: str, trust_model_code: bool = False) -> str:
    """Return what a classifier's file holds."""
    said = backbones.describe(file, allow_code=trust_model_code)
    lines = [
        f"{said.name}: {said.format}, images of {said.input_size} px"
        + (f", {said.n_classes} classes" if said.n_classes else ", no head"),
        f"Embeddings are read from {said.chosen}, {said.width} wide: {said.why}.",
        *said.notes,
        "Others with --layer:",
    ]
    for candidate in said.candidates:
        mark = "*" if candidate.name == said.chosen else " "
        shape = " x ".join(str(s) if s else "any" for s in candidate.shape)
        lines.append(f"  {mark} {candidate.name}  {shape}")
    return "\n".join(lines) + "\n"
