"""Weights for a network that is named: a checkpoint's state dict, never the objects around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from embeddings.backbones.torch_models.packages import package, torch
from embeddings.errors import ModelError

# Under what training programs keep the weights, the running averages of them first.
_KEYS: Final = (
    "state_dict_ema", "model_ema", "ema", "state_dict", "model_state_dict", "model", "net",
    "network", "weights",
)  # fmt: skip
# What wrappers put before the names of the weights.
_PREFIXES: Final = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.")


def state_dict(path: Path) -> dict[str, Any]:
    """Read the weights of a checkpoint; no code in it is run.

    Raises
    ------
    ModelError
        It can't be read, or holds no weights.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(9)
        if head[8:9] == b"{":
            found: Any = package("safetensors.torch", "safetensors").load_file(path)
        else:
            found = torch().load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the libraries raise whatever a damaged file makes of them
        said = " ".join(str(error).split())[:120]
        raise ModelError(
            f"{path} can't be read as weights ({type(error).__name__}: {said}).",
            hint="Save the weights alone: torch.save(model.state_dict(), file), or as safetensors.",
        ) from error
    weights = _weights_in(found)
    if not weights:
        raise ModelError(
            f"{path} holds no weights.", hint="Save them: torch.save(model.state_dict(), file)."
        )
    return weights


def _weights_in(found: Any) -> dict[str, Any]:
    tensor = torch().Tensor
    while isinstance(found, dict):
        weights = {str(k): v for k, v in found.items() if isinstance(v, tensor)}
        if weights:
            return weights
        inner = next((found[key] for key in _KEYS if isinstance(found.get(key), dict)), None)
        if inner is None:
            return {}
        found = inner
    return {}


def fitted(weights: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return weights under the names that the network has, wrappers' prefixes taken off."""
    best = weights
    for _ in _PREFIXES:
        if names & best.keys():
            return best
        prefix = next((p for p in _PREFIXES if all(k.startswith(p) for k in best)), None)
        prefix = prefix or next((p for p in _PREFIXES if any(k.startswith(p) for k in best)), None)
        if prefix is None:
            return best
        best = {k.removeprefix(prefix): v for k, v in best.items() if k.startswith(prefix)}
    return best


def load_into(module: Any, weights: dict[str, Any], what: str, path: Path) -> None:
    """Put weights into a network of the same shape.

    Raises
    ------
    ModelError
        They are those of another network; the message names the first that does not fit.
    """
    try:
        missing, left = module.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        lines = str(error).strip().splitlines()
        raise _unfit(what, path, " ".join(lines[-1].split())[:160]) from error
    if missing:
        raise _unfit(what, path, f"{len(missing)} weights are missing, {missing[0]} the first")
    if left:
        raise _unfit(what, path, f"{len(left)} weights are of no layer, {left[0]} the first")


def _unfit(what: str, path: Path, why: str) -> ModelError:
    return ModelError(
        f"{path} does not hold the weights of {what} ({why}).",
        hint="Name the network that it was trained as.",
    )
