"""What is wrong with a row that came in: the field, and why, for whoever sent it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# Clocks differ; beyond this, a time in the future is a mistake.
TOLERANCE = timedelta(days=1)
FIRST_YEAR = 2000
LARGEST_AMOUNT = 1_000_000_000  # NT$
LARGEST_QUANTITY = 100_000
MOST_LINES = 500
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of a character


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the path of the field, such as "lines.0.quantity"."""

    field: str
    why: str


def text(field: str, value: str, *, most: int, least: int = 0) -> Iterator[Problem]:
    """Find a text that is too short, too long or cannot be stored."""
    if len(value) < least:
        yield Problem(field, "must not be empty")
    if len(value) > most:
        yield Problem(field, f"must have at most {most} characters")
    if UNSTORABLE.search(value):
        yield Problem(field, "holds a character that cannot be stored")


def texts(
    row: Mapping[str, Any], limits: Iterable[tuple[str, int, int]], *, at: str = ""
) -> Iterator[Problem]:
    """Find what is wrong with the texts of a row, of each (field, least, most).

    A batch has a million of them, nearly all sound: `text` says what is wrong with the
    others, whose field begins with `at`.
    """
    for field, least, most in limits:
        value = row[field]
        if value or least:
            # What can be printed can be stored, and is told apart in half the time.
            if least <= len(value) <= most and (
                value.isprintable() or not UNSTORABLE.search(value)
            ):
                continue
            yield from text(at + field, value, least=least, most=most)


def number(field: str, value: int, *, least: int, most: int) -> Iterator[Problem]:
    """Find a number out of its range."""
    if not least <= value <= most:
        yield Problem(field, f"must be from {least} to {most}")


def numbers(
    ranges: Iterable[tuple[str, int, int, int]], *, at: str = ""
) -> Iterator[Problem]:
    """Find numbers out of their range, each (field, value, least, most), as `texts`."""
    for field, value, least, most in ranges:
        if not least <= value <= most:
            yield from number(at + field, value, least=least, most=most)


def moment(field: str, value: datetime | None, *, now: datetime) -> Iterator[Problem]:
    """Find a time without its zone, of long ago, or that has not come yet."""
    if value is None:
        return
    if value.tzinfo is None:
        yield Problem(field, "must name its offset from UTC")
    elif value.year < FIRST_YEAR:
        yield Problem(field, f"lies before the year {FIRST_YEAR}")
    elif value > now + TOLERANCE:
        yield Problem(field, "lies in the future")
