"""The two encoders of a pair at work in ONNX Runtime: pictures and texts to embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.arrays import unit_rows
from embeddings.backbones.description import damage_said
from embeddings.backbones.formats.onnx import (
    input_shape,
    runtime_errors,
    session_of_file,
    shortened,
)
from embeddings.backbones.runtime.batching import in_steps
from embeddings.backbones.text_image.files import PairFiles, read_json
from embeddings.backbones.text_image.settings import PixelSettings, TokenSettings
from embeddings.errors import MissingExtraError, ModelError
from embeddings.records import Batch, Pace

_PIXELS: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
_WHOLE: Final = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_FLOATS: Final = ("tensor(float)", "tensor(float16)", "tensor(double)")
_PADS: Final = ("<pad>", "[PAD]", "<|endoftext|>", "</s>")  # where the settings do not say
_TEXTS_AT_ONCE: Final = 32
_OF_ONE_MODEL: Final = "See that encoders and tokenizer are of the same model."


class OnnxImageEncoder:
    """An ``Extractor`` of the pair's space; see :class:`embeddings.records.Extractor`.

    Raises
    ------
    ModelError
        The encoder can't be run, or takes no RGB images.
    """

    classes: tuple[str, ...] | None = None
    pace = Pace()

    def __init__(
        self, files: PairFiles, settings: PixelSettings, *, name: str, fingerprint: str
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        self._path, self._settings = files.image, settings
        self._session = session_of_file(files.image)
        given = self._session.get_inputs()
        if len(given) != 1 or given[0].type not in _PIXELS:
            raise _takes(files.image, given, "one RGB image of numbers")
        self._input, self._type = given[0].name, _PIXELS[given[0].type]
        shape = [side if isinstance(side, int) else None for side in given[0].shape]
        self._first, self.input_size, _ = input_shape(_with_size(shape, settings.size), files.image)
        self._step = shape[0]
        self._output = _output(self._session, "image_embeds", files.image)
        self.notes: tuple[str, ...] = settings.notes
        self.width = self.extract(
            np.zeros((1, *[self.input_size] * 2, 3), np.uint8)
        ).embeddings.shape[1]

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        x: NDArray[Any] = images
        if self._type is not np.uint8:
            s = self._settings
            mean, deviation = (np.array(v, np.float32) for v in (s.mean, s.deviation))
            x = (images * np.float32(s.factor) - mean) / deviation
        if self._first:
            x = x.transpose(0, 3, 1, 2)
        x = np.ascontiguousarray(x, dtype=self._type)
        (made,) = in_steps(x, self._step, lambda part: [self._run(part)])
        return Batch(made, None)

    def _run(self, x: NDArray[Any]) -> NDArray[np.float32]:
        what = f"{len(x)} images"
        return _rows(self._session, self._path, self._output, {self._input: x}, what)


class OnnxTextEncoder:
    """Embeds texts into the space of a pair.

    Raises
    ------
    ModelError
        Encoder or tokenizer can't be read, or do not fit each other.
    MissingExtraError
        The package ``tokenizers`` is not installed.
    """

    def __init__(self, files: PairFiles, settings: TokenSettings) -> None:
        self._path, self._lower = files.text, settings.lower
        self._session = session_of_file(files.text)
        self._types = {}
        length, self._step, free = settings.length, None, True
        for given in self._session.get_inputs():
            if given.type not in _WHOLE or len(given.shape) != 2:
                raise _takes(files.text, self._session.get_inputs(), "token numbers (n, length)")
            self._types[given.name] = _WHOLE[given.type]
            batch, own = given.shape
            self._step = batch if isinstance(batch, int) else self._step
            length, free = (own, False) if isinstance(own, int) else (length, free)
        self._ids = _input_of_ids(list(self._types), files.text)
        self._output = _output(self._session, "text_embeds", files.text)
        self._tokenizer = _tokenizer(files, settings, length)
        # what is masked need not be computed; without a mask padding is a part of the text
        self._cuts = free and any("mask" in name for name in self._types)
        self.width = self.embed(["a photo"]).shape[1]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, width) float32 of length 1, a row for each text; long ones are cut.

        Raises
        ------
        ModelError
            The encoder has no finite embedding of one.
        """
        made = [
            self._some(texts[start : start + _TEXTS_AT_ONCE])
            for start in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
        rows = np.concatenate([*made, np.zeros((0, made[0].shape[1] if made else 0), np.float32)])
        if not np.isfinite(rows).all():
            raise ModelError(f"{self._path} gives no finite embedding.", hint=_OF_ONE_MODEL)
        return unit_rows(rows)

    def _some(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # one after the other: many at once start threads, which outlive the call
        try:
            read = [self._tokenizer.encode(t.lower() if self._lower else t) for t in texts]
        except Exception as error:  # the library raises nothing more special
            raise ModelError(
                f"The tokenizer beside {self._path} can't read texts ({error}).",
                hint="Copy tokenizer.json again from where the pair is from.",
            ) from error
        tokens = np.array([[one.ids, one.attention_mask] for one in read], dtype=np.int64)
        if self._cuts:
            tokens = tokens[:, :, : max(1, int(tokens[:, 1].sum(axis=1).max()))]
        (made,) = in_steps(tokens, self._step, lambda part: [self._run(part)])
        return np.asarray(made, dtype=np.float32)

    def _run(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        ids, mask = tokens[:, 0], tokens[:, 1]
        feeds = {
            name: _fed(name, ids if name == self._ids else None, mask).astype(kind)
            for name, kind in self._types.items()
        }
        return _rows(self._session, self._path, self._output, feeds, f"{len(tokens)} texts")


def _fed(name: str, ids: NDArray[np.int64] | None, mask: NDArray[np.int64]) -> NDArray[np.int64]:
    if ids is not None:
        return ids
    if "mask" in name:
        return mask
    if "position" in name:
        return np.broadcast_to(np.arange(mask.shape[1]), mask.shape)
    return np.zeros_like(mask)  # token_type_ids: all of one sentence


def _input_of_ids(names: list[str], path: Path) -> str:
    """Return the input that takes the numbers of the tokens."""
    others = ("mask", "position", "type")
    found = [name for name in names if not any(word in name for word in others)]
    if len(found) != 1:
        raise ModelError(
            f"{path} takes {', '.join(names) or 'nothing'}; which are the tokens is not clear.",
            hint="Export it with the inputs input_ids and attention_mask.",
        )
    return found[0]


def _with_size(shape: list[int | None], size: int | None) -> list[int | None]:
    """Fill in the height and width that the settings say where the graph takes any."""
    if size is None or len(shape) != 4:
        return shape
    sides = (2, 3) if shape[1] == 3 else (1, 2)
    return [side or (size if at in sides else None) for at, side in enumerate(shape)]


def _output(session: Any, usual: str, path: Path) -> str:
    """Return the output that is the embedding in the common space.

    That is the one of the usual name; else the pooled one, which has been projected where the
    model projects nothing afterwards (SigLIP); else the only one with a row for each input.
    """
    rows = [str(o.name) for o in session.get_outputs() if len(o.shape) == 2 and o.type in _FLOATS]
    for name in (usual, "pooler_output"):
        if name in rows:
            return name
    if len(rows) == 1:
        return rows[0]
    names = ", ".join(o.name for o in session.get_outputs())
    raise ModelError(
        f"{path} gives {names}; which is the embedding is not clear.",
        hint=f"Export it with its projection, as the output {usual}.",
    )


def _rows(
    session: Any, path: Path, output: str, feeds: Mapping[str, NDArray[Any]], what: str
) -> NDArray[np.float32]:
    try:
        (made,) = session.run([output], dict(feeds))
    except runtime_errors() as error:
        said = shortened(" ".join(str(error).split()))
        raise ModelError(f"{path} can't embed {what}: {said}.", hint=_OF_ONE_MODEL) from error
    n = len(next(iter(feeds.values())))
    if made.ndim != 2 or len(made) != n:
        raise ModelError(
            f"{path} gives {list(made.shape)} for {what}.", hint="Export one with a row for each."
        )
    return np.asarray(made, dtype=np.float32)


def _takes(path: Path, given: Sequence[Any], wanted: str) -> ModelError:
    said = ", ".join(f"{one.name} {one.type} {list(one.shape)}" for one in given)
    return ModelError(
        f"{path} takes {said or 'nothing'}, not {wanted}.",
        hint="Export the two encoders apart; see docs/search.md.",
    )


def _tokenizer(files: PairFiles, settings: TokenSettings, length: int) -> Any:
    """Load the tokenizer, so that every text becomes ``length`` tokens."""
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers, which --text-model needs,", "text") from error
    own = read_json(files.tokenizer)
    with damage_said(files.tokenizer, "a tokenizer"):
        try:
            tokenizer = Tokenizer.from_file(str(files.tokenizer))
        except Exception as error:  # the library raises nothing more special
            raise ValueError(str(error)) from error
        pad, number = _pad(tokenizer, settings, own)
        tokenizer.enable_truncation(max_length=length)
        tokenizer.enable_padding(length=length, pad_id=number, pad_token=pad)
    return tokenizer


def _pad(tokenizer: Any, settings: TokenSettings, own: dict[str, Any]) -> tuple[str, int]:
    """Return the token that fills up short texts, and its number."""
    inside = own.get("padding")
    if isinstance(inside, dict) and isinstance(inside.get("pad_id"), int):
        return str(inside.get("pad_token", "")), int(inside["pad_id"])
    for token in (settings.pad, *_PADS):
        if token is not None and (number := tokenizer.token_to_id(token)) is not None:
            return token, int(number)
    return "", 0
