"""Which version of an order stands, whatever order the versions come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from apps.orders.rules.checks import Problem
from apps.orders.rules.intake.pricing import Priced
from apps.orders.rules.intake.told import OrderIn
from apps.orders.rules.statuses import RANK, OrderStatus, further

Status = Literal["new", "changed", "unchanged", "rejected", "parked"]


@dataclass(frozen=True)
class Version:
    """What is recorded of an order so far, as a newer version needs to know it.

    `returned` is how much of each line was given back: (quantity, NT$).
    """

    digest: bytes
    paid_at: datetime | None
    updated_at: datetime | None
    returned: Mapping[str, tuple[int, int]]
    status: OrderStatus = "placed"
    cancelled_at: datetime | None = None
    done_at: datetime | None = None

    @classmethod
    def of(cls, digest: bytes) -> Version:
        """Return a version of which nobody needs to know more than its payload."""
        return cls(digest, None, None, {})


@dataclass(frozen=True)
class Verdict:
    """What is done with a row; why where it is refused or not taken whole."""

    status: Status
    problem: Problem | None = None


NEW, UNCHANGED = Verdict("new"), Verdict("unchanged")


def judge(recorded: Version | None, priced: Priced) -> Verdict:
    """Decide whether a version of an order replaces what is recorded.

    The same payload changes nothing, and neither does an older version: older by
    `updated_at` where both have one, else unpaid where the recorded one is paid, or
    alive where that is cancelled. A newer version that steps back is taken, but for the
    step (`keep`), and the verdict says so.
    """
    if recorded is None:
        return NEW
    if recorded.digest == priced.digest or _is_older(priced.order, recorded):
        return UNCHANGED
    problem = next(_conflicts(priced, recorded), None)
    if problem:
        return Verdict("rejected", problem)
    return Verdict("changed", _step_back(recorded, priced))


def keep(recorded: Version | None, priced: Priced) -> Priced:
    """Return the version with what the recorded one is ahead of it in."""
    if recorded is None:
        return priced
    order = replace(
        priced.order,
        status=further(recorded.status, priced.status),
        paid_at=priced.order.paid_at or recorded.paid_at,
        cancelled_at=recorded.cancelled_at or priced.order.cancelled_at,
    )
    return replace(priced, order=order, done_at=recorded.done_at or priced.done_at)


def follow(recorded: Version | None, priced: Priced) -> Version:
    """Return what is recorded once the version was accepted."""
    kept = keep(recorded, priced)
    return Version(
        digest=kept.digest,
        paid_at=kept.order.paid_at,
        updated_at=kept.order.updated_at,
        returned=recorded.returned if recorded else {},
        status=kept.status,
        cancelled_at=kept.order.cancelled_at,
        done_at=kept.done_at,
    )


def _step_back(recorded: Version, priced: Priced) -> Problem | None:
    """Say what the version would undo, which stays as it is."""
    if RANK[priced.status] >= RANK[recorded.status] or not (
        priced.order.status or recorded.status == "cancelled"
    ):
        return None
    why = f"stays {recorded.status}: an order does not step back to {priced.status}"
    return Problem("status", why)


def _is_older(order: OrderIn, recorded: Version) -> bool:
    mine, theirs = order.updated_at, recorded.updated_at
    if mine and theirs and mine != theirs:
        return mine < theirs
    if recorded.status == "cancelled" and not order.cancelled_at:
        return True
    return recorded.paid_at is not None and order.paid_at is None


def _conflicts(priced: Priced, recorded: Version) -> Iterator[Problem]:
    if recorded.returned and priced.order.paid_at is None:
        yield Problem("paid_at", "is missing, though the order was refunded")
    lines = {each.line.external_id: each for each in priced.lines}
    for external_id, (quantity, amount) in recorded.returned.items():
        line = lines.get(external_id)
        if not line:
            yield Problem("lines", f"lack line {external_id}, which was refunded")
        elif line.line.quantity < quantity or line.net < amount:
            yield Problem("lines", f"leave line {external_id} less than was refunded")
