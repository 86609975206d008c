"""The workspace: the folder that holds everything computed about one data set.

::

    workspace.json               schema, source, model, parameters, the current run
    manifest.parquet             one row per item, as the scan saw it
    embeddings/<model>/*.arrow   shards: what one model said of each content
    thumbnails/*.arrow           packed JPEG thumbnails, by content
    labels/<key>/*.arrow         maps and candidate clusters, some labels a file
    provisional/*.arrow          the same of findings made while images are embedded
    looks/*.parquet              what one look at each thumbnail said
    runs/<run>/*.parquet         items, classes and clusters as found; names of clusters; health;
                                 slices
    predictions.parquet          what your model says of the items, where it was given

Every write goes to a temporary name, is flushed, then renamed; ``workspace.json`` is written last
and is what makes a stage's result current. Nothing holds the time of day, so that a run that was
killed and resumed ends with the same bytes as one that was not.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from embeddings import columns as c
from embeddings.errors import MissingStageError, WorkspaceError
from embeddings.odd_clusters import with_is_odd
from embeddings.records import SeenSoFar
from embeddings.storage import lock_folder, write_frame, write_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from embeddings.health import Health
    from embeddings.images import Pictures
    from embeddings.slices import SliceReport
    from embeddings.storage import EmbeddingStore, ThumbnailIndex

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
INFO_FILE = "workspace.json"
MANIFEST_FILE = "manifest.parquet"
KIND_NAMES_FILE = "kind_names.parquet"  # beside the frames of a run: the clusters that have a name
HASHES_FILE = "hashes.parquet"  # of the last scan, so that a rescan reads only what changed
PROVISIONAL = "provisional"  # parameter of a run: [images seen, of how many]; folder of its parts
GIVEN = "given"  # the model's name where the embeddings came ready-made
FRAMES = ("items", "classes", "clusters", "merges")  # of a run; older ones have no merges
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model whose embeddings are current: enough to say which, and never to mix two."""

    name: str
    fingerprint: str
    width: int
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def model_to_json(model: ModelInfo) -> dict[str, Any]:
    """Return a model's fields, as JSON has them."""
    return {name: getattr(model, name) for name in ModelInfo.__slots__}


def model_from_json(content: dict[str, Any]) -> ModelInfo:
    """Read what :func:`model_to_json` gave."""
    classes = content["classes"]
    return ModelInfo(
        **{
            **content,
            "classes": tuple(classes) if classes is not None else None,
            "notes": tuple(content["notes"]),
        }
    )


@dataclass(frozen=True, slots=True)
class Info:
    """What ``workspace.json`` says."""

    source: str
    root: str
    labelled: bool
    name: str
    scan_notes: tuple[str, ...] = ()
    model: ModelInfo | None = None
    second: ModelInfo | None = None  # of the second look
    text: ModelInfo | None = None  # of the text model: a pair of encoders of images and texts
    text_folder: str = ""  # where that lay when it was last given
    parameters: dict[str, Any] = field(default_factory=dict)
    run_id: str | None = None
    run_notes: tuple[str, ...] = ()
    schema: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """Serialise with sorted keys, so that equal infos are equal bytes."""
        models = {"model": self.model, "second": self.second, "text": self.text}
        content = {k: getattr(self, k) for k in Info.__slots__ if k not in models}
        for name, model in models.items():
            content[name] = model_to_json(model) if model else None
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @staticmethod
    def from_json(text: str) -> Info:
        """Read what :meth:`to_json` wrote."""
        content = json.loads(text)
        for name in ("model", "second", "text"):
            model = content.pop(name, None)  # a workspace of before has no second look nor texts
            if model is not None:
                content[name] = model_from_json(model)
        for key in ("scan_notes", "run_notes"):
            content[key] = tuple(content[key])
        return Info(**content)


