"""Frozen records that travel between the stages. Arrays inside are read-only by convention."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.display import equal_records, items_frame, labels_frame, split_table

if TYPE_CHECKING:
    import pandas as pd

Layout = Literal["built-in", "umap-learn"]  # what draws the maps
Verdict = Literal["two kinds", "perhaps two", "one kind"]
# A score or suspicion is a probability: from here on a thing is more likely so than not.
MORE_LIKELY_THAN_NOT: Final = 0.5

# progress(done, total, what): called from the thread that runs the stage
Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, what: str) -> None:
    """Tell nobody."""


# tell(line): called with a line for the user while a stage runs
Tell = Callable[[str], None]


def tell_nobody(line: str) -> None:
    """Keep a line to ourselves."""


Task = TypeVar("Task")
Result = TypeVar("Result")


class Mapper(Protocol):
    """Applies a function to tasks, yielding results in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterable[Result]: ...


def in_turn(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Do the tasks one after the other in this process: the simplest ``Mapper``."""
    return map(function, tasks)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One image, ready for a model and for the eye, from one decode.

    ``pixels`` is (size, size, 3) uint8 RGB; ``thumbnail`` is a JPEG of the whole picture.
    ``width`` and ``height`` are those of the file after orientation, in px, before any
    reduction; ``grey`` is True where it holds no colour.
    """

    pixels: NDArray[np.uint8]
    thumbnail: bytes
    width: int
    height: int
    format: str
    grey: bool


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one image came to: an embedding, or the ``reason`` why not.

    ``embedding`` is (width,) float32 or None; ``classes`` are the indices of the model's likeliest
    classes, best first, with their ``probabilities``, both empty where the model has no head.
    """

    key: str
    embedding: NDArray[np.float32] | None
    thumbnail: bytes | None = None
    width: int = 0
    height: int = 0
    format: str = ""
    grey: bool = False
    classes: tuple[int, ...] = ()
    probabilities: tuple[float, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a model says of some images.

    ``embeddings`` is (n, width) float32, one row per image in the order given;
    ``probabilities`` is (n, n_classes) float32, rows summing to 1, or None.

    Examples
    --------
    >>> Batch(np.zeros((2, 3), np.float32), None).embeddings.shape
    (2, 3)
    """

    embeddings: NDArray[np.float32]
    probabilities: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How an extractor is best fed: images a batch, and how many batches at once (``lanes``)."""

    batch_size: int = 32
    lanes: int = 1


class Extractor(Protocol):
    """A loaded model, ready to embed: what ``run(model=…)`` takes, of your own making too.

    Any object with these attributes and this method is one; of a plain function,
    ``embeddings.from_function`` makes one. One that may be called from several threads at once
    says so by an attribute ``pace``, a ``Pace``; others get one batch at a time.

    Examples
    --------
    >>> class MeanColour:
    ...     name, fingerprint = "mean colour", "mean-colour-1"
    ...     input_size, width = 32, 3
    ...     classes: tuple[str, ...] | None = None
    ...     notes: tuple[str, ...] = ()
    ...
    ...     def extract(self, images):
    ...         return Batch(images.mean(axis=(1, 2), dtype=np.float32), None)
    >>> MeanColour().extract(np.zeros((2, 32, 32, 3), np.uint8)).embeddings.shape
    (2, 3)
    """

    name: str
    fingerprint: str  # any text; same weights, layer and preprocessing give the same
    input_size: int  # px, square
    width: int  # of an embedding
    classes: tuple[str, ...] | None
    notes: tuple[str, ...]  # what was assumed or substituted, one line each, for log and report

    def extract(self, images: NDArray[np.uint8]) -> Batch:
        """Embed ``images``, (n, input_size, input_size, 3) uint8 RGB."""
        ...


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model embeds, and how its file is read; what is None is found out.

    Parameters
    ----------
    model
        A name of the table of models, or the path of a classifier.
    layer
        The layer or tensor to read.
    preprocess
        The scaling of the pixels.
    precision
        What the model computes in: fp32; bf16 or fp16 where the machine has it.
    trust
        Run the Python code, and the operations on files, that a model's file carries. They can do
        whatever you can: only for a file whose maker you trust.

    Examples
    --------
    >>> ModelSpec("classifier.keras", layer="avg_pool").precision
    'fp32'
    """

    model: str = "embedded"
    layer: str | None = None
    preprocess: str | None = None
    precision: str = "fp32"
    trust: bool = False


@dataclass(frozen=True, slots=True)
class LabelMap:
    """A 2-d map: ``xy`` is (n, 2) float32, row order as given; ``method`` says how it was made."""

    xy: NDArray[np.float32]
    method: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ways to cut one label: each partition is (n,) int32, -1 is noise; ``names`` says whence."""

    partitions: tuple[NDArray[np.int32], ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterFinding:
    """One cluster of one label, and what there is to say of it.

    ``suspicion`` in [0, 1]: how likely the cluster is not what its label says. ``suggested_label``
    is None where no other label of the data set is what it looks like. ``is_odd``: of the clusters
    of its label, this is one that does not belong; it can be cluster 0, the largest.

    Examples
    --------
    >>> from embeddings import find_splits
    >>> X = np.repeat(np.eye(4, 16), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (80, 16))
    >>> report = find_splits(X, np.repeat(["cat", "cat", "dog", "owl"], 20))
    >>> [cluster.size for cluster in report.labels[0].clusters]
    [20, 20]
    """

    label: str
    cluster: int
    size: int
    suspicion: float
    is_odd: bool
    suggested_label: str | None
    suggested_probability: float
    nearest_label: str | None
    nearest_similarity: float
    outside_share: float  # of outside-nearest neighbours that are under other labels
    gap: float
    stability: float


@dataclass(frozen=True, slots=True)
class LabelFinding:
    """One label: is it really two things, how surely, and why (``evidence``, in plain words).

    Examples
    --------
    >>> from embeddings import find_splits
    >>> X = np.repeat(np.eye(4, 16), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (80, 16))
    >>> report = find_splits(X, np.repeat(["cat", "cat", "dog", "owl"], 20))
    >>> [(finding.label, finding.verdict) for finding in report.labels if finding.is_split]
    [('cat', 'two kinds')]
    """

    label: str
    size: int
    n_clusters: int
    split_score: float
    is_split: bool
    verdict: Verdict
    style: str  # in words, where a style was found; "" otherwise
    style_group: int  # labels with the same style share a number; -1 for none
    n_strays: int
    reason: str  # "" | "two styles" | "near copies" | "too few items" | "all alike" …
    evidence: str
    clusters: tuple[ClusterFinding, ...]
    # of a second look: how likely by the model's own embeddings, and by the others; what only one
    # of the two sees, in words
    own_score: float = float("nan")
    second_score: float = float("nan")
    second_look: str = ""


@dataclass(frozen=True, slots=True)
class MergeFinding:
    """Two labels that are perhaps one kind.

    ``score`` in [0, 1] is how likely they are; ``affinity`` is the cosine of their true centres,
    ``mixing`` about 1 where their items can't be told apart and 0 where they keep apart;
    ``size_a`` and ``size_b`` count the items that were compared, the larger label first.
    """

    label_a: str
    label_b: str
    score: float
    size_a: int
    size_b: int
    affinity: float
    mixing: float
    evidence: str


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What was found over a data set, rows in the order of the embeddings given.

    ``cluster`` (n,) int32, -1 for strays; ``cluster_probability``, ``typicality`` (n,) float32 in
    [0, 1]. ``suspicion`` (n,) float32 and ``suggested_label`` (n,) object speak of the item itself,
    ``cluster_suspicion`` and ``cluster_suggested_label`` of its cluster; a label is None where
    there is none. ``stray`` (n,) bool marks single items under a wrong label. ``labels`` is ranked
    by ``split_score``, best first; ``merges`` are pairs of labels that are perhaps one kind.
    ``near`` (n, k) intp are the nearest items of other content in the space that the labels were
    judged in, nearest first, -1 for none. ``check`` is the cross-check that the strays come from.
    ``index`` is that of the pandas object that was given, None where there was none.

    Examples
    --------
    >>> from embeddings import find_splits
    >>> X = np.repeat(np.eye(4, 16), 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (80, 16))
    >>> report = find_splits(X, np.repeat(["cat", "cat", "dog", "owl"], 20))
    >>> report.frame()["label"].iloc[0], report.items()["cluster"].sum()
    ('cat', np.int64(20))
    >>> report.at(range(100, 180)).items().index[0]
    100
    """

    labels: tuple[LabelFinding, ...]
    cluster: NDArray[np.int32]
    cluster_probability: NDArray[np.float32]
    typicality: NDArray[np.float32]
    suspicion: NDArray[np.float32]
    suggested_label: NDArray[np.object_]
    cluster_suspicion: NDArray[np.float32]
    cluster_suggested_label: NDArray[np.object_]
    stray: NDArray[np.bool_]
    merges: tuple[MergeFinding, ...] = ()
    notes: tuple[str, ...] = ()
    near: NDArray[np.intp] | None = None
    check: Any = field(default=None, repr=False, compare=False)
    index: Any = None

    __eq__ = equal_records

    def __repr__(self) -> str:
        return split_table(self).text()

    def _repr_html_(self) -> str:
        return split_table(self).html()

    def frame(self) -> pd.DataFrame:
        """Return one row per label, ranked by score, with the columns of ``ws.classes()``."""
        return labels_frame(self)

    def items(self) -> pd.DataFrame:
        """Return one row per item in the order given, with the columns of ``ws.items()``.

        Its index is that of the labels or embeddings where these were a pandas object, so that
        ``frame.join(report.items())`` puts the findings beside what they are about.
        """
        return items_frame(self)

    def at(self, index: Any) -> SplitReport:
        """Return the same report, its items under an ``index`` of pandas."""
        return replace(self, index=index)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found: ``rows`` maps a column name to one sequence with an entry per item.

    ``root`` is the folder that ``file`` is relative to. ``embeddings`` is (n, width) float32 in
    the order of the rows where the source brought its own, else None; an item without a usable
    embedding has a row of NaN. ``mtime_ns`` has an entry per item, 0 without a file.
    ``understood`` are lines that say how the source was read. ``remedy`` is what to do about the
    first item that can't be read, "" where all can.
    """

    root: str
    rows: dict[str, Sequence[Any]]
    labelled: bool
    notes: tuple[str, ...] = field(default=())
    embeddings: NDArray[np.float32] | None = None
    mtime_ns: tuple[int, ...] = ()
    understood: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SeenSoFar:
    """How many of all images (contents) a provisional run is made of."""

    done: int
    of: int

    @property
    def note(self) -> str:
        """Say it in a line."""
        return (
            f"Provisional: {self.done:,} of {self.of:,} images were embedded when these findings "
            "were made; they settle with the rest."
        )
