"""Bytes on disk and in remote storage: atomic writes, shards, thumbnails, mapped reads, tables."""

from __future__ import annotations

from embeddings.storage.atomic import (
    LOCK_FILE,
    atomic_path,
    drop_parts,
    lock_folder,
    map_arrow,
    write_arrow,
    write_frame,
    write_text,
)
from embeddings.storage.class_scores import ClassScores, class_scores
from embeddings.storage.csv_text import CsvRows, decoded, read_csv
from embeddings.storage.foreign_paths import UPLOADED, paths_meant
from embeddings.storage.mapped import MappedVectors, beginnings
from embeddings.storage.mounts import network_drive
from embeddings.storage.remote import LARGEST, Fetched, RemoteFile, checked, is_remote, listed
from embeddings.storage.shards import KEY, SHARD_SIZE, EmbeddingStore, ShardRow
from embeddings.storage.spreadsheet import neutralised, restored
from embeddings.storage.thumbnails import ThumbnailIndex, write_thumbnails

__all__ = [
    "KEY",
    "LARGEST",
    "LOCK_FILE",
    "SHARD_SIZE",
    "UPLOADED",
    "ClassScores",
    "CsvRows",
    "EmbeddingStore",
    "Fetched",
    "MappedVectors",
    "RemoteFile",
    "ShardRow",
    "ThumbnailIndex",
    "atomic_path",
    "beginnings",
    "checked",
    "class_scores",
    "decoded",
    "drop_parts",
    "is_remote",
    "listed",
    "lock_folder",
    "map_arrow",
    "network_drive",
    "neutralised",
    "paths_meant",
    "read_csv",
    "restored",
    "write_arrow",
    "write_frame",
    "write_text",
    "write_thumbnails",
]
