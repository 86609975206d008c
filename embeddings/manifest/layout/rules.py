"""Rules by which a label or subset is read from a path, as people give them on the command line.

===================  ==================================================================
``parent``           the folder that the file lies in
``grandparent``      the folder above that
``folder:N``         the N-th folder below the root, the first being 1; -1 is the parent
``name:REGEX``       what the first group of REGEX finds in the name of the file
``path:REGEX``       the same in the whole path
``column:NAME``      a column of a table
``none``             nothing has one
===================  ==================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from embeddings.errors import UsageError

FORMS: Final = "parent, grandparent, folder:N, name:REGEX, path:REGEX, column:NAME or none"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``folder`` counts from 1 or, where negative, from the end; 0 where unused."""

    kind: Literal["folder", "name", "path", "column", "none"]
    folder: int = 0
    text: str = ""

    def value(self, path: str) -> str | None:
        """Return what the rule finds in a path in POSIX form, None where it finds nothing."""
        if self.kind == "folder":
            return self._of_folder(path)
        if self.kind == "name":
            name = path.rpartition("/")[2]
            return self._found(name) or self._found(name.rpartition(".")[0] or name)
        if self.kind == "path":
            return self._found(path)
        return None

    def _of_folder(self, path: str) -> str | None:
        folders = path.split("/")[:-1]
        at = self.folder - 1 if self.folder > 0 else len(folders) + self.folder
        return folders[at] if 0 <= at < len(folders) else None

    def _found(self, text: str) -> str | None:
        found = re.search(self.text, text)
        if found is None:
            return None
        return (found.group(1) if found.re.groups else found.group()) or None


def rule_named(text: str, option: str) -> Rule:
    """Read a rule as given for ``option`` on the command line.

    Raises
    ------
    UsageError
        It is none of the forms, or its pattern is no regular expression.
    """
    word, colon, rest = text.partition(":")
    if not colon and word in ("parent", "grandparent", "none"):
        depth = {"parent": -1, "grandparent": -2, "none": 0}[word]
        return Rule("folder", depth) if depth else Rule("none")
    if word == "folder" and re.fullmatch(r"-?[1-9]\d{0,3}", rest):
        return Rule("folder", int(rest))
    if word in ("name", "path") and rest:
        try:
            re.compile(rest)
        except (re.error, OverflowError, RecursionError) as error:
            raise UsageError(
                f"{option} {text}: {rest!r} is no regular expression ({error}).",
                hint="For cat.0.jpg write name:^([a-z]+), the label in brackets.",
            ) from error
        return Rule("name" if word == "name" else "path", text=rest)
    if word == "column" and rest:
        return Rule("column", text=rest)
    raise UsageError(f"{option} {text} is not understood.", hint=f"Give {FORMS}.")
