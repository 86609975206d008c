"""Looking at thumbnails: once each, in a stream that can be stopped."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

from embeddings.health import looking
from embeddings.health.looking import MEASURED, measure_all
from embeddings.health.measures import PATCH, measure
from embeddings.storage import write_thumbnails
from tests.embeddings.health.pictures import picture


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def pack(folder: Path, number: int, count: int = 3) -> list[str]:
    rng = np.random.default_rng(number)
    keys = [f"{number:032x}{n:032x}" for n in range(count)]
    made = [jpeg(picture(rng, (80, 60))) for _ in keys]
    write_thumbnails(folder / f"{number}.arrow", keys, made)
    return keys


def test_a_stopped_run_goes_on_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [key for number in range(3) for key in pack(tmp_path / "thumbs", number)]
    whole = measure_all(tmp_path / "thumbs", tmp_path / "one")
    assert list(whole["sha256"]) == keys
    calls = 0

    def stopping(thumbnail: bytes) -> object:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise KeyboardInterrupt
        return measure(thumbnail)

    monkeypatch.setattr(looking, "measure", stopping)
    with pytest.raises(KeyboardInterrupt):
        measure_all(tmp_path / "thumbs", tmp_path / "two", threads=1)
    assert len(list((tmp_path / "two").glob("*.parquet"))) == 1
    calls = -100
    again = measure_all(tmp_path / "thumbs", tmp_path / "two", threads=1)
    assert calls == -100 + 6, "what was measured is not measured again"
    pd.testing.assert_frame_equal(whole, again)
    names = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert names == sorted(p.name for p in (tmp_path / "two").iterdir())
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_thumbnails_are_no_measures(tmp_path: Path) -> None:
    frame = measure_all(tmp_path / "none", tmp_path / "looks")
    assert frame.empty
    assert list(frame.columns) == ["sha256", *MEASURED]


def test_light_is_measured_from_black_to_white() -> None:
    white, black = (measure(jpeg(Image.new("RGB", (40, 30), v))) for v in ("white", "black"))
    assert white.dark == pytest.approx(1)
    assert black.light == pytest.approx(0)
    assert white.spread == black.spread == 0
    assert np.isnan(white.sharpness)
    assert len(white.patch) == PATCH * PATCH


def test_colours_of_one_brightness_are_no_blank() -> None:
    image = Image.new("RGB", (40, 30), (0, 150, 0))
    image.paste((255, 20, 0), (0, 0, 20, 30))
    assert measure(jpeg(image)).spread > 0.2


def test_the_softer_the_less_sharp() -> None:
    image = picture(np.random.default_rng(0), (160, 120))
    sharp = [measure(jpeg(image.filter(ImageFilter.GaussianBlur(r)))).sharpness for r in range(4)]
    assert sharp == sorted(sharp, reverse=True)


def test_one_edge_makes_a_drawing_sharp() -> None:
    image = Image.new("L", (160, 120), 255)
    image.paste(0, (0, 0, 80, 60))
    assert measure(jpeg(image)).sharpness > 0.6


@pytest.mark.parametrize("size", [(1, 1), (1, 160), (5, 4), (160, 2)])
def test_very_small_pictures_are_measured(size: tuple[int, int]) -> None:
    found = measure(jpeg(Image.new("RGB", size, (9, 99, 199))))
    assert 0 <= found.brightness <= 1
