"""The book: the accounts of some members, locked, and what is to happen to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Sum

from apps.loyalty.models.points import PointEntry, PointLot, PointUse
from apps.loyalty.rules import points as rules
from apps.loyalty.services.ledger import writing
from apps.loyalty.services.ledger.entries import Cause, Entry, Lot

Kind = PointEntry.Kind


class Book:
    """The accounts of some members, locked, and what is to happen to them."""

    def __init__(self, member_ids: Iterable[int], *, now: datetime) -> None:
        """Lock the members' accounts until the transaction ends; make new ones."""
        self.now = now
        self.members = sorted(set(member_ids))
        self.purses = writing.lock(self.members)
        self._entries: list[Entry] = []
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
        entry = Entry(lot.member_id, cause, lot=lot)
        lot.remaining = lot.points
        if lot.is_due(self.now):
            self._make_available(lot, entry)
        else:
            entry.pending = lot.points
        if self._open is not None:
            self._open[lot.member_id].append(lot)
        self._add(entry)

    def date(self, lot: Lot, available_at: datetime | None) -> None:
        """Say when the waiting of a lot is over, None for not known yet."""
        lot.available_at = available_at
        self._touch(lot)

    def release(self, lot: Lot, cause: Cause) -> None:
        """Make a lot available whose waiting is over."""
        entry = Entry(lot.member_id, cause, pending=-lot.remaining)
        self._make_available(lot, entry)
        self._touch(lot)
        self._add(entry)

    def expire(self, lot: Lot, cause: Cause) -> None:
        """Let what is left of a lot die."""
        entry = Entry(lot.member_id, cause)
        self._take(lot, lot.remaining, entry)
        self._add(entry)

    def take(self, member_id: int, points: int, cause: Cause) -> int:
        """Take available points first in, first out; return how many there were."""
        entry = Entry(member_id, cause)
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
        entry = Entry(lot.member_id, cause)
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
        entry = Entry(member_id, cause)
        paid = self._draw(entry, self.purses[member_id].debt)
        if paid:
            entry.debt = -paid
            self._add(entry)

    def shift_debt(self, giver: int, taker: int, cause: Cause) -> None:
        """Let one member take over what another owes; their points pay it first."""
        owed = self.purses[giver].debt
        if not owed:
            return
        self._add(Entry(giver, cause, debt=-owed))
        entry = Entry(taker, cause)
        entry.debt = owed - self._draw(entry, owed)
        self._add(entry)

    def close(self) -> list[int]:
        """Write what happened; return the keys of the entries, in their order."""
        if not self._entries and not self._changed:
            return []
        # What is reversed leaves its order's place before a new lot takes it.
        writing.write_changed(self._changed.values())
        ids = writing.write_entries(self._entries, now=self.now)
        writing.write_uses(self._entries, ids)
        written = [ids[entry.key] for entry in self._entries]
        self._entries, self._changed = [], {}
        return written

    def _make_available(self, lot: Lot, entry: Entry) -> None:
        paid = min(self.purses[lot.member_id].debt, lot.remaining)
        entry.points += lot.remaining - paid
        entry.debt -= paid
        if paid:
            entry.uses.append((lot, paid))
        lot.remaining -= paid
        lot.is_released = True

    def _draw(self, entry: Entry, points: int) -> int:
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

    def _take(self, lot: Lot, points: int, entry: Entry) -> None:
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

    def _add(self, entry: Entry) -> None:
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
