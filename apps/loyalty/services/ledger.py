"""The book of points: what a verb does to accounts, written in four statements.

A verb opens the book for its members, which locks their accounts in rising order, says
what happens, and closes it. However many members a batch has, closing it writes the
entries, the new lots, the uses of lots and the changed lots in a statement each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from apps.core.money import WHOLE
from apps.loyalty.models.points import PointEntry, PointLot, PointUse
from apps.loyalty.rules import points as rules

Kind = PointEntry.Kind

OPEN_ACCOUNTS = """
    insert into loyalty_pointaccount (member_id, balance, pending, debt)
    select member_id, 0, 0, 0 from unnest(%s::bigint[]) as given (member_id)
    where not exists (
        select 1 from loyalty_pointaccount held where held.member_id = given.member_id
    )
    on conflict do nothing
"""
LOCK = """
    select member_id, balance, pending, debt from loyalty_pointaccount
    where member_id = any(%s) order by member_id for no key update
"""
WRITE_ENTRIES = """
    insert into loyalty_pointentry
        (member_id, kind, points, pending, debt, source_type, source_id, reverses_id,
         reason, by_id, at, balance_after, pending_after, debt_after)
    select member_id, kind, points, pending, debt, source_type, source_id, reverses_id,
           reason, by_id, %s, 0, 0, 0
    from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
                %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[])
         with ordinality as given (member_id, kind, points, pending, debt, source_type,
                                   source_id, reverses_id, reason, by_id, place)
    order by place
    returning id, member_id, kind, source_type, source_id
"""
WRITE_LOTS = """
    insert into loyalty_pointlot
        (entry_id, member_id, order_id, round, rule_id, multiplier, computed, points,
         remaining, earned_at, available_at, is_released, expires_at)
    select * from unnest(
        %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::int[],
        %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[],
        %s::timestamptz[], %s::bool[], %s::timestamptz[])
    returning id, entry_id
"""
WRITE_USES = """
    insert into loyalty_pointuse (entry_id, lot_id, points)
    select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])
"""
UPDATE_LOTS = """
    update loyalty_pointlot as lot
    set remaining = given.remaining, is_released = given.is_released,
        reversed_at = given.reversed_at
    from unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::timestamptz[])
         as given (id, remaining, is_released, reversed_at)
    where lot.id = given.id
