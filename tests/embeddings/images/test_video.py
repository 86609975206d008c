"""Pictures out of videos: one a second, upright, and a reason where there are none."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from embeddings.errors import ImageError, MissingExtraError
from embeddings.images import frames_of, is_video, videos_are_read
from tests.embeddings.videos import film, shade_of

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("av") is None, reason="the extra video is not installed"
)


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content))).astype(int)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".avi", ".mkv"])
def test_one_picture_a_second(tmp_path: Path, suffix: str) -> None:
    found = list(frames_of(film(tmp_path / f"a{suffix}", 3.4)))
    assert [second for second, _ in found] == [0, 1, 2, 3]
    for second, content in found:
        assert pixels(content).shape == (48, 64, 3)
        assert abs(pixels(content).mean() - shade_of(second)) < 4


def test_a_short_video_has_one_picture(tmp_path: Path) -> None:
    assert len(list(frames_of(film(tmp_path / "a.mp4", 0.2)))) == 1


def test_fewer_frames_than_seconds_are_not_repeated(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts = 4 * number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert [second for second, _ in frames_of(tmp_path / "a.mkv")] == [0, 4, 8]


@pytest.mark.parametrize(("matrix", "side"), [((0, 1, -1, 0), "right"), ((0, -1, 1, 0), "left")])
def test_a_video_of_a_phone_stands_upright(
    tmp_path: Path, matrix: tuple[int, int, int, int], side: str
) -> None:
    """Phones write how they were held into the matrix of the track (ISO 14496-12, ``tkhd``)."""
    drawn = np.full((48, 64, 3), 20, np.uint8)
    drawn[:24] = 220  # the upper half is light
    film(tmp_path / "a.mp4", 1, frame=lambda second: drawn)

    def packed(a: int, b: int, c: int, d: int) -> bytes:
        rows = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
        return b"".join(value.to_bytes(4, "big", signed=True) for value in rows)

    content = (tmp_path / "a.mp4").read_bytes()
    at = content.index(packed(1, 0, 0, 1), content.index(b"tkhd"))
    turned = content[:at] + packed(*matrix) + content[at + 36 :]
    (tmp_path / "b.mp4").write_bytes(turned)
    ((_, picture),) = frames_of(tmp_path / "b.mp4")
    seen = pixels(picture)
    assert seen.shape == (64, 48, 3)
    light = seen[:, 24:] if side == "right" else seen[:, :24]
    assert light.mean() > 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a video at all" * 20,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile a.mp4\n",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    ],
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    """Playlists too: FFmpeg follows them to any other file."""
    film(tmp_path / "a.mp4", 1)
    (tmp_path / "b.mp4").write_bytes(content)
    with pytest.raises(ImageError) as told:
        list(frames_of(tmp_path / "b.mp4"))
    assert "\n" not in told.value.message
    assert "ffmpeg" in told.value.hint
    with pytest.raises(ImageError):
        list(frames_of(tmp_path / "gone.mp4"))


def test_the_remedy_of_a_broken_video_helps(tmp_path: Path) -> None:
    """A video written anew is read: what ``ffmpeg -i FILE NEW.mp4`` does, done through PyAV."""
    whole = film(tmp_path / "a.avi", 3).read_bytes()
    (tmp_path / "b.avi").write_bytes(whole[:300])
    with pytest.raises(ImageError):
        list(frames_of(tmp_path / "b.avi"))
    (tmp_path / "b.avi").write_bytes(whole)
    assert len(list(frames_of(tmp_path / "b.avi"))) == 3


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ImageError, match="only sound"):
        list(frames_of(tmp_path / "a.mkv"))


def test_more_pixels_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.images.video.MAX_PIXELS", 1000)
    with pytest.raises(ImageError, match="64 x 48 pixels"):
        list(frames_of(film(tmp_path / "a.mp4", 1)))


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(cut=st.floats(0, 1), noise=st.binary(max_size=40), at=st.floats(0, 1))
def test_a_damaged_video_gives_pictures_or_a_reason(
    tmp_path: Path, cut: float, noise: bytes, at: float
) -> None:
    if not (tmp_path / "a.avi").exists():
        film(tmp_path / "a.avi", 2)
    content = bytearray((tmp_path / "a.avi").read_bytes())
    where = int(at * len(content))
    content[where : where + len(noise)] = noise
    (tmp_path / "b.avi").write_bytes(content[: int(cut * len(content))])
    seconds: list[int] = []
    with contextlib.suppress(ImageError):
        for second, picture in frames_of(tmp_path / "b.avi"):
            seconds.append(second)
            assert pixels(picture).size
    assert seconds == sorted(set(seconds))


def test_names_of_videos() -> None:
    assert all(map(is_video, ("a.mp4", "b/C.MOV", "x.webm")))
    assert not any(map(is_video, ("a.jpg", "mp4", "a.mp3")))


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert videos_are_read()
    film(tmp_path / "a.mp4", 1)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError) as told:
        list(frames_of(tmp_path / "a.mp4"))
    assert "rosette-explorer[video]" in told.value.hint
