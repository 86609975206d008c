"""Parts that pages share: frame, addresses, themes, meters, thumbnails, dialogs."""

from __future__ import annotations

from explorer.components.asset_files import assets_folder
from explorer.components.choice import choice
from explorer.components.decide_bar import decide_bar
from explorer.components.frame import folder_note, frame
from explorer.components.links import Place, asked_in, at, label_in, label_link, read_place
from explorer.components.parts import (
    VERDICTS,
    colour_class,
    icon,
    meter,
    small_map,
    thumbnail,
    verdict,
    wrapping,
)
from explorer.components.states import empty, not_found
from explorer.components.theme import palette_of, palette_of_request

__all__ = [
    "VERDICTS",
    "Place",
    "asked_in",
    "assets_folder",
    "at",
    "choice",
    "colour_class",
    "decide_bar",
    "empty",
    "folder_note",
    "frame",
    "icon",
    "label_in",
    "label_link",
    "meter",
    "not_found",
    "palette_of",
    "palette_of_request",
    "read_place",
    "small_map",
    "thumbnail",
    "verdict",
    "wrapping",
]
