"""An order as it comes in: is it sound, what is each line worth, does it replace what
is recorded?

Discounts of the whole order are split over the lines by what each costs after its own
discount (largest remainder), so that the lines sum to the order to the dollar.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from apps.core.money import split
from apps.orders.rules import checks
from apps.orders.rules.checks import Problem
from apps.orders.rules.statuses import RANK, STATUSES, OrderStatus, further, status_of

Status = Literal["new", "changed", "unchanged", "rejected", "parked"]
CHANNELS = ("store", "web", "app")
CURRENCY = "TWD"
MOST_COUPONS = 20
# Field, least and most characters.
ORDER_TEXTS = (
    ("source", 1, 20), ("external_id", 1, 60), ("reference", 0, 40),
    ("store_code", 0, 20), ("seller_code", 0, 20), ("ship_to", 0, 200),
    ("cart_code", 0, 20), ("exchange_of", 0, 60), ("pickup_store_code", 0, 20),
)  # fmt: skip
CUSTOMER_TEXTS = (
    ("name", 0, 60), ("phone", 0, 40), ("email", 0, 254), ("line_user_id", 0, 64),
)  # fmt: skip
LINE_TEXTS = (("external_id", 1, 60), ("sku", 0, 40), ("name", 0, 120))
MOMENTS = ("placed_at", "paid_at", "updated_at", "cancelled_at")


@dataclass(frozen=True)
class CustomerIn:
    """By what the source knows the customer; all of it may be missing.

    `shop_id`, `app_id` and `pos_id` are the source's own ids of them.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    line_user_id: str = ""
    card: str = ""
    shop_id: str = ""
    app_id: str = ""
    pos_id: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether there is a key to find the member by."""
        return any(value for name, value in vars(self).items() if name != "name")


@dataclass(frozen=True)
class LineIn:
    """One thing bought; `discount` and `tax` are of the whole line, in NT$.

    `sellers` says who sold how many of its units, by code; the order's seller sold
    the rest.
    """

    external_id: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int = 0
    tax: int = 0
    sellers: tuple[tuple[str, int], ...] = ()

    @property
    def cost(self) -> int:
        """Return what the line costs before its part of the order's discount."""
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True)
class OrderIn:
    """One purchase as its source tells it; money in NT$.

    `tax` is included in the prices, `points_discount` in `discount`. `status` may be
    left empty: then payment and cancellation say it.
    """

    source: str
    external_id: str
    channel: str
    placed_at: datetime
    lines: tuple[LineIn, ...]
    paid_at: datetime | None = None
    # When the source last changed the order: with it, versions may come in any order.
    updated_at: datetime | None = None
    reference: str = ""
    customer: CustomerIn = field(default_factory=CustomerIn)
    store_code: str = ""
    seller_code: str = ""
    shipping: int = 0
    discount: int = 0
    status: str = ""
    cancelled_at: datetime | None = None
    currency: str = CURRENCY
    tax: int = 0
    ship_to: str = ""
    cart_code: str = ""  # of the cart of ours that it was made from
    pickup_store_code: str = ""  # where the customer fetches it
    exchange_of: str = ""  # the source's number of the order it is exchanged for
    points_used: int = 0
    points_discount: int = 0
    coupons: tuple[str, ...] = ()  # the codes used

    @property
    def key(self) -> tuple[str, str]:
        """Return what the order is known by."""
        return self.source, self.external_id


@dataclass(frozen=True)
class PricedLine:
    """A line with its part of every discount and of the tax."""

    line: LineIn
    discount: int
    net: int
    tax: int = 0


@dataclass(frozen=True)
class Priced:
    """A sound order with its sums; `digest` is of all that was sent."""

    order: OrderIn
    lines: tuple[PricedLine, ...]
    goods: int
    discount: int
    net: int
    digest: bytes
    tax: int = 0

    @cached_property
    def status(self) -> OrderStatus:
        """Return how far the order has come."""
        order = self.order
        return status_of(
            order.status, paid_at=order.paid_at, cancelled_at=order.cancelled_at
        )


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

    @classmethod
    def of(cls, digest: bytes) -> Version:
        """Return a version of which nobody needs to know more than its payload."""
        return cls(digest, None, None, {})


