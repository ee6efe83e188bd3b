"""What a tag may be called, how long it lasts, and how two that were one part again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

LONGEST = 30
SEPARATORS = re.compile("[;；、\r\n]")


class Fault(StrEnum):
    """Why something is no name of a tag."""

    EMPTY = "tag_empty"
    LONG = "tag_long"
    SEPARATOR = "tag_separator"


@dataclass(frozen=True)
class Given:
    """How a member has a tag: `expires_at` None is for good."""

    count: int
    first_at: datetime
    last_at: datetime
    expires_at: datetime | None
    source: str


def names(cell: str) -> list[str]:
    """Return the names in a cell of a file, each once whatever its case."""
    return distinct(SEPARATORS.split(cell))


def distinct(said: Iterable[str]) -> list[str]:
    """Return the names without blanks around them, each once whatever its case."""
    found: dict[str, str] = {}
    for name in said:
        tidy = " ".join(name.split())
        if tidy:
            found.setdefault(tidy.lower(), tidy)
    return list(found.values())


def fault_of(name: str) -> Fault | None:
    """Return why the name cannot be kept; one with a separator could not be read."""
    if not name.strip():
        return Fault.EMPTY
    if SEPARATORS.search(name):
        return Fault.SEPARATOR
    return Fault.LONG if len(name) > LONGEST else None


def last_day(days: int | None, given_on: date) -> date | None:
    """Return the last day of a tag given on the day; None where it has no end."""
    return None if days is None else given_on + timedelta(days=days)


def apart(now: Given, *, before: Given, after: Given, other: Given) -> Given:
    """Return what is left of two that became one, when the other one goes again.

    `before` and `after` are as of the moment they became one. What was given since
    stays: the count loses the other's share alone, and a moment that has moved on since
    is not moved back.
    """
    kept = replace(now, count=max(1, now.count - other.count), source=before.source)
    if now.first_at == after.first_at:
        kept = replace(kept, first_at=before.first_at)
    if now.last_at == after.last_at:
        kept = replace(kept, last_at=before.last_at)
    if now.expires_at == after.expires_at:
        kept = replace(kept, expires_at=before.expires_at)
    return kept
