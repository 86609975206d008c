"""Pictures drawn for tests, no two alike, and a data set in which faults are planted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from embeddings import columns as c
from embeddings import manifest
from embeddings.health.looking import measure_all
from embeddings.images import prepare
from embeddings.storage import write_thumbnails

SIDE = (240, 180)
EACH = 30


def picture(rng: np.random.Generator, size: tuple[int, int] = SIDE) -> Image.Image:
    """Draw a dozen shapes on a coloured gradient, with some grain."""
    width, height = size
    corner = rng.uniform(40, 215, (2, 2, 3)).astype(np.uint8)
    image = Image.fromarray(corner).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        a, b = rng.uniform(8, 60, 2)
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        shape((x - a, y - b, x + a, y + b), fill=colour)
    grain = rng.normal(0, 6, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def cut(image: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    width, height = round(image.width * share), round(image.height * share)
    left = int(rng.integers(0, image.width - width + 1))
    top = int(rng.integers(0, image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


@dataclass
class Planted:
    """A data set on disk, and which of its files have which fault."""

    root: Path
    faults: dict[str, set[str]] = field(default_factory=dict)

    def add(self, file: str, image: Image.Image, fault: str = "", **options: object) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **options)
        self.note(file, fault)

    def note(self, file: str, fault: str) -> None:
        if fault:
            self.faults.setdefault(fault, set()).add(file)

    def items(self) -> pd.DataFrame:
        frame = pd.DataFrame(manifest.scan(self.root).rows)
        return frame.assign(**{c.GREY: False})


def looked_at(items: pd.DataFrame, root: Path, folder: Path) -> pd.DataFrame:
    """Make thumbnails as a run does, and measure them; ``grey`` is filled in."""
    readable = items[items[c.STATUS] == c.OK].drop_duplicates(c.SHA256)
    made = {str(k): prepare(root / f, 32) for k, f in
            zip(readable[c.SHA256], readable[c.FILE], strict=True)}  # fmt: skip
    keys = list(made)
    for number, start in enumerate(range(0, len(keys), 256)):
        part = keys[start : start + 256]
        write_thumbnails(
            folder / "thumbnails" / f"{number:03d}.arrow", part, [made[k].thumbnail for k in part]
        )
    items[c.GREY] = [k in made and made[k].grey for k in items[c.SHA256]]
    return measure_all(folder / "thumbnails", folder / "looks")


def planted(root: Path, seed: int = 0) -> Planted:
    """Write ten labels with thirty sound pictures each, and thirty of every fault."""
    rng = np.random.default_rng(seed)
    data = Planted(root)
    labels = [f"label {n}" for n in range(10)]
    sound: list[tuple[str, Image.Image]] = []

    def label(number: int) -> str:
        return labels[number % len(labels)]

    for n in range(300):
        file = f"{label(n)}/{n:04d}.jpg"
        image = picture(rng)
        sound.append((file, image))
        data.add(file, image, quality=90)
    for n in range(EACH):
        at = f"{label(n)}/{n:02d}"
        data.add(f"{at} png.jpg", picture(rng), "wrong name", format="PNG")
        data.add(f"{at} tiny.jpg", picture(rng).resize((24, 18)), "tiny", quality=90)
        data.add(f"{at} dark.jpg", ImageEnhance.Brightness(picture(rng)).enhance(0.15), "dark")
        data.add(f"{at} blank.jpg", blank(rng), "blank")
        data.add(f"{at} soft.jpg", picture(rng).filter(ImageFilter.GaussianBlur(4)), "blurred")
        data.add(f"{at} pale.jpg", pale(picture(rng)), "bright")
        data.add(f"{at} grey.jpg", picture(rng).convert("L"), "grey")
        data.add(f"{at} flat.jpg", picture(rng, (480, 90)), "odd shape")
        broken = root / f"{at} broken.jpg"
        broken.write_bytes((root / sound[n][0]).read_bytes()[:40])
        data.note(f"{at} broken.jpg", "unreadable")
        file, _ = sound[n]  # the same bytes under the next label
        copy = f"{label(n + 1)}/{n:02d} copy.jpg"
        (root / copy).write_bytes((root / file).read_bytes())
        data.note(file, "same")
        data.note(copy, "same")
        file, image = sound[100 + n]
        copy = f"{label(100 + n + 1)}/{n:02d} near.jpg"
        data.add(copy, changed(image, n, rng), "near", quality=70)
        data.note(file, "near")
    return data


def blank(rng: np.random.Generator) -> Image.Image:
    colour = rng.integers(0, 256, 3)
    grain = rng.integers(-2, 3, (SIDE[1], SIDE[0], 3))
    return Image.fromarray(np.clip(colour + grain, 0, 255).astype(np.uint8))


def pale(image: Image.Image) -> Image.Image:
    return Image.fromarray((255 - (255 - np.asarray(image)) * 0.12).astype(np.uint8))


def changed(image: Image.Image, how: int, rng: np.random.Generator) -> Image.Image:
    """Change a picture as people do: size, cut, light, colour."""
    match how % 6:
        case 0:
            return image.resize((168, 126))
        case 1:
            return cut(image, 0.94, rng)
        case 2:
            return cut(image, 0.85, rng)
        case 3:
            return ImageEnhance.Brightness(image).enhance(1.2)
        case 4:
            return ImageEnhance.Color(image).enhance(0.3)
        case _:
            return ImageEnhance.Contrast(image).enhance(0.7)
