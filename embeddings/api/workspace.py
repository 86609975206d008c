"""A workspace with its decisions: what was found, what was said of it, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from embeddings import columns as c
from embeddings.decisions import (
    Action,
    Item,
    Receipt,
    Store,
    UnknownItemError,
    items_of,
    open_store,
    with_decisions,
)
from embeddings.display import Table, counted, table_of
from embeddings.errors import UsageError
from embeddings.exchange import export_workspace
from embeddings.machine import logged_in
from embeddings.records import Progress, no_progress
from embeddings.workspace import Workspace as Folder

if TYPE_CHECKING:
    import pandas as pd

    from embeddings.export import Written

_COLUMNS: Final = (c.VERDICT, c.SPLIT_SCORE, c.LABEL, c.SIZE)


class Workspace(Folder):
    """A workspace folder: its frames, its decisions, its exports.

    Made by ``embeddings.run``, or by ``Workspace.open`` for a folder that exists.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat(np.arange(4), 20)
    >>> X = (rng.normal(size=(4, 16)) * 3)[kind] + rng.normal(size=(80, 16))
    >>> labels = np.array(["cat", "cat", "dog", "owl"])[kind]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ws = embeddings.run(X, folder, labels=labels)
    ...     lynxes = ws.items().query("label == 'cat' and cluster == 1")
    ...     receipt = ws.decide(lynxes, "relabel", to="lynx", by="Mara")
    ...     print(ws.items()["final_label"].value_counts().sort_index().to_dict())
    ...     print(len(ws.decisions()), ws.export("csv", f"{folder}/out").files[0].name)
    ...     with ws.open_store() as store:
    ...         print(store.history()[0].reviewer)
    {'cat': 20, 'dog': 20, 'lynx': 20, 'owl': 20}
    20 items.csv
    Mara
    """

    def open_store(self, url: str | Path | None = None, *, read_only: bool = False) -> Store:
        """Open the decisions; close the store, or use it in a ``with`` block.

        Parameters
        ----------
        url
            Where they are kept: by default in the workspace; else ``sqlite:///FILE`` or
            ``postgresql+psycopg://user:password@host/database``.
        read_only
            Write nothing, neither to the store nor beside it.

        Raises
        ------
        StoreError
            The store can't be reached, or a newer version made it.
        """
        target = self.path if url is None else url
        return open_store(target, workspace=self.path, read_only=read_only)

    def items(self, *, store: Store | str | Path | None = None) -> pd.DataFrame:
        """Return one row per item of the manifest, with the decision in force on each.

        ``decision`` is ``relabel: LABEL``, ``remove``, ``keep``, ``unsure`` or empty;
        ``final_label`` the label after all decisions, empty where the item is removed.

        Parameters
        ----------
        store
            Where decisions are kept, by default in the workspace.
        """
        with self._opened(store, read_only=True) as kept:
            return with_decisions(super().items(), kept.current())

    def decisions(self, *, store: Store | str | Path | None = None) -> pd.DataFrame:
        """Return the decisions in force, one row each, in the order in which they were made."""
        with self._opened(store, read_only=True) as kept:
            return kept.current()

    def decide(
        self,
        items: pd.DataFrame | Iterable[str | Path | Item],
        action: Action,
        *,
        to: str | None = None,
        by: str = "",
        note: str = "",
        store: Store | str | Path | None = None,
    ) -> Receipt:
        """Decide on items as one action, which can be undone as one.

        Parameters
        ----------
        items
            Rows of :meth:`items` or of any frame with a column ``file``, or the files themselves.
        action
            ``relabel``, ``remove``, ``keep`` or ``unsure``.
        to
            The label to give, with ``relabel`` only.
        by
            Who decides, by default whoever is logged in.
        note
            Why.
        store
            Where decisions are kept, by default in the workspace.

        Raises
        ------
        UsageError
            There are no items, one of them is none of the workspace (it is named), its picture is
            another by now, or the action makes no sense.
        """
        meant = self._meant(items)
        with self._opened(store, read_only=False) as kept:
            return kept.decide(meant, action, reviewer=by or logged_in(), to_label=to, note=note)

    def undo(self, *, by: str = "", store: Store | str | Path | None = None) -> Receipt:
        """Undo the latest action of a reviewer that is not undone.

        Raises
        ------
        NothingToUndoError
            There is none.
        """
        with self._opened(store, read_only=False) as kept:
            return kept.undo(by or logged_in())

    def export(
        self,
        format: str,
        out: str | Path,
        *,
        scope: str = "all",
        store: Store | str | Path | None = None,
        progress: Progress = no_progress,
    ) -> Written:
        """Write findings and decisions in a format of other tools.

        Parameters
        ----------
        format
            ``csv``, ``parquet``, ``tensorboard``, ``labelstudio``, ``fiftyone``, ``cvat``,
            ``cleanlab``, ``imagefolder``: ``embeddings.export.FORMATS`` lists them.
        out
            A folder, which is made.
        scope
            ``all``, ``flagged``, ``label:NAME`` or ``selection:NAME``.
        store
            Where decisions are kept, by default in the workspace.
        progress
            Called as ``progress(done, total, what)``.

        Raises
        ------
        UsageError
            No such format or scope, nothing in it, or ``out`` can't be used.
        """
        with self._opened(store, read_only=True) as kept:
            return export_workspace(self, kept, format, Path(out), scope=scope, progress=progress)

    def collect(
        self,
        items: pd.DataFrame | Iterable[str | Path | Item],
        *,
        most: int = 100,
    ) -> pd.DataFrame:
        """Find images without a label that would help most beside some items, to be labelled next.

        They come from the pool (``embeddings.run(…, pool=FOLDER)`` or ``rosette collect --pool``)
        and from items of the data set that have no label. They lie near the items, are no
        near-copies of each other nor of what is labelled.

        Parameters
        ----------
        items
            Rows of :meth:`items`, or files: a slice (``ws.slices().failing[0].items`` are its
            places), a cluster, any selection.
        most
            Images wanted.

        Returns
        -------
        A row per image, the most helpful first: ``rank``, ``file``, ``source`` (``pool`` or
        ``data set``), ``score``, ``nearness`` (mean cosine with the nearest items) and ``like``,
        the item that it is most like.

        Raises
        ------
        UsageError
            There are no items, one is none of the workspace, or there is nothing to collect from.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> kind = np.repeat(np.arange(3), 20)
        >>> X = (rng.normal(size=(3, 16)) * 3)[kind] + rng.normal(size=(60, 16))
        >>> labels = np.array(["cat", "dog", "owl"], dtype=object)[kind]
        >>> labels[15:20] = ""  # five cats without a label
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ws = embeddings.run(X, folder, labels=labels)
        ...     cats = ws.items().query("label == 'cat'")
        ...     sorted(ws.collect(cats, most=5)["file"])
        ['0000015', '0000016', '0000017', '0000018', '0000019']
        """
        from embeddings.retrieval import collect

        every = super().items()
        files = {item.file for item in self._meant(items)}
        rows = every.index[every[c.FILE].isin(files)].to_numpy()
        if not len(rows):
            raise UsageError("There are no items to collect for.", hint="Choose some.")
        return collect(self, every, rows.tolist(), most=most)

    def search(
        self, text: str, *, most: int = 20, text_model: str | Path | None = None
    ) -> pd.DataFrame:
        """Find the images that a sentence fits, by the text model of the run.

        Parameters
        ----------
        text
            What is to be seen: ``a car on snow``.
        most
            Images wanted.
        text_model
            Where the text-image pair lies now, if not where it lay when it was given.

        Returns
        -------
        Rows of :meth:`items`, the best first, with the cosine as ``score``. It orders images; from
        which value on a text fits differs from text to text.

        Raises
        ------
        UsageError
            The run has no text model, it is not where it was, or it is another.

        Examples
        --------
        >>> ws = embeddings.run("photos/", "ws/", text_model="clip/")  # doctest: +SKIP
        >>> ws.search("a car on snow")["file"].tolist()  # doctest: +SKIP
        """
        from embeddings.retrieval import rows_of_contents, sentences_of

        items = super().items()
        found = sentences_of(self, text_model).nearest(text, most)
        rows = rows_of_contents(found, items, most)
        best = items.iloc[[row for row, _ in rows]]
        return best.assign(score=[round(cosine, 4) for _, cosine in rows])

    # -- how it shows itself ------------------------------------------------------------

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()

    def _table(self) -> Table:
        """Return what the folder holds, and the labels that hide two kinds."""
        if self.info.run_id is None:
            return table_of(f"Workspace {self.name!r} in {self.path}: not clustered yet", (), [])
        classes = self.classes()
        found = classes[classes[c.VERDICT] != "one kind"]
        split = int((found[c.VERDICT] == "two kinds").sum())
        title = (
            f"Workspace {self.name!r} in {self.path}: {counted(self._count(), 'item')}, "
            f"{counted(len(classes), 'label')}, {split:,} of them two kinds "
            "(.classes(), .items(), .clusters())"
        )
        rows = [
            (verdict, f"{score:.2f}", label, f"{size:,}")
            for verdict, score, label, size in found[list(_COLUMNS)].itertuples(index=False)
        ]
        return table_of(title, _COLUMNS, rows, notes=self.notes())

    def _count(self) -> int:
        from pyarrow.parquet import read_metadata

        return int(read_metadata(self.run_folder / "items.parquet").num_rows)

    # -- items and stores as they were given --------------------------------------------

    def _meant(self, items: Any) -> list[Item]:
        """Return the items that rows, files or items mean."""
        if hasattr(items, "columns"):
            if c.FILE not in items.columns:
                raise UsageError(
                    f"The frame has no column {c.FILE!r}; its columns are "
                    f"{', '.join(map(str, items.columns[:8]))}.",
                    hint="Take rows of `ws.items()`, or give the files.",
                )
            if c.LABEL in items.columns:
                return items_of(items)
            items = items[c.FILE]
        if isinstance(items, str | Path | Item):
            items = [items]
        given = [one if isinstance(one, Item) else str(one) for one in items]
        files = [one for one in given if isinstance(one, str)]
        of_file = self._items_of_files(files) if files else {}
        return [one if isinstance(one, Item) else of_file[one] for one in given]

    def _items_of_files(self, files: list[str]) -> dict[str, Item]:
        frame = super().items()
        chosen = frame[frame[c.FILE].isin(set(files))]
        found = {item.file: item for item in items_of(chosen)}
        missing = [file for file in files if file not in found]
        if missing:
            raise UnknownItemError(
                f"There is no item {missing[0]!r} in the workspace"
                + (f", nor {len(missing) - 1} others of those given." if missing[1:] else "."),
                hint="Give files as the column 'file' of `ws.items()` has them.",
            )
        return found

    @contextmanager
    def _opened(self, store: Store | str | Path | None, *, read_only: bool) -> Iterator[Store]:
        if isinstance(store, Store):
            yield store
            return
        with self.open_store(store, read_only=read_only) as kept:
            yield kept
