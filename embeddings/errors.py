"""The error tree: every error says what is wrong and what to do next.

``RosetteError`` is what a face of the product (command line, app) turns into one line;
anything else that reaches it is a bug.
"""

from __future__ import annotations


class RosetteError(Exception):
    """What went wrong, and a hint that says how to mend it.

    Parameters
    ----------
    message
        One sentence that names the file, label or option concerned.
    hint
        One sentence that says what to do.

    Examples
    --------
    >>> print(RosetteError("There is no photos/.", hint="Check the spelling of the path."))
    There is no photos/. Check the spelling of the path.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(RosetteError, ValueError):
    """The command or call was put wrongly: exit code 2; in Python a ``ValueError`` too.

    Examples
    --------
    >>> from embeddings import find_splits
    >>> try:
    ...     find_splits([[1.0, 2.0]], ["cat", "dog"])
    ... except ValueError as error:
    ...     print(type(error).__name__)
    UsageError
    """


class SourceError(RosetteError):
    """A data set can't be read at all: no such folder, no such column, no images in it."""


class UnclearSourceError(UsageError):
    """A data set can be read in two ways; the hint has the options that say which is meant."""


class ImageError(RosetteError):
    """One image can't be read; it becomes a row in the manifest with this reason."""


class ModelError(RosetteError):
    """A model can't be loaded or does not fit: weights missing, no penultimate layer found."""


class WorkspaceError(RosetteError):
    """A workspace is missing a stage, was made by another schema version, or is in use."""


class MissingExtraError(RosetteError, ImportError):
    """Something was asked for that an extra of the package brings, and that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} is not installed.", hint=f"pip install 'rosette-explorer[{extra}]'"
        )


class EngineError(RosetteError):
    """The machines that do the work can't be reached, can't see the data, or keep failing."""


class MissingStageError(WorkspaceError):
    """A stage was asked for what an earlier stage makes, and that has not run."""

    def __init__(self, workspace: object, stage: str) -> None:
        given = f"SOURCE -w {workspace}" if stage == "scan" else workspace
        super().__init__(
            f"{workspace} has no {stage} yet.",
            hint=f"Run `rosette {stage} {given}` first.",
        )
        self.stage = stage


class MachineError(RosetteError):
    """The machine gave up: not enough memory, or a process that worked for a stage was killed."""
