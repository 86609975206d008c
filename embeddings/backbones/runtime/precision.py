"""The precision that a model computes in, and which machines can."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal, get_args

from embeddings.errors import ModelError, UsageError

Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
NOTES: Final[dict[Precision, str]] = {
    "fp32": "",
    "bf16": (
        "The model computed in bfloat16, as asked: its embeddings are some thousandths off those "
        "of full precision, and are kept apart from them."
    ),
    "fp16": (
        "The model computed in float16, as asked: its embeddings are some thousandths off those "
        "of full precision, and are kept apart from them."
    ),
}
_BF16_FLAGS: Final = frozenset({"avx512_bf16", "amx_bf16"})
_CPUINFO: Final = Path("/proc/cpuinfo")


def precision(name: str) -> Precision:
    """Return the precision of that name.

    Raises
    ------
    UsageError
        It is none; the hint lists them.
    """
    for known in PRECISIONS:
        if name == known:
            return known
    raise UsageError(
        f"There is no precision {name!r}.", hint=f"Choose one of {', '.join(PRECISIONS)}."
    )


def refuse_unsupported(wanted: Precision, *, cpuinfo: Path = _CPUINFO) -> None:
    """See that this machine computes in ``wanted`` faster than in full precision.

    Raises
    ------
    ModelError
        It does not: bf16 wants a processor with AVX512_BF16 or AMX, fp16 a GPU.
    """
    if wanted == "fp32":
        return
    gpu = _has_gpu()
    if wanted == "fp16":
        if not gpu:
            raise ModelError(
                "--precision fp16 is for GPUs, and TensorFlow sees none.",
                hint="Leave it out, or try --precision bf16.",
            )
        return
    if gpu:
        raise ModelError(
            "--precision bf16 is for processors, and TensorFlow computes on a GPU here.",
            hint="Use --precision fp16.",
        )
    if not _BF16_FLAGS & processor_flags(cpuinfo):
        raise ModelError(
            "This processor does not compute in bfloat16 (no AVX512_BF16, no AMX): it would be "
            "slower, and less exact.",
            hint="Leave out --precision.",
        )


def processor_flags(cpuinfo: Path = _CPUINFO) -> frozenset[str]:
    """Return what the processor can do, as Linux names it; empty where that can't be read."""
    try:
        found = re.search(r"^flags\s*:(.*)$", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return frozenset()
    return frozenset(found[1].split()) if found else frozenset()


def _has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