@dataclass(frozen=True)
class Verdict:
    """What is done with a row; why where it is refused or not taken whole."""

    status: Status
    problem: Problem | None = None


def price(order: OrderIn, *, now: datetime) -> Priced | Problem:
    """Return the order with its sums, or the first thing wrong with it."""
    problem = next(_problems(order, now), None)
    if problem:
        return problem
    order = _normal(order)
    costs = [line.cost for line in order.lines]
    parts = split(order.discount, costs) if order.discount else [0] * len(costs)
    nets = [cost - part for cost, part in zip(costs, parts, strict=True)]
    taxes = _taxes(order, nets)
    lines = tuple(
        PricedLine(line, line.discount + part, net, tax)
        for line, part, net, tax in zip(order.lines, parts, nets, taxes, strict=True)
    )
    problem = next(_problems_of_tax(order, lines), None)
    if problem:
        return problem
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    net, tax = sum(nets), sum(taxes)
    return Priced(order, lines, goods, goods - net, net, _digest(order), tax)


def _taxes(order: OrderIn, nets: Sequence[int]) -> list[int]:
    """Return each line's tax: its own, or its part of the order's by what it costs."""
    stated = [line.tax for line in order.lines]
    if any(stated) or not order.tax or not sum(nets):
        return stated
    return split(order.tax, nets)


def _problems_of_tax(order: OrderIn, lines: Sequence[PricedLine]) -> Iterator[Problem]:
    for position, priced in enumerate(lines):
        if priced.tax > priced.net:
            yield Problem(f"lines.{position}.tax", "is more than the line costs")
    if order.tax not in (0, sum(priced.tax for priced in lines)):
        yield Problem("tax", "is not what the lines' tax comes to")


def judge(recorded: Version | None, priced: Priced) -> Verdict:
    """Decide whether a version of an order replaces what is recorded.

    The same payload changes nothing, and neither does an older version: older by
    `updated_at` where both have one, else unpaid where the recorded one is paid, or
    alive where that is cancelled. A newer version that steps back is taken, but for the
    step (`keep`), and the verdict says so.
    """
    if recorded is None:
        return Verdict("new")
    if recorded.digest == priced.digest or _is_older(priced.order, recorded):
        return Verdict("unchanged")
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
    return replace(priced, order=order)


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


def _problems(order: OrderIn, now: datetime) -> Iterator[Problem]:
    yield from _problems_of_texts(order)
    if order.channel not in CHANNELS:
        yield Problem("channel", f"must be one of {', '.join(CHANNELS)}")
    if order.channel == "store" and not order.store_code:
        yield Problem("store_code", "is missing, though the channel is store")
    for name in MOMENTS:
        yield from checks.moment(name, getattr(order, name), now=now)
    yield from _amount("shipping", order.shipping)
    yield from _amount("tax", order.tax)
    if order.currency != CURRENCY:
        yield Problem("currency", f"must be {CURRENCY}: every amount is in NT$")
    yield from _problems_of_status(order)
    yield from _problems_of_lines(order)
    cost = sum(line.cost for line in order.lines)
    yield from checks.number("discount", order.discount, least=0, most=cost)
    most = order.discount
    yield from checks.number(
        "points_discount", order.points_discount, least=0, most=most
    )
    yield from _amount("points_used", order.points_used)


def _problems_of_status(order: OrderIn) -> Iterator[Problem]:
    if order.status not in ("", *STATUSES):
        yield Problem("status", f"must be one of {', '.join(STATUSES)}")
    if order.status == "cancelled" and not (order.cancelled_at or order.updated_at):
        yield Problem("cancelled_at", "is missing, though the order is cancelled")


