"""Random crops of photographs, and what the teacher says of each, on disk in shards."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from embeddings.errors import SourceError
from embeddings.records import Progress
from embeddings.storage import atomic_path, write_text

SHARD_CROPS = 2048
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
SMALLEST_SHARE = 0.25  # of the photo's area in a crop
RATIOS = (3 / 4, 4 / 3)

# teacher(images (n, size, size, 3) uint8) -> features (n, width), probabilities (n, classes)
Teacher = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Crops:
    """Some crops at the student's size, and the teacher's answers.

    ``pixels`` (n, size, size, 3) uint8; ``features`` (n, width) float16; ``probabilities``
    (n, classes) float16.
    """

    pixels: NDArray[np.uint8]
    features: NDArray[np.float16]
    probabilities: NDArray[np.float16]


def photos(sources: Sequence[Path], exclude: Sequence[str] = ()) -> list[Callable[[], bytes]]:
    """List the photos of folders, and of Parquet files with a column ``jpeg``.

    Parameters
    ----------
    exclude
        Names of folders whose photos are left out: what is held out for measuring.

    Returns
    -------
    One function per photo that reads its bytes, in a fixed order.
    """
    import pyarrow.parquet as pq

    readers: list[Callable[[], bytes]] = []
    for source in sources:
        parquet = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
        for file in parquet:
            column = pq.read_table(file, columns=["jpeg"]).column("jpeg").combine_chunks()
            readers += [value.as_py for value in column]
        if source.is_dir():
            readers += [
                p.read_bytes
                for p in sorted(source.rglob("*"))
                if p.suffix.lower() in SUFFIXES and not set(p.parts) & set(exclude)
            ]
    if not readers:
        raise SourceError(
            f"No photos in {', '.join(map(str, sources))}.",
            hint="Give folders of images, or Parquet files with a column 'jpeg' of bytes.",
        )
    return readers


def random_crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut a random part, and now and then take colour or detail away, as wild images do."""
    width, height = image.size
    area = width * height * rng.uniform(SMALLEST_SHARE, 1)
    ratio = float(np.exp(rng.uniform(*np.log(RATIOS))))
    w = min(width, max(8, round((area * ratio) ** 0.5)))
    h = min(height, max(8, round((area / ratio) ** 0.5)))
    left, top = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    crop = image.crop((left, top, left + w, top + h))
    if rng.random() < 0.5:
        crop = ImageOps.mirror(crop)
    if rng.random() < 0.1:
        crop = ImageOps.grayscale(crop).convert("RGB")
    if rng.random() < 0.1:
        crop = ImageOps.posterize(crop, int(rng.integers(2, 5)))
    if rng.random() < 0.15:  # icons: 24 to 64 px, enlarged again
        side = int(rng.integers(24, 65))
        crop = crop.resize((side, side), Image.Resampling.BICUBIC)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        if rng.random() < 0.3:
            crop = enhance(crop).enhance(float(rng.uniform(0.6, 1.4)))
    return crop


def make_crops(
    readers: Sequence[Callable[[], bytes]],
    folder: Path,
    teacher: Teacher,
    *,
    crops_per_photo: int,
    student_size: int,
    teacher_size: int,
    seed: int,
    progress: Progress,
) -> list[Path]:
    """Make every shard that is not there yet; each crop is drawn by its own seed.

    Returns
    -------
    The shards' files. A run that was stopped goes on after the last whole one.

    Raises
    ------
    SourceError
        ``folder`` holds crops that were made otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _same_or_new(
        folder / "made_with.json",
        {
            "photos": len(readers),
            "crops_per_photo": crops_per_photo,
            "student_size": student_size,
            "teacher_size": teacher_size,
            "seed": seed,
        },
    )
    total = len(readers) * crops_per_photo
    order = np.random.default_rng(seed).permutation(total)
    files = []
    for number, start in enumerate(range(0, total, SHARD_CROPS)):
        file = folder / f"crops-{number:05d}.npz"
        files.append(file)
        chosen = order[start : start + SHARD_CROPS]
        if not file.is_file():
            crops = _shard(readers, chosen, teacher, student_size, teacher_size, seed)
            with atomic_path(file) as temporary, temporary.open("wb") as handle:
                np.savez(
                    handle,
                    pixels=crops.pixels,
                    features=crops.features,
                    probabilities=crops.probabilities,
                )
        progress(start + len(chosen), total, "crops")
    return files


def _same_or_new(file: Path, made_with: dict[str, int]) -> None:
    if file.is_file() and json.loads(file.read_text(encoding="utf-8")) != made_with:
        raise SourceError(
            f"{file.parent} holds crops that were made otherwise.",
            hint="Choose another --out, or delete it to start anew.",
        )
    write_text(file, json.dumps(made_with, indent=1))


def _shard(
    readers: Sequence[Callable[[], bytes]],
    chosen: NDArray[np.int64],
    teacher: Teacher,
    student_size: int,
    teacher_size: int,
    seed: int,
) -> Crops:
    small = np.empty((len(chosen), student_size, student_size, 3), np.uint8)
    features, probabilities = [], []
    batch = np.empty((64, teacher_size, teacher_size, 3), np.uint8)
    for start in range(0, len(chosen), len(batch)):
        part = chosen[start : start + len(batch)]
        for place, index in enumerate(part):
            rng = np.random.default_rng((seed, int(index)))
            with Image.open(io.BytesIO(readers[int(index) % len(readers)]())) as image:
                crop = random_crop(image.convert("RGB"), rng)
            small[start + place] = _resized(crop, student_size)
            batch[place] = _resized(crop, teacher_size)
        seen, said = teacher(batch[: len(part)])
        features.append(seen.astype(np.float16))
        probabilities.append(said.astype(np.float16))
    return Crops(small, np.concatenate(features), np.concatenate(probabilities))


def _resized(image: Image.Image, size: int) -> NDArray[np.uint8]:
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC), dtype=np.uint8)


def read_crops(file: Path) -> Crops:
    """Read one shard."""
    with np.load(file, allow_pickle=False) as pack:
        return Crops(pack["pixels"], pack["features"], pack["probabilities"])


def batches(
    files: Sequence[Path], batch_size: int, seed: tuple[int, ...], *, skip: int = 0
) -> Iterator[Crops]:
    """Yield one pass over all shards, shuffled, each crop mirrored half of the time.

    Parameters
    ----------
    seed
        The same seed gives the same batches in the same order.
    skip
        Batches left out at the start; the ones that follow are the same as without.
    """
    for place in np.random.default_rng(seed).permutation(len(files)):
        rng = np.random.default_rng((*seed, int(place)))
        whole = shard_size(files[int(place)]) // batch_size
        if skip >= whole:
            skip -= whole
            continue
        crops = read_crops(files[int(place)])
        order = rng.permutation(len(crops.pixels))
        mirrored = rng.random(len(order)) < 0.5
        for number in range(skip, whole):
            span = slice(number * batch_size, (number + 1) * batch_size)
            rows, turned = order[span], mirrored[span]
            pixels = crops.pixels[rows]
            pixels[turned] = pixels[turned, :, ::-1]
            yield Crops(pixels, crops.features[rows], crops.probabilities[rows])
        skip = 0


def shard_size(file: Path) -> int:
    """Return the number of crops in a shard, from its header alone."""
    with zipfile.ZipFile(file) as pack, pack.open("features.npy") as member:
        np.lib.format.read_magic(member)
        shape, _, _ = np.lib.format.read_array_header_1_0(member)
    return int(shape[0])
