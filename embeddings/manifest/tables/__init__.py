"""Tables: read in any of their forms, their columns told apart, their files found.

===============  =================================================================
``read``         a file to columns
``packed``       .gz, .bz2, .xz and .zst around a text table
``headers``      lists and tables without a header
``json_tables``  the forms of JSON that are tables
``roles``        which column is what
``cells``        what a cell says, and how many labels are in it
``vectors``      columns of embeddings
``pictures``     pictures inside a table
``nearly``       files by names that are nearly theirs
``items``        all of it: the items
===============  =================================================================
"""

from __future__ import annotations

from embeddings.manifest.tables.cells import (
    labels_of_cells,
    refuse_mostly_several,
    several_notes,
    text,
)
from embeddings.manifest.tables.headers import LIST_SUFFIXES, is_picture
from embeddings.manifest.tables.items import found_again, place, table_items, table_labels
from embeddings.manifest.tables.nearly import NearlyNamed
from embeddings.manifest.tables.pictures import picture_column
from embeddings.manifest.tables.read import Table, read_table, table_suffix
from embeddings.manifest.tables.roles import KNOWN_NAMES, LABEL_NAMES, file_column, label_columns
from embeddings.manifest.tables.vectors import (
    matrix_of,
    table_vectors,
    vector_columns,
    vector_notes,
)

__all__ = [
    "KNOWN_NAMES",
    "LABEL_NAMES",
    "LIST_SUFFIXES",
    "NearlyNamed",
    "Table",
    "file_column",
    "found_again",
    "is_picture",
    "label_columns",
    "labels_of_cells",
    "matrix_of",
    "picture_column",
    "place",
    "read_table",
    "refuse_mostly_several",
    "several_notes",
    "table_items",
    "table_labels",
    "table_suffix",
    "table_vectors",
    "text",
    "vector_columns",
    "vector_notes",
]
