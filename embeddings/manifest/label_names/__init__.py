"""Names for labels that are numbers or WordNet ids, from a file beside the data set.

============  ==============================================================
``forms``     a file of names, in any of its forms, to names by id or in order
``choosing``  which file beside a data set gives the names of its labels
``applying``  the items of a source, with names for labels
============  ==============================================================
"""

from __future__ import annotations

from embeddings.manifest.label_names.applying import with_names
from embeddings.manifest.label_names.choosing import names_for

__all__ = ["names_for", "with_names"]
