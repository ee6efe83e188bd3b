"""What can be taken in from a file: the rooms above register their kinds here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from django.utils.functional import Promise

Text = str | Promise
Status = Literal["new", "changed", "unchanged", "rejected"]


@dataclass(frozen=True)
class Field:
    """A thing a column may hold, and the names such columns go by."""

    name: str
    label: Text
    names: tuple[str, ...] = ()
    is_required: bool = False
    hint: Text = ""


def required(
    name: str, label: Text, names: tuple[str, ...] = (), hint: Text = ""
) -> Field:
    """Return a field that every row must fill."""
    return Field(name, label, names, is_required=True, hint=hint)


@dataclass(frozen=True)
class Option:
    """What is true of the whole file, such as the system it came from."""

    name: str
    label: Text
    default: str = ""
    choices: tuple[tuple[str, Text], ...] = ()
    hint: Text = ""
    is_required: bool = False
    permission: str = ""  # who may choose anything but the default


@dataclass(frozen=True)
class Row:
    """A row of the file by the kind's fields; what no column gives is empty."""

    number: int
    cells: Sequence[str]
    mapping: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        place = self.mapping.get(name)
        return "" if place is None else self.cells[place]

    @property
    def values(self) -> dict[str, str]:
        """Return every field that a column gives."""
        return {name: self.cells[place] for name, place in self.mapping.items()}


@dataclass(frozen=True)
class Found:
    """Something to say of a row: it is refused, or taken with a warning."""

    number: int
    field: str
    why: str
    is_rejected: bool = True


@dataclass
class Taken:
    """What a batch came to: things by status, and remarks on rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    remarks: list[Found] = field(default_factory=list)
    also: Counter[str] = field(default_factory=Counter)  # by the names of `tallies`

    def count(self, status: Status) -> None:
        """Count a thing that was taken."""
        if status != "rejected":
            setattr(self, status, getattr(self, status) + 1)


class Kind(Protocol):
    """A kind of file. `take` is called in a transaction that may be rolled back."""

    @property
    def name(self) -> str:
        """Return the word that jobs keep."""

    @property
    def label(self) -> Text:
        """Return what people call it."""

    @property
    def fields(self) -> Sequence[Field]:
        """Return what its columns may hold."""

    @property
    def options(self) -> Sequence[Option]:
        """Return what may be said of the whole file."""

    def key(self, row: Row) -> str:
        """Return what rows belong together by; empty where each stands alone."""

    def take(
        self,
        groups: Sequence[Sequence[Row]],
        *,
        options: Mapping[str, str],
        now: datetime,
    ) -> Taken:
        """Take the rows, in few statements; say of each bad row which field and why."""


_kinds: dict[str, Kind] = {}
tallies: dict[str, Text] = {}


def register(kind: Kind, also: Mapping[str, Text] | None = None) -> None:
    """Make the kind known; called once, by the room whose rows these are.

    `also` names what it counts beside things and rows, with the words on screen.
    """
    _kinds[kind.name] = kind
    tallies.update(also or {})


def named(name: str) -> Kind:
    """Return the kind of that name; KeyError where there is none."""
    return _kinds[name]


def every() -> list[Kind]:
    """Return every kind, in the order of registration."""
    return list(_kinds.values())
