"""What is taken back, paid out and objected to: figures in, figures out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from apps.core import clock
from apps.core.money import WHOLE, split


def taken_back(given: int, whole: int, refunded: int) -> int:
    """Return how much of what was given is taken back once so much was refunded.

    Of the whole (NT$) `refunded` has been returned so far, all refunds together. Each
    refund takes the difference to the one before: whatever its parts, a full refund
    takes back exactly what was given.
    """
    if whole <= 0:
        return 0
    part = min(refunded, whole)
    return (2 * given * part + whole) // (2 * whole)


def open_month(wanted: date, closed: date | None) -> date:
    """Return the month an entry lands in: the wanted one, or the first that is open.

    `closed` is the last closed month; with it everything before it is closed, so that
    debts are carried over in the order of the months.
    """
    return wanted if closed is None else max(wanted, clock.next_month(closed))


@dataclass(frozen=True)
class Pay:
    """What a person gets for a month; amounts in NT$."""

    payout: int
    carried_out: int  # the debt that is left: negative, or nothing


def pay(amount: int, carried_in: int) -> Pay:
    """Return what is paid out of a month's sum after the debt of the months before."""
    balance = amount + carried_in
    return Pay(max(0, balance), min(0, balance))


def even_shares(people: int) -> list[int]:
    """Return equal shares in basis points; the first get what does not divide."""
    return split(WHOLE, [1] * people)


def payable_at(bought_at: datetime, days: int, *, is_online: bool) -> datetime:
    """Return from when a sale counts as kept: the return window is of online sales."""
    return bought_at + timedelta(days=days) if is_online else bought_at


def month_payable_on(month: date, days: int) -> date:
    """Return the first day on which every sale of the month has been kept."""
    return clock.next_month(month) + timedelta(days=days)


class Objection(StrEnum):
    """Why somebody may not object to a credit."""

    NOT_CONCERNED = "not_concerned"
    OWN = "own"
    TOO_LATE = "too_late"
    TWICE = "twice"


def objection(
    person: int,
    *,
    candidates: Collection[int],
    owners: Collection[int],
    had: bool,
    placed_at: datetime,
    days: int,
    now: datetime,
) -> Objection | None:
    """Return why the person may not object to the credit of a line; None if they may.

    Only a candidate who holds no part of it may, once, within the days of the order.
    """
    if person in owners:
        return Objection.OWN
    if person not in candidates:
        return Objection.NOT_CONCERNED
    if had:
        return Objection.TWICE
    if now >= placed_at + timedelta(days=days):
        return Objection.TOO_LATE
    return None
