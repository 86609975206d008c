"""Pictures out of videos, one a second, through PyAV (the extra ``video``)."""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from embeddings.errors import ImageError, MissingExtraError
from embeddings.images.files import MAX_PIXELS, one_line

VIDEO_SUFFIXES: Final = (
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv",
)  # fmt: skip
# Playlists and lists of files, which FFmpeg reads too, could lead to any file of this machine.
_CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf"
_QUALITY: Final = 95
_REMEDY: Final = "Copy it again, or write it anew: `ffmpeg -i FILE NEW.mp4`."


def is_video(name: str) -> bool:
    """Whether a name is that of a video."""
    return name.lower().endswith(VIDEO_SUFFIXES)


def videos_are_read() -> bool:
    """Whether what reads videos is installed."""
    return importlib.util.find_spec("av") is not None


def frames_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the first picture of each second of a video, as it is meant to be seen.

    One frame is held at a time. Of a video that is broken further on, what comes before is yielded
    before the error is raised.

    Yields
    ------
    second, content
        The second that the picture begins or lies in, from 0, and the picture as JPEG bytes.

    Raises
    ------
    ImageError
        It can't be read, or not on from here.
    MissingExtraError
        PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("PyAV, which reads videos,", "video") from error
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    try:
        with av.open(str(path), options=options) as container:
            if not container.streams.video:
                raise ImageError("there is no video in it, only sound", hint="Leave it out.")
            stream = container.streams.video[0]
            _let_in(stream.codec_context.width, stream.codec_context.height)
            stream.thread_type = "AUTO"
            yield from _one_a_second(container.decode(stream))
    except (av.error.FFmpegError, OSError, ValueError, LookupError, MemoryError) as error:
        what = getattr(error, "strerror", None) or one_line(error)
        raise ImageError(f"the video can't be read: {what}", hint=_REMEDY) from error


def _one_a_second(frames: Iterator[Any]) -> Iterator[tuple[int, bytes]]:
    start, due = None, 0
    for number, frame in enumerate(frames):
        time = float(number) if frame.time is None else frame.time
        start = time if start is None else start
        second = math.floor(time - start + 1e-6)
        if second >= due:
            due = second + 1
            yield second, _jpeg(frame)


def _jpeg(frame: Any) -> bytes:
    _let_in(frame.width, frame.height)
    picture = frame.to_image()
    if frame.rotation:
        picture = picture.rotate(frame.rotation, expand=True)  # counter-clockwise, as both have it
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _let_in(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"its pictures have {width} x {height} pixels, more than are read", hint=_REMEDY
        )