"""


@dataclass
class Lot:
    """A lot as the book has it, before it is written."""

    member_id: int
    points: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None = None
    computed: int = 0
    order_id: int | None = None
    round: int = 1
    rule_id: int | None = None
    multiplier: int = WHOLE
    remaining: int = 0
    is_released: bool = False
    reversed_at: datetime | None = None
    entry_id: int | None = None
    pk: int | None = None

    @classmethod
    def of(cls, row: PointLot) -> Lot:
        """Return the lot of a row."""
        return cls(
            member_id=row.member_id,
            points=row.points,
            earned_at=row.earned_at,
            available_at=row.available_at,
            expires_at=row.expires_at,
            computed=row.computed,
            order_id=row.order_id,
            round=row.round,
            rule_id=row.rule_id,
            multiplier=row.multiplier,
            remaining=row.remaining,
            is_released=row.is_released,
            reversed_at=row.reversed_at,
            entry_id=row.entry_id,
            pk=row.pk,
        )

    def lives(self, now: datetime) -> bool:
        """Tell whether the points have not died."""
        return self.expires_at is None or self.expires_at > now


@dataclass
class Cause:
    """Why an entry is made: the ledger takes each cause once."""

    kind: str
    source_type: str
    source_id: str
    reason: str = ""
    by_id: int | None = None
    reverses_id: int | None = None


@dataclass
class _Entry:
    member_id: int
    cause: Cause
    points: int = 0
    pending: int = 0
    debt: int = 0
    lot: Lot | None = None
    uses: list[tuple[Lot, int]] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str, str, str]:
        cause = self.cause
        return self.member_id, cause.kind, cause.source_type, cause.source_id


@dataclass
class _Purse:
    balance: int
    pending: int
    debt: int


class Book:
    """The accounts of some members, locked, and what is to happen to them."""

    def __init__(self, member_ids: Iterable[int], *, now: datetime) -> None:
        """Lock the members' accounts until the transaction ends; make new ones."""
        self.now = now
        self.members = sorted(set(member_ids))
        with connection.cursor() as cursor:
            cursor.execute(OPEN_ACCOUNTS, [self.members])
            cursor.execute(LOCK, [self.members])
            self.purses = {member: _Purse(*rest) for member, *rest in cursor.fetchall()}
        self._entries: list[_Entry] = []
        self._changed: dict[int, Lot] = {}
        self._known: dict[int, Lot] = {}
        self._open: dict[int, list[Lot]] | None = None

    def lots(self, member_id: int) -> list[Lot]:
        """Return the member's lots that have points left."""
        if self._open is None:
            self._open = defaultdict(list)
            rows = PointLot.objects.filter(member__in=self.members, remaining__gt=0)
            for row in rows.order_by("id"):
                self._open[row.member_id].append(self.know(row))
        return self._open[member_id]

    def know(self, row: PointLot) -> Lot:
        """Return the book's own copy of the lot."""
        if row.pk not in self._known:
            self._known[row.pk] = Lot.of(row)
        return self._known[row.pk]

    def credit(self, lot: Lot, cause: Cause) -> None:
        """Give the member a lot; what is available at once pays debt first."""
        entry = _Entry(lot.member_id, cause, lot=lot)
        lot.remaining = lot.points
        if lot.available_at <= self.now:
            self._make_available(lot, entry)
        else:
            entry.pending = lot.points
        if self._open is not None:
            self._open[lot.member_id].append(lot)
        self._add(entry)

    def release(self, lot: Lot, cause: Cause) -> None:
        """Make a lot available whose waiting is over."""
        entry = _Entry(lot.member_id, cause, pending=-lot.remaining)
        self._make_available(lot, entry)
        self._touch(lot)
        self._add(entry)

    def expire(self, lot: Lot, cause: Cause) -> None:
        """Let what is left of a lot die."""
        entry = _Entry(lot.member_id, cause)
        self._take(lot, lot.remaining, entry)
        self._add(entry)

    def take(self, member_id: int, points: int, cause: Cause) -> int:
        """Take available points first in, first out; return how many there were."""
        entry = _Entry(member_id, cause)
        taken = self._draw(entry, points)
        if taken:
            self._add(entry)
        return taken

    def reverse(self, lot: Lot, cause: Cause, *, expired: int, again: int = 0) -> int:
        """Take back a lot; return how many of its points had been used.

        What was used is taken from other points, save the `again` points that are
        about to be given anew; what nothing is left for becomes debt. Points that
        died unused (`expired`) are not taken a second time.
        """
        used = lot.points - expired - lot.remaining
        entry = _Entry(lot.member_id, cause)
        if lot.remaining:
            self._take(lot, lot.remaining, entry)
        drawn = self._draw(entry, max(0, used - again)) if used > again else 0
        entry.debt = used - drawn
        lot.reversed_at = self.now
        self._touch(lot)
        if entry.points or entry.pending or entry.debt:
            self._add(entry)
        return used

    def pay_debt(self, member_id: int, cause: Cause) -> None:
        """Let the member's available points pay what is owed."""
        entry = _Entry(member_id, cause)
        paid = self._draw(entry, self.purses[member_id].debt)
        if paid:
            entry.debt = -paid
            self._add(entry)

    def shift_debt(self, giver: int, taker: int, cause: Cause) -> None:
        """Let one member take over what another owes; their points pay it first."""
        owed = self.purses[giver].debt
        if not owed:
            return
        self._add(_Entry(giver, cause, debt=-owed))
        entry = _Entry(taker, cause)
        entry.debt = owed - self._draw(entry, owed)
        self._add(entry)

    def close(self) -> list[int]:
        """Write what happened; return the keys of the entries, in their order."""
        if not self._entries and not self._changed:
            return []
        with connection.cursor() as cursor:
            ids = self._write_entries(cursor)
            # What is reversed leaves its order's place before a new lot takes it.
            self._write_changed(cursor)
            self._write_lots(cursor, ids)
            uses = [
                (ids[entry.key], lot.pk, points)
                for entry in self._entries
                for lot, points in entry.uses
            ]
            if uses:
                cursor.execute(WRITE_USES, _columns(uses))
        written = [ids[entry.key] for entry in self._entries]
        self._entries, self._changed = [], {}
        return written

    def _write_entries(self, cursor: Any) -> dict[tuple[int, str, str, str], int]:
        rows = [
            (
                entry.member_id,
                entry.cause.kind,
                entry.points,
                entry.pending,
                entry.debt,
                entry.cause.source_type,
                entry.cause.source_id,
                entry.cause.reverses_id,
                entry.cause.reason,
                entry.cause.by_id,
            )
            for entry in self._entries
        ]
        if not rows:
            return {}
        cursor.execute(WRITE_ENTRIES, [self.now, *_columns(rows)])
        return {
            (member, kind, source_type, source_id): pk
            for pk, member, kind, source_type, source_id in cursor.fetchall()
        }

    def _write_changed(self, cursor: Any) -> None:
        rows = [
            (lot.pk, lot.remaining, lot.is_released, lot.reversed_at)
            for lot in self._changed.values()
        ]
        if rows:
            cursor.execute(UPDATE_LOTS, _columns(rows))

    def _write_lots(
        self, cursor: Any, ids: dict[tuple[int, str, str, str], int]
    ) -> None:
        new = {ids[entry.key]: entry.lot for entry in self._entries if entry.lot}
        if not new:
            return
        rows = [
            (
                entry_id,
                lot.member_id,
                lot.order_id,
                lot.round,
                lot.rule_id,
                lot.multiplier,
                lot.computed or lot.points,
                lot.points,
                lot.remaining,
                lot.earned_at,
                lot.available_at,
                lot.is_released,
                lot.expires_at,
            )
            for entry_id, lot in new.items()
        ]
        cursor.execute(WRITE_LOTS, _columns(rows))
        for pk, entry_id in cursor.fetchall():
            new[entry_id].pk, new[entry_id].entry_id = pk, entry_id

    def _make_available(self, lot: Lot, entry: _Entry) -> None:
        paid = min(self.purses[lot.member_id].debt, lot.remaining)
        entry.points += lot.remaining - paid
        entry.debt -= paid
        if paid:
            entry.uses.append((lot, paid))
        lot.remaining -= paid
        lot.is_released = True

    def _draw(self, entry: _Entry, points: int) -> int:
        """Take available points of the member for the entry; return how many."""
        usable = {
            index: lot
            for index, lot in enumerate(self.lots(entry.member_id))
            if lot.is_released and lot.remaining and lot.lives(self.now)
        }
        open_lots = [
            rules.OpenLot(index, lot.remaining, lot.earned_at)
            for index, lot in usable.items()
        ]
        drawn = rules.draw(open_lots, points)
        for index, part in drawn:
            self._take(usable[index], part, entry)
        return sum(part for _index, part in drawn)

    def _take(self, lot: Lot, points: int, entry: _Entry) -> None:
        if lot.is_released:
            entry.points -= points
        else:
            entry.pending -= points
        lot.remaining -= points
        entry.uses.append((lot, points))
        self._touch(lot)

    def _touch(self, lot: Lot) -> None:
        if lot.pk is not None:
            self._changed[lot.pk] = lot

    def _add(self, entry: _Entry) -> None:
        purse = self.purses[entry.member_id]
        purse.balance += entry.points
        purse.pending += entry.pending
        purse.debt += entry.debt
        self._entries.append(entry)


def expired_of(lots: Collection[Lot]) -> dict[int, int]:
    """Return how many points of each lot died unused."""
    sums = (
        PointUse.objects.filter(
            lot__in=[lot.pk for lot in lots], entry__kind=Kind.EXPIRE
        )
        .values_list("lot")
        .annotate(Sum("points"))
    )
    return dict(sums.order_by())


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