def _problems_of_texts(order: OrderIn) -> Iterator[Problem]:
    yield from checks.texts(vars(order), ORDER_TEXTS)
    if len(order.coupons) > MOST_COUPONS:
        yield Problem("coupons", f"must be at most {MOST_COUPONS}")
    for position, code in enumerate(order.coupons):
        yield from checks.text(f"coupons.{position}", code, least=1, most=40)
    yield from checks.texts(vars(order.customer), CUSTOMER_TEXTS, at="customer.")


def _problems_of_lines(order: OrderIn) -> Iterator[Problem]:
    if not 1 <= len(order.lines) <= checks.MOST_LINES:
        yield Problem("lines", f"must be 1 to {checks.MOST_LINES}")
    seen: set[str] = set()
    for position, line in enumerate(order.lines):
        at = f"lines.{position}"
        if line.external_id in seen:
            yield Problem(f"{at}.external_id", "appears twice in the order")
        seen.add(line.external_id)
        yield from _problems_of_line(at, line)


def _problems_of_line(at: str, line: LineIn) -> Iterator[Problem]:
    yield from checks.texts(vars(line), LINE_TEXTS, at=f"{at}.")
    goods = line.quantity * line.unit_price
    for name, value, least, most in (
        ("quantity", line.quantity, 1, checks.LARGEST_QUANTITY),
        ("unit_price", line.unit_price, 0, checks.LARGEST_AMOUNT),
        ("discount", line.discount, 0, goods),
        ("tax", line.tax, 0, checks.LARGEST_AMOUNT),
    ):
        if not least <= value <= most:
            yield from checks.number(f"{at}.{name}", value, least=least, most=most)
    if line.sellers:
        yield from _problems_of_sellers(at, line)


def _problems_of_sellers(at: str, line: LineIn) -> Iterator[Problem]:
    codes = [code for code, _quantity in line.sellers]
    if len(set(codes)) < len(codes):
        yield Problem(f"{at}.sellers", "names a salesperson twice")
    for code, quantity in line.sellers:
        yield from checks.text(f"{at}.sellers", code, least=1, most=20)
        yield from checks.number(
            f"{at}.sellers", quantity, least=1, most=checks.LARGEST_QUANTITY
        )
    if sum(quantity for _code, quantity in line.sellers) > line.quantity:
        yield Problem(f"{at}.sellers", "sold more units than the line has")


def _amount(name: str, value: int) -> Iterator[Problem]:
    return checks.number(name, value, least=0, most=checks.LARGEST_AMOUNT)


def _normal(order: OrderIn) -> OrderIn:
    """Tell times in UTC, and when it was paid and cancelled where only the status says.

    A till sells against payment, so that its sale is paid. What is shipped or ready may
    still be to be paid on delivery.
    """
    paid_at, cancelled_at = order.paid_at, order.cancelled_at
    if order.channel == "store" or order.status in ("paid", "completed"):
        paid_at = paid_at or order.placed_at
    if order.status == "cancelled":
        cancelled_at = cancelled_at or order.updated_at
    return _with(
        order,
        placed_at=order.placed_at.astimezone(UTC),
        paid_at=paid_at and paid_at.astimezone(UTC),
        updated_at=order.updated_at and order.updated_at.astimezone(UTC),
        cancelled_at=cancelled_at and cancelled_at.astimezone(UTC),
    )


def _with(order: OrderIn, **times: datetime | None) -> OrderIn:
    """Return the order with other times; `replace` would take ten times as long."""
    changed = object.__new__(OrderIn)
    vars(changed).update(vars(order), **times)
    return changed


def _digest(order: OrderIn) -> bytes:
    """Return the digest of all that was sent, in half the time that JSON would take."""
    told = vars(order) | {
        "customer": tuple(vars(order.customer).values()),
        "lines": [tuple(vars(line).values()) for line in order.lines],
        "coupons": tuple(order.coupons),
    }
    return hashlib.sha256(ascii(told).encode()).digest()
