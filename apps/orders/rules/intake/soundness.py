"""What makes an order sound: the first thing wrong with it, with its field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apps.orders.rules import checks, invoices
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake.told import CURRENCY, LineIn, OrderIn
from apps.orders.rules.statuses import STATUSES

CHANNELS = ("store", "web", "app")
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


def problems(order: OrderIn, now: datetime) -> Iterator[Problem]:
    yield from _problems_of_texts(order)
    if order.channel not in CHANNELS:
        yield Problem("channel", f"must be one of {', '.join(CHANNELS)}")
    if order.channel == "store" and not order.store_code:
        yield Problem("store_code", "is missing, though the channel is store")
    for name in MOMENTS:
        if moment := getattr(order, name):
            yield from checks.moment(name, moment, now=now)
    amounts = (
        ("shipping", order.shipping, 0, checks.LARGEST_AMOUNT),
        ("tax", order.tax, 0, checks.LARGEST_AMOUNT),
    )
    yield from checks.numbers(amounts)
    if order.currency != CURRENCY:
        yield Problem("currency", f"must be {CURRENCY}: every amount is in NT$")
    yield from _problems_of_status(order)
    yield from _problems_of_lines(order)
    if order.discount or order.points_discount or order.points_used:
        yield from _problems_of_discounts(order)
    if order.invoice is not None:
        yield from invoices.problems(order.invoice)


def _problems_of_discounts(order: OrderIn) -> Iterator[Problem]:
    cost = sum(line.cost for line in order.lines)
    discounts = (
        ("discount", order.discount, 0, cost),
        ("points_discount", order.points_discount, 0, order.discount),
        ("points_used", order.points_used, 0, checks.LARGEST_AMOUNT),
    )
    yield from checks.numbers(discounts)


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
    ranges = (
        ("quantity", line.quantity, 1, checks.LARGEST_QUANTITY),
        ("unit_price", line.unit_price, 0, checks.LARGEST_AMOUNT),
        ("discount", line.discount, 0, goods),
        ("tax", line.tax, 0, checks.LARGEST_AMOUNT),
    )
    yield from checks.numbers(ranges, at=f"{at}.")
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
