"""Networks of timm and torchvision by name, with their own weights or a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embeddings.backbones.description import (
    ModelDescription,
    Options,
    file_digest,
    fingerprint,
)
from embeddings.backbones.runtime.graph_extractor import GraphExtractor, Opened, described
from embeddings.backbones.torch_models.modules import opened_module
from embeddings.backbones.torch_models.packages import package
from embeddings.backbones.torch_models.weights import fitted, load_into, state_dict
from embeddings.errors import ModelError, UsageError

LIBRARIES: Final = ("timm", "torchvision")


@dataclass(frozen=True, slots=True)
class Named:
    """``library:name`` or ``library:name@checkpoint``."""

    library: str
    name: str
    checkpoint: Path | None


def parsed(model: str) -> Named | None:
    """Read ``timm:NAME[@checkpoint]`` and ``torchvision:NAME[@checkpoint]``; None is: neither.

    Raises
    ------
    UsageError
        The checkpoint is no file.
    """
    library, colon, rest = model.partition(":")
    if not colon or library not in LIBRARIES:
        return None
    name, at, file = rest.partition("@")
    checkpoint = Path(file) if at else None
    if not name or (checkpoint is not None and not checkpoint.is_file()):
        raise UsageError(
            f"{model}: there is no file {file!r}." if name else f"{model} names no network.",
            hint=f"Say {library}:NAME, or {library}:NAME@FILE with a file of weights.",
        )
    return Named(library, name, checkpoint)


def load_named(named: Named, options: Options) -> GraphExtractor:
    """Load a network by its name."""
    return GraphExtractor(_OPENERS[named.library](named, options), options)


def describe_named(named: Named, options: Options) -> ModelDescription:
    """Describe a network by its name."""
    return described(load_named(named, options))


def load(path: Path, options: Options) -> GraphExtractor:
    """Load a folder of timm, as ``save_for_hf`` writes it and model hubs hold it."""
    timm = package("timm", "timm")
    try:
        network = timm.create_model(f"local-dir:{path}", pretrained=True)
    except Exception as error:
        hint = "See that config.json and the weights are whole."
        raise _not_built(f"{path}", error, hint) from error
    return GraphExtractor(_opened_timm(network, path, file_digest(path), options), options)


def describe(path: Path, options: Options) -> ModelDescription:
    """Describe a folder of timm."""
    return described(load(path, options))


def _timm(named: Named, options: Options) -> Opened:
    timm = package("timm", "timm")
    if not timm.is_model(named.name):
        likely = ", ".join(timm.list_models(f"*{named.name.split('.')[0][:8]}*")[:6])
        raise _no_such(named, likely)
    if named.checkpoint is None:
        network = _pretrained(named, lambda: timm.create_model(named.name, pretrained=True))
        weights = fingerprint(named.name, timm.__version__)
    else:
        network = timm.create_model(named.name, pretrained=False)
        kept = fitted(state_dict(named.checkpoint), set(network.state_dict()))
        n_classes = _classes_in(kept, network.default_cfg.get("classifier"))
        if n_classes is not None and n_classes != network.num_classes:
            network = timm.create_model(named.name, pretrained=False, num_classes=n_classes)
        load_into(network, kept, f"timm's {named.name}", named.checkpoint)
        weights = file_digest(named.checkpoint)
    return _opened_timm(network, _shown(named), weights, options)


def _opened_timm(network: Any, path: Path, weights: str, options: Options) -> Opened:
    timm = package("timm", "timm")
    config = timm.data.resolve_model_data_config(network)
    names = getattr(network, "pretrained_cfg", None) or {}
    return opened_module(
        network,
        path=path,
        format_=f"timm {timm.__version__}",
        digest=fingerprint("timm", path.name, weights, config["mean"], config["std"]),
        size=int(config["input_size"][-1]),
        mean=config["mean"],
        deviation=config["std"],
        asked=options.preprocess,
        classes=tuple(names.get("label_names") or ()),
    )


def _classes_in(weights: dict[str, Any], classifier: Any) -> int | None:
    """Return how many classes a checkpoint has: 0 without a head, None where that is not told."""
    if not classifier:
        return None
    first = classifier if isinstance(classifier, str) else classifier[0]
    weight = weights.get(f"{first}.weight")
    return 0 if weight is None else int(weight.shape[0])


def _torchvision(named: Named, options: Options) -> Opened:
    models = package("torchvision.models", "torchvision")
    if named.name not in models.list_models(module=models):
        alike = [n for n in models.list_models(module=models) if named.name[:5] in n]
        raise _no_such(named, ", ".join(alike[:6]))
    weights = models.get_model_weights(named.name).DEFAULT
    classes: tuple[str, ...] = ()
    if named.checkpoint is None:
        network = _pretrained(named, lambda: models.get_model(named.name, weights=weights))
        classes = tuple(weights.meta.get("categories", ()))
        digest = fingerprint(weights.url)
    else:
        network = _fitted_torchvision(models, named, named.checkpoint)
        digest = file_digest(named.checkpoint)
    transforms = weights.transforms()
    path = _shown(named)
    return opened_module(
        network,
        path=path,
        format_="torchvision",
        digest=fingerprint("torchvision", named.name, digest, transforms.mean, transforms.std),
        size=int(transforms.crop_size[0]),
        mean=transforms.mean,
        deviation=transforms.std,
        asked=options.preprocess,
        classes=classes,
    )


def _fitted_torchvision(models: Any, named: Named, checkpoint: Path) -> Any:
    more = {"init_weights": False} if named.name in ("googlenet", "inception_v3") else {}
    network = models.get_model(named.name, weights=None, **more)
    kept = fitted(state_dict(checkpoint), set(network.state_dict()))
    last = next((k for k in reversed(list(network.state_dict())) if k.endswith(".weight")), "")
    if last in kept and kept[last].shape != network.state_dict()[last].shape:
        n_classes = int(kept[last].shape[0])
        network = models.get_model(named.name, weights=None, num_classes=n_classes, **more)
    load_into(network, kept, f"torchvision's {named.name}", checkpoint)
    return network


def _pretrained(named: Named, build: Callable[[], Any]) -> Any:
    try:
        return build()
    except Exception as error:  # of the network, of the hub, of the disk
        raise _not_built(
            f"{named.library}:{named.name}",
            error,
            "Fetch its weights on a machine with access and say "
            f"--model {named.library}:{named.name}@FILE.",
        ) from error


def _not_built(what: str, error: Exception, hint: str) -> ModelError:
    said = " ".join(str(error).split())[:160]
    return ModelError(
        f"The weights of {what} can't be had ({type(error).__name__}: {said}).", hint=hint
    )


def _no_such(named: Named, alike: str) -> UsageError:
    hint = f"Alike: {alike}." if alike else f"{named.library}.list_models() lists them."
    return UsageError(f"{named.library} has no network {named.name!r}.", hint=hint)


def _shown(named: Named) -> Path:
    """Return where lists of classes are looked for: beside the checkpoint."""
    return named.checkpoint or Path(f"{named.library}-{named.name}")


_OPENERS: Final[dict[str, Callable[[Named, Options], Opened]]] = {
    "timm": _timm, "torchvision": _torchvision,
}  # fmt: skip
