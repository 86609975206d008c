"""What a file is that is called an image and is none that is read, and what helps.

Every remedy is chosen by what the file *is*, by its first bytes and its directory, never by a word
in somebody else's message.
"""

from __future__ import annotations

import re
from typing import Any, Final

from embeddings.errors import ImageError

_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_LINK_AS_TEXT = re.compile(rb"(\.{1,2}/)+[\x20-\x7e]{1,300}\s*\Z")
_CONVERT: Final = "Convert it to JPEG or PNG"
_FRAMES: Final = (
    "Take pictures out of it: `ffmpeg -i FILE -vf fps=1 frame_%05d.jpg`; or name it as the video "
    "that it is, and have videos read: `pip install 'rosette-explorer[video]'`."
)
_REMEDIES: Final = {
    "HEIC": "Install what reads it: `pip install 'rosette-explorer[heic]'`.",
    "MP4 video": _FRAMES,
    "video": _FRAMES,
    "HTML": "A web page was saved in its place: download it again.",
    "ZIP": "Unpack it, and give the folder.",
    "gzip": "Unpack it, and give the folder.",
    "PDF": "Write its pages as pictures: `pdftoppm -png FILE page`.",
    "DICOM": "Write it as PNG: `dcmj2pnm +on FILE file.png`, or with pydicom.",
}
_RAW: Final = "a camera's RAW file: what opens here is its small preview"
_RAW_REMEDY: Final = "Develop it to JPEG, such as with `darktable-cli` or `dcraw -c FILE`."

_SUBFILE_TYPE: Final = 254  # TIFF tags
_DNG_VERSION: Final = 50706
_REDUCED: Final = 1


def refusal(head: bytes, kind: str | None, readable: tuple[str, ...]) -> ImageError:
    """Return the error for a file that begins with ``head`` and is known as ``kind``, if at all."""
    if not head:
        return ImageError("the file is empty (0 bytes)", hint="Copy it again, or remove it.")
    if head.startswith(_POINTER):
        return ImageError(
            "it is a Git LFS pointer, not the picture", hint="Fetch the pictures: `git lfs pull`."
        )
    if _LINK_AS_TEXT.fullmatch(head):
        return ImageError(
            "it is a link written as text, as copies without links have them",
            hint="Download it again into a plain folder: `hf download … --local-dir FOLDER`, or "
            "`git config core.symlinks true` before the checkout.",
        )
    if not head.strip(b"\0"):
        return ImageError(
            "it begins with zeros, as files do that were never wholly copied",
            hint="Copy it again; of a cloud drive, have it kept on this device first.",
        )
    if kind is None:
        return ImageError(
            "it is not an image of any known format", hint="Remove it, or look at it."
        )
    return ImageError(
        f"it is a {kind} file, which is not read",
        hint=_REMEDIES.get(kind, f"{_CONVERT}; what is read: {', '.join(readable)}."),
    )


def refuse_raw(head: bytes, tags: Any) -> None:
    """Refuse a TIFF that is a camera's RAW file, whose first picture is a thumbnail.

    ``tags`` is the first directory, by number (TIFF 6.0, *NewSubfileType*; DNG 1.7, *DNGVersion*).

    Raises
    ------
    ImageError
        It is one.
    """
    canon = head[8:10] == b"CR"
    reduced = tags.get(_SUBFILE_TYPE)
    thumbnail_first = isinstance(reduced, int) and bool(reduced & _REDUCED)
    if canon or thumbnail_first or _DNG_VERSION in tags:
        raise ImageError(f"it is {_RAW}", hint=_RAW_REMEDY)
