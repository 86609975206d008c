"""What is understood of a data set's paths, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from embeddings.manifest.layout.rules import Rule

RoleName = Literal["wrapper", "subset", "label", "unlabelled", "passed over"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One file below the root: its ``path`` in POSIX form, and whether it is a ``picture``."""

    path: str
    picture: bool = True
    size: int = 0


@dataclass(frozen=True, slots=True)
class Role:
    """What a folder is; ``value`` is the name of its label or subset, else ""."""

    name: RoleName
    value: str = ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A folder (or the files of one) that holds no items: why, and how many files it has."""

    folder: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """What only the user can say; ``options`` are the exact answers, each with what it means."""

    text: str
    options: tuple[tuple[str, str], ...]

    def hint(self) -> str:
        """Return the answers as one sentence."""
        said = [f"{option} ({meaning})" for option, meaning in self.options]
        return f"Say which: {', or '.join(said)}."


@dataclass(frozen=True, slots=True)
class Place:
    """Label and subset of one picture; ``label`` is None where it has none."""

    label: str | None
    subset: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a data set is read.

    ``roles`` has the folders that mean something, by path; a rule in ``label_from`` or
    ``subset_from`` goes before them. ``labels``, ``subsets`` and ``unlabelled`` count pictures by
    name, or by folder for the last. ``questions`` are to be answered before anything is computed.
    """

    roles: Mapping[str, Role]
    label_from: Rule | None = None
    subset_from: Rule | None = None
    wrappers: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    passed_files: frozenset[str] = frozenset()
    labels: Mapping[str, int] = field(default_factory=dict)
    subsets: Mapping[str, int] = field(default_factory=dict)
    unlabelled: Mapping[str, int] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    remarks: tuple[str, ...] = ()

    def place(self, path: str) -> Place | None:
        """Say where a picture belongs; None where it is passed over."""
        if path in self.passed_files:
            return None
        place = self._by_folders(path)
        if place is None:
            return None
        label, subset = place.label, place.subset
        if self.label_from is not None:
            label = self.label_from.value(path)
        if self.subset_from is not None:
            subset = self.subset_from.value(path) or ""
        return Place(label, subset)

    def _by_folders(self, path: str) -> Place | None:
        label, subset = None, ""
        at = path.find("/")
        while at >= 0:
            role = self.roles.get(path[:at])
            if role is not None:
                if role.name == "passed over":
                    return None
                if role.name == "label":
                    label = role.value
                elif role.name == "subset":
                    subset = role.value
                elif role.name == "unlabelled":
                    label = None
            at = path.find("/", at + 1)
        return Place(label, subset)
