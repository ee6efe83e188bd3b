"""The people of a batch of orders, as they were on the day of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import connection

from apps.attribution.rules import StaffFacts
from apps.core import clock

STAFF = """
    select id, phone, email, address, left_on, is_active
    from staff_staff where id = any(%s)
"""
POSTINGS = """
    select staff_id, store_id, starts_on, ends_on, is_main
    from staff_posting where staff_id = any(%s)
"""


class _Posting(NamedTuple):
    store_id: int
    starts_on: date
    ends_on: date | None
    is_main: bool

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (not self.ends_on or day < self.ends_on)


class People:
    """The facts of people; whoever served at one store all the while has them once."""

    def __init__(self, ids: Collection[int], days: Iterable[date]) -> None:
        span = sorted(set(days))
        self._first, self._last = (span[0], span[-1]) if span else (date.max, date.min)
        self._postings: dict[int, list[_Posting]] = defaultdict(list)
        self._plain: dict[int, StaffFacts] = {}
        self._steady: dict[int, StaffFacts] = {}
        if ids:
            self._load(list(ids))

    def on(self, staff_id: int, day: date) -> StaffFacts:
        """Return the person with the store they served at on the day, the main first.

        The day is one of those that were given.
        """
        steady = self._steady.get(staff_id)
        if steady is not None:
            return steady
        own = [each for each in self._postings[staff_id] if each.holds(day)]
        return self._at(staff_id, own)

    def _load(self, ids: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(STAFF, [ids])
            for pk, phone, email, address, left_on, is_active in cursor.fetchall():
                until = _active_until(left_on, is_active=is_active)
                self._plain[pk] = StaffFacts(pk, phone, until, None, email, address)
            cursor.execute(POSTINGS, [ids])
            for pk, *posting in cursor.fetchall():
                self._postings[pk].append(_Posting(*posting))
        for pk in ids:
            own = [
                each
                for each in self._postings[pk]
                if each.starts_on <= self._last
                and (not each.ends_on or each.ends_on > self._first)
            ]
            if all(each.holds(self._first) and each.holds(self._last) for each in own):
                self._steady[pk] = self._at(pk, own)

    def _at(self, staff_id: int, serving: list[_Posting]) -> StaffFacts:
        own = self._plain[staff_id]
        if not serving:
            return own
        main = min(serving, key=lambda each: (not each.is_main, each.starts_on))
        return StaffFacts(
            own.id, own.phone, own.active_until, main.store_id, own.email, own.address
        )


def _active_until(left_on: date | None, *, is_active: bool) -> datetime | None:
    """Return the first moment after the last day of work; None while it goes on."""
    if left_on:
        return clock.end_of(left_on)
    return None if is_active else datetime.min.replace(tzinfo=UTC)
