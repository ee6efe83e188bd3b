"""Read a row's cells for a kind, and collect what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from apps.imports.kinds import Found, Row
from apps.imports.rules.values import Unreadable
from apps.imports.services.wording import why

T = TypeVar("T")


@dataclass
class Cells:
    """A row being read: every reader returns None for an empty or unreadable cell."""

    row: Row
    problems: list[Found] = field(default_factory=list)

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """Return the cell's value; None where it is empty, or wrong and remarked."""
        raw = self.row[name]
        if not raw:
            return None
        try:
            return reader(raw)
        except Unreadable as unreadable:
            self.refuse(name, why(unreadable.code, raw))
            return None

    def need(self, name: str, reader: Callable[[str], T]) -> T | None:
        """Return the cell's value; an empty cell is remarked as well."""
        if not self.row[name]:
            self.refuse(name, why("missing", ""))
            return None
        return self.read(name, reader)

    def text(self, name: str, *, most: int, needed: bool = False) -> str:
        """Return the text, cut to what can be kept."""
        if needed and not self.row[name]:
            self.refuse(name, why("missing", ""))
        return self.row[name][:most]

    def refuse(self, name: str, reason: str) -> None:
        """Say why the row cannot be taken."""
        self.problems.append(Found(self.row.number, name, reason))

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was wrong so far."""
        return not self.problems
