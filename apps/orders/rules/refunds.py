"""A refund as it comes in: how much of which line it gives back, if it may.

What is given back is never more than was paid, line by line. A refund of an order that
has not come, or is not paid, waits for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from apps.core.money import split
from apps.orders.rules import checks
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import Status

# The number of the refund that a cancellation leaves; no source may use it.
CANCELLATION = "~cancelled"


@dataclass(frozen=True)
class RefundLineIn:
    """A part of a line: some pieces, or a part of the price (quantity 0).

    Without `amount` (NT$) the pieces are worth what was paid for them.
    """

    line_external_id: str
    quantity: int = 0
    amount: int | None = None


@dataclass(frozen=True)
class RefundIn:
    """Money given back, as the source tells it."""

    source: str
    order_external_id: str
    external_id: str
    refunded_at: datetime
    lines: tuple[RefundLineIn, ...]
    reason: str = ""
    store_code: str = ""  # where it was brought back
    handler_code: str = ""  # the staff code of who took it

    @property
    def key(self) -> tuple[str, str]:
        """Return what the order is known by."""
        return self.source, self.order_external_id

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> RefundIn:
        """Read what `as_json` wrote."""
        at = datetime.fromisoformat(facts["refunded_at"])
        lines = tuple(RefundLineIn(**line) for line in facts["lines"])
        return cls(**{**facts, "refunded_at": at, "lines": lines})

    def as_json(self) -> dict[str, Any]:
        """Write the refund so that it can wait in a row."""
        return asdict(self) | {"refunded_at": self.refunded_at.isoformat()}


@dataclass(frozen=True)
class Part:
    """How many pieces and how much money (NT$) of a line."""

    quantity: int
    amount: int

    def __add__(self, other: Part) -> Part:
        return Part(self.quantity + other.quantity, self.amount + other.amount)


Parts = Mapping[str, Part]  # by the line's external id


@dataclass(frozen=True)
class Bought:
    """An order as a refund needs to know it: its lines, and what was given back."""

    is_paid: bool
    lines: Parts
    refunds: Mapping[str, Parts] = field(default_factory=dict)

    @property
    def returned(self) -> dict[str, Part]:
        """Return what was given back of each line in all refunds together."""
        sums: dict[str, Part] = {}
        for parts in self.refunds.values():
            for line, part in parts.items():
                sums[line] = sums.get(line, Part(0, 0)) + part
        return sums

    def after(self, refund: RefundIn, parts: Parts) -> Bought:
        """Return the order once the refund was recorded."""
        return replace(self, refunds={**self.refunds, refund.external_id: parts})


@dataclass(frozen=True)
class Ruling:
    """What is done with a refund: its parts by line, or why it is refused."""

    status: Status
    parts: Parts = field(default_factory=dict)
    problem: Problem | None = None


def check(refund: RefundIn, *, now: datetime) -> RefundIn | Problem:
    """Return the refund with its time in UTC, or the first thing wrong with it."""
    problem = next(_problems(refund, now), None)
    return problem or replace(refund, refunded_at=refund.refunded_at.astimezone(UTC))


def decide(refund: RefundIn, bought: Bought | None) -> Ruling:
    """Decide whether a sound refund is recorded, waits, is known or is refused."""
    if bought is None or not bought.is_paid:
        return Ruling("parked")
    recorded = bought.refunds.get(refund.external_id)
    if recorded is not None:
        return _repeated(refund, recorded, bought)
    returned = bought.returned
    parts: dict[str, Part] = {}
    for position, line in enumerate(refund.lines):
        whole = bought.lines.get(line.line_external_id)
        gone = returned.get(line.line_external_id, Part(0, 0))
        part = _part(f"lines.{position}", line, whole, gone)
        if isinstance(part, Problem):
            return Ruling("rejected", problem=part)
        parts[line.line_external_id] = part
    given = {line: part for line, part in parts.items() if part.amount}
    if not given:
        problem = Problem("lines", "give no money back")
        return Ruling("rejected", problem=problem)
    return Ruling("new", given)


def _part(
    at: str, line: RefundLineIn, whole: Part | None, gone: Part
) -> Part | Problem:
    if whole is None:
        return Problem(f"{at}.line_external_id", "is not a line of the order")
    left = Part(whole.quantity - gone.quantity, whole.amount - gone.amount)
    if line.quantity > left.quantity:
        why = f"is more than the {left.quantity} not yet returned"
        return Problem(f"{at}.quantity", why)
    amount = _worth(line.quantity, whole, gone) if line.amount is None else line.amount
    if amount > left.amount:
        why = f"is more than the NT${left.amount} that is left of what was paid"
        return Problem(f"{at}.amount", why)
    return Part(line.quantity, amount)


def _worth(quantity: int, whole: Part, gone: Part) -> int:
    """Return what was paid for the pieces, counted on from those returned before.

    So all pieces together are worth the whole line, in however many refunds, and what
    was withheld from one piece is not given back with the next.
    """
    until = _paid_for(gone.quantity + quantity, whole) - _paid_for(gone.quantity, whole)
    return min(until, whole.amount - gone.amount)


def _paid_for(quantity: int, whole: Part) -> int:
    return split(whole.amount, [quantity, whole.quantity - quantity])[0]


def _repeated(refund: RefundIn, recorded: Parts, bought: Bought) -> Ruling:
    sent = {line.line_external_id: line for line in refund.lines}
    if recorded.keys() <= sent.keys() and all(
        _is_same(line, recorded.get(number), bought.lines.get(number))
        for number, line in sent.items()
    ):
        return Ruling("unchanged")
    why = "is known already, with other lines or amounts"
    return Ruling("rejected", problem=Problem("external_id", why))


def _is_same(line: RefundLineIn, recorded: Part | None, whole: Part | None) -> bool:
    if recorded is None:  # only what gave no money back was not recorded
        return line.amount == 0 or (whole is not None and whole.amount == 0)
    return line.quantity == recorded.quantity and line.amount in (None, recorded.amount)


def _problems(refund: RefundIn, now: datetime) -> Iterator[Problem]:
    yield from checks.text("source", refund.source, least=1, most=20)
    order = refund.order_external_id
    yield from checks.text("order_external_id", order, least=1, most=60)
    yield from checks.text("external_id", refund.external_id, least=1, most=60)
    if refund.external_id == CANCELLATION:
        yield Problem("external_id", "is kept for cancellations")
    yield from checks.text("reason", refund.reason, most=120)
    yield from checks.text("store_code", refund.store_code, most=20)
    yield from checks.text("handler_code", refund.handler_code, most=20)
    yield from checks.moment("refunded_at", refund.refunded_at, now=now)
    if not 1 <= len(refund.lines) <= checks.MOST_LINES:
        yield Problem("lines", f"must be 1 to {checks.MOST_LINES}")
    seen: set[str] = set()
    for position, line in enumerate(refund.lines):
        at = f"lines.{position}"
        if line.line_external_id in seen:
            yield Problem(f"{at}.line_external_id", "appears twice in the refund")
        seen.add(line.line_external_id)
        yield from _problems_of_line(at, line)


def _problems_of_line(at: str, line: RefundLineIn) -> Iterator[Problem]:
    line_id = line.line_external_id
    yield from checks.text(f"{at}.line_external_id", line_id, least=1, most=60)
    yield from checks.number(
        f"{at}.quantity", line.quantity, least=0, most=checks.LARGEST_QUANTITY
    )
    if line.amount is None and line.quantity == 0:
        yield Problem(f"{at}.amount", "is missing, and so is the quantity")
    if line.amount is not None:
        most = checks.LARGEST_AMOUNT
        yield from checks.number(f"{at}.amount", line.amount, least=0, most=most)