class Workspace:
    """One workspace folder. Reading is free for all; writing is done by the pipeline alone.

    Parameters
    ----------
    path
        The folder. Use :meth:`open` or :meth:`create` rather than the constructor.
    info
        What its ``workspace.json`` says.
    """

    def __init__(self, path: Path, info: Info) -> None:
        self.path = path
        self.info = info
        self._thumbnails: ThumbnailIndex | None = None
        self._pictures: Pictures | None = None

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a workspace that exists.

        Raises
        ------
        WorkspaceError
            The folder is not a workspace, its description is damaged, or another schema
            version made it.
        """
        folder = Path(path)
        file = folder / INFO_FILE
        try:
            text = file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise WorkspaceError(
                f"{folder} is not a workspace: it has no {INFO_FILE}.",
                hint=f"Make one with `rosette run SOURCE -w {folder}`.",
            ) from None
        try:
            schema = json.loads(text)["schema"]
        except (json.JSONDecodeError, KeyError, TypeError):
            raise WorkspaceError(
                f"{file} is damaged.",
                hint="Delete that one file and run the same command again: the embeddings stay.",
            ) from None
        if schema != SCHEMA_VERSION:
            raise WorkspaceError(
                f"{folder} was made with workspace schema {schema}, this version reads "
                f"{SCHEMA_VERSION}.",
                hint=f"Make it anew with `rosette run SOURCE -w {folder}-new`.",
            )
        return cls(folder, Info.from_json(text))

    @classmethod
    def create(cls, path: str | Path, info: Info) -> Workspace:
        """Make the folder, or take over one that exists, with this description."""
        workspace = cls(Path(path), info)
        workspace.update()
        return workspace

    @staticmethod
    def exists(path: str | Path) -> bool:
        """Whether there is a workspace at ``path``."""
        return (Path(path) / INFO_FILE).is_file()

    def update(self, **changes: Any) -> None:
        """Change fields of the description, and write it."""
        self.info = replace(self.info, **changes)
        write_text(self.path / INFO_FILE, self.info.to_json())

    @property
    def name(self) -> str:
        """The data set's name: the last part of its source."""
        return self.info.name

    @property
    def run_id(self) -> str:
        """The current run.

        Raises
        ------
        MissingStageError
            Nothing was clustered yet.
        """
        if self.info.run_id is None:
            raise MissingStageError(self.path, "cluster")
        return self.info.run_id

    @property
    def seen(self) -> SeenSoFar | None:
        """What the current run is made of, where it is provisional; else None."""
        told = self.info.parameters.get(PROVISIONAL)
        return SeenSoFar(*told) if told else None

    def notes(self) -> tuple[str, ...]:
        """Everything that was assumed, substituted or left out, one line each."""
        models = (model for model in (self.info.model, self.info.text) if model)
        model_notes = tuple(note for model in models for note in model.notes)
        return tuple(dict.fromkeys(self.info.scan_notes + model_notes + self.info.run_notes))

    def manifest(self) -> pd.DataFrame:
        """Return the manifest, one row per item in the order of their files."""
        import pandas as pd

        file = self.path / MANIFEST_FILE
        if not file.is_file():
            raise MissingStageError(self.path, "scan")
        return pd.read_parquet(file)

    def items(self) -> pd.DataFrame:
        """Return one row per item of the manifest, unreadable ones included."""
        return self._frame("items")

    def classes(self) -> pd.DataFrame:
        """Return one row per label, ranked by split score, best first."""
        return self._frame("classes")

    def clusters(self) -> pd.DataFrame:
        """Return one row per cluster of each label; ``is_odd`` says which do not belong."""
        return with_is_odd(self._with_kind_names(self._frame("clusters")))

    def _with_kind_names(self, clusters: pd.DataFrame) -> pd.DataFrame:
        """Return the clusters with the columns of their names, empty where there is none."""
        import pandas as pd

        file = self.run_folder / KIND_NAMES_FILE
        columns = [c.LABEL, c.CLUSTER, *c.KIND_COLUMNS]  # some are younger than some runs
        named = pd.read_parquet(file) if file.is_file() else pd.DataFrame(columns=columns)
        named = named.reindex(columns=columns)
        by_part = {(row[0], int(row[1])): row[2:] for row in named.itertuples(index=False)}
        parts = zip(clusters[c.LABEL].astype(str), clusters[c.CLUSTER], strict=True)
        rows = [by_part.get((label, int(k)), (None, "", 0, 0, 0.0, "")) for label, k in parts]
        filled = {
            name: pd.Series([row[place] for row in rows], clusters.index, dtype=dtype)
            for place, (name, dtype) in enumerate(c.KIND_COLUMNS.items())
        }
        return clusters.assign(**filled)

    def merges(self) -> pd.DataFrame:
        """Return one row per pair of labels that are perhaps one kind, likeliest first.

        Empty for a run of before these were looked for.
        """
        import pandas as pd

        if not (self.run_folder / "merges.parquet").is_file():
            return pd.DataFrame(columns=list(c.MERGE_COLUMNS))
        return self._frame("merges")

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_parquet(self.run_folder / f"{name}.parquet")

    @property
    def run_folder(self) -> Path:
        """Where the frames of the current run lie.

        Raises
        ------
        MissingStageError
            Nothing was clustered yet.
        """
        return self.path / "runs" / self.run_id

    def health(self) -> Health | None:
        """Return what is odd about the files and pictures; None where nobody looked yet."""
        from embeddings.health import read_health

        return read_health(self.run_folder)

    def slices(self) -> SliceReport | None:
        """Return where a model fails; None where there are no predictions of one."""
        from embeddings.slices import read_slices

        return read_slices(self.run_folder)

    def write_run(self, run_id: str, frames: dict[str, pd.DataFrame], **changes: Any) -> None:
        """Write the frames of a run, make it current, and drop the runs before it."""
        folder = self.path / "runs" / run_id
        for file in folder.glob("*.*"):  # of a run of that id before: names, health, slices
            if file.stem not in FRAMES and file.is_file():
                file.unlink()
        for name in FRAMES:
            if name in frames:
                write_frame(folder / f"{name}.parquet", frames[name])
        self.update(run_id=run_id, **changes)
        told = {"run": run_id, "items": len(frames["items"]), "labels": len(frames["classes"])}
        log.info("run.made", extra={"fields": told})
        for other in (self.path / "runs").iterdir():
            if other.name != run_id:
                shutil.rmtree(other)

    def store(self, fingerprint: str) -> EmbeddingStore:
        """Return the embeddings that one model made."""
        from embeddings.storage import EmbeddingStore

        return EmbeddingStore(self.path / "embeddings" / folder_of_model(fingerprint))

    def keys(self, frame: pd.DataFrame) -> list[str]:
        """Return each item's key in the store: its content, or its file for ready-made ones."""
        return [str(k) for k in frame[self.key_column].fillna("")]

    @property
    def key_column(self) -> str:
        """The column of the items that is their key in the store."""
        given = self.info.model is not None and self.info.model.name == GIVEN
        return c.FILE if given else c.SHA256

    def embeddings(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Return (n, width) float32 in the order of ``frame``; NaN rows where there is none.

        Raises
        ------
        MissingStageError
            Nothing was embedded yet.
        """
        model = self.info.model
        if model is None:
            raise MissingStageError(self.path, "embed")
        return self.store(model.fingerprint).matrix(self.keys(frame), model.width)

    @property
    def pictures(self) -> Pictures:
        """The data set's files, held against what the run saw."""
        from embeddings.images import Pictures

        if self._pictures is None or self._pictures.root != self.info.root:
            self._pictures = Pictures(self.info.root, self.path / HASHES_FILE)
        return self._pictures

    def image_path(self, file: str) -> Path | None:
        """Where the image of an item lies, or None when it is not under the root any more."""
        return self.pictures.path(file)

    def data_folder_problem(self) -> str:
        """Say what is wrong with the data folder, in one line with the remedy; "" where it is here.

        Findings, thumbnails and decisions do not need it; the pictures themselves do.
        """
        frame = self.items() if self.info.run_id else self.manifest()
        if c.BYTES in frame:  # items of which only an embedding was given have none
            with_picture = frame[frame[c.BYTES].fillna(0) > 0]
        else:
            with_picture = frame[frame[c.SHA256].fillna("") != ""]
        if self.pictures.is_here([str(file) for file in with_picture[c.FILE]]):
            return ""
        return missing_folder(self.info.root, self.path)

    def thumbnail(self, sha256: str) -> bytes | None:
        """Return the JPEG thumbnail of a content, or None where there is none."""
        from embeddings.storage import ThumbnailIndex

        if self._thumbnails is None:
            self._thumbnails = ThumbnailIndex(self.path / "thumbnails")
        return self._thumbnails.get(sha256)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace for writing; the operating system lets go when a process dies.

        Raises
        ------
        WorkspaceError
            Another process holds it.
        """
        with lock_folder(self.path):
            yield


def folder_of_model(fingerprint: str) -> str:
    """Return the name of the folder in which one model's embeddings lie, 16 hex digits.

    A SHA-256 in hex, which our own models have, is cut; of any other text, which an extractor of
    yours may choose, the SHA-256 is taken: two that begin alike never share a folder.
    """
    if not _SHA256.fullmatch(fingerprint):
        fingerprint = hashlib.sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
    return fingerprint[:16]


def missing_folder(root: str, workspace: Path) -> str:
    """Say that the folder of the images is not there, and what to do."""
    return (
        f"The images are not in {root}: the folder was moved, or its disk is not mounted. "
        f"Mount it, or say where they are now: `rosette relocate {workspace} NEW_ROOT`."
    )


def status_counts(manifest: pd.DataFrame) -> dict[str, int]:
    """Count the items by status."""
    counts = manifest[c.STATUS].value_counts()
    return {status: int(counts.get(status, 0)) for status in c.STATUSES}
