"""How platforms write money, times and names, and what a delivery tells of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from apps.core.text import clean
from apps.members import phones
from apps.members.services.records import MemberIn
from apps.orders.rules.intake import CURRENCY, LineIn, OrderIn
from apps.orders.rules.refunds import RefundIn

Facts = Mapping[str, Any]
CODE = re.compile(r"[-\w]{1,30}", re.ASCII)
REFERENCE = "rg"
LONGEST_COUPON = 40
SPLITS = re.compile(r"[\u3400-\u9fff]")


class Unmappable(Exception):  # noqa: N818  (it is an answer, not a fault)
    """A delivery that no trying again can map; the text says why."""


@dataclass(frozen=True)
class ItemIn:
    """A product of a shop; the category is the shop's own name for it."""

    code: str
    name: str
    category: str
    price: int
    description: str
    path: str
    is_active: bool
    variants: tuple[tuple[str, str, str], ...]  # SKU, colour, size


@dataclass(frozen=True)
class Told:
    """What a delivery tells, in our services' words; `subject` of what."""

    subject: str
    changed_at: datetime | None = None
    order: OrderIn | None = None
    refunds: tuple[RefundIn, ...] = ()
    member: MemberIn | None = None
    product: ItemIn | None = None


def unpack(body: bytes) -> Facts:
    """Return the JSON object of the body; Unmappable where there is none."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unmappable(f"the body is no JSON: {error}") from error
    if not isinstance(facts, dict):
        raise Unmappable("the body is no JSON object")
    return facts


def amount(value: object) -> Decimal:
    """Return a decimal string; nothing is zero."""
    try:
        number = Decimal(str(value or 0))
    except InvalidOperation as error:
        raise Unmappable(f"no amount of money: {value}") from error
    if not number.is_finite():
        raise Unmappable(f"no amount of money: {value}")
    return number


def dollars(value: Decimal) -> int:
    """Round to whole NT$, halves up."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def only_dollars(currency: object) -> None:
    """Refuse money that is no NT$: Unmappable."""
    if currency != CURRENCY:
        raise Unmappable(f"currency {currency}: only {CURRENCY} can be recorded")


def moment(value: object) -> datetime | None:
    """Return an ISO time; one without its offset is UTC."""
    if not isinstance(value, str) or not value:
        return None
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def told_at(value: object, field: str) -> datetime:
    """Return an ISO time that must be there; else Unmappable names the field."""
    at = moment(value)
    if at is None:
        raise Unmappable(f"{field} is missing")
    return at


def text(value: object, most: int) -> str:
    """Return a text without what cannot be stored, cut to `most` letters."""
    return clean(str(value), most).strip() if value is not None else ""


def full_name(first: object, last: object) -> str:
    """Join the parts of a name as its script does: 陳思妤, Amy Chen."""
    one, two = text(first, 60), text(last, 60)
    if SPLITS.search(one + two):
        return f"{two}{one}"[:60]
    return f"{one} {two}".strip()[:60]


def phone(*offered: object) -> str:
    """Return the first text that can be read as a phone number, else nothing."""
    found = (text(each, 40) for each in offered if each)
    return next((each for each in found if phones.parsed(each)), "")


def email(value: object) -> str:
    """Return an e-mail address, else nothing."""
    address = text(value, 254)
    return address if "@" in address.strip("@") else ""


def line(
    number: object, facts: Facts, *, gross: Decimal, net: Decimal, tax: Decimal
) -> LineIn:
    """Return a line by what it cost before and after all discounts, tax included.

    Platforms' prices may not divide by the pieces: the rest goes into the discount.
    """
    quantity = int(facts["quantity"])
    whole = dollars(net)
    before = max(dollars(gross), whole)
    piece = -(-before // quantity) if quantity > 0 else before
    return LineIn(
        external_id=str(number),
        sku=text(facts.get("sku"), 40),
        name=text(facts.get("name") or facts.get("title"), 120),
        quantity=quantity,
        unit_price=piece,
        discount=piece * quantity - whole,
        tax=min(dollars(tax), whole),
    )


def reference(pairs: object, *, name: str) -> str:
    """Return our tracked link's reference from a shop's list of own fields."""
    for each in pairs if isinstance(pairs, list) else []:
        if each.get(name) == REFERENCE:
            return text(each.get("value"), 40)
    return ""


def coupons(codes: list[Any]) -> tuple[str, ...]:
    """Return the codes that could be ours."""
    found = (text(each.get("code"), LONGEST_COUPON + 1) for each in codes)
    return tuple(code for code in found if 0 < len(code) <= LONGEST_COUPON)


def code_of(handle: object, number: object) -> str:
    """Return the product's code: its handle, or its number where that is no code."""
    written = str(handle or "")
    return written if CODE.fullmatch(written) else f"p-{number}"
