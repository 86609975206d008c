"""Videos as a source: a picture a second of each is an item.

==========  ==============================================================
``items``   the pictures of videos, written below the workspace, as items
==========  ==============================================================
"""

from __future__ import annotations

from embeddings.manifest.videos.items import items_of_videos

__all__ = ["items_of_videos"]
