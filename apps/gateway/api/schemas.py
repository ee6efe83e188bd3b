"""What goes in and out of the API, as its callers see it.

A row of a batch that is not as the schema says becomes `Unreadable` instead of failing
the whole request: the other rows are recorded, and its answer names the field and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AwareDatetime, BeforeValidator, ValidationError, WrapValidator

from apps.core.text import clean

MOST_ROWS = 1000
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


@dataclass(frozen=True)
class Unreadable:
    """A row that is not as the schema says."""

    external_id: str
    field: str
    why: str


def or_unreadable(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = value if isinstance(value, dict) else {}
        number = told.get("external_id", told.get("event_id", ""))
        return Unreadable(
            external_id=clean(str(number), 60),
            field=".".join(clean(str(part), 80) for part in first["loc"]),
            why=first["msg"],
        )


def _text_only(value: Any) -> Any:
    """Keep a number from being read as seconds since 1970."""
    if isinstance(value, (int, float)):
        raise ValueError("must be a text such as 2026-11-20T21:12:00+08:00")  # noqa: TRY004  (pydantic turns a ValueError into the row's error)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_text_only)]
Name = Annotated[str, BeforeValidator(lambda v: clean(v) if isinstance(v, str) else v)]
Amount = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


def text_of(most: int, text: str, least: int = 1) -> Any:
    return Field(
        min_length=least or None, max_length=most, pattern=PRINTABLE, description=text
    )


class Customer(Schema):
    """By what a system knows a person: any key finds the member."""

    name: Name = Field(default="", max_length=60)
    phone: Name = Field(
        default="", max_length=40, description="As the customer wrote it"
    )
    email: Name = Field(default="", max_length=254)
    line_user_id: Annotated[str, text_of(64, "Their LINE user id", 0)] = ""
    card: Annotated[str, text_of(40, "The number of the member's card", 0)] = ""
    shop_id: Annotated[str, text_of(120, "Their id in your shop", 0)] = ""
    app_id: Annotated[str, text_of(120, "Their id in your app", 0)] = ""
    pos_id: Annotated[str, text_of(120, "Their id in your tills", 0)] = ""


class Seller(Schema):
    """Who sold how many units of a line."""

    code: Annotated[str, text_of(20, "The staff code")]
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)]


class Line(Schema):
    """One thing bought."""

    external_id: Annotated[str, text_of(60, "The line's number within the order")]
    sku: Annotated[str, text_of(40, "A variant's SKU; an unknown one is kept", 0)] = ""
    name: Name = Field("", max_length=120)
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    unit_price: Amount = Field(description="NT$ a piece")
    discount: Amount = Field(0, description="NT$ off the whole line")
    tax: Amount = Field(0, description="NT$ included in the price of the line")
    sellers: list[Seller] = Field(
        default=[], max_length=20, description="What is left is the order's seller's"
    )


class Invoice(Schema):
    """The e-invoice (Taiwan) of an order; a customer who shows it gets the points."""

    number: Annotated[str, text_of(11, "Two letters and eight digits", 10)]
    issued_on: date | None = Field(None, description="Left out: the day of payment")
    random_code: Annotated[str, text_of(4, "Four digits", 0)] = ""
    carrier: Annotated[str, text_of(64, "The carrier that keeps it", 0)] = ""
    donated_to: Annotated[str, text_of(7, "The charity's code, if donated", 0)] = ""


class Order(Schema):
    """One purchase. The same source and external_id again is a newer version of it."""

    source: Annotated[str, text_of(20, "Your system, the same in every request")]
    external_id: Annotated[str, text_of(60, "The order's number in your system")]
    channel: Literal["web", "store", "app"]
    placed_at: Moment
    paid_at: Moment | None = Field(
        None, description="A store's order is paid when it is placed if this is missing"
    )
    updated_at: Moment | None = Field(
        None, description="When you changed the order: an older version is ignored"
    )
    reference: Annotated[str, text_of(40, "The snippet's reference()", 0)] = ""
    customer: Customer = Customer()
    store_code: Annotated[str, text_of(20, "Required for the channel store", 0)] = ""
    seller_code: Annotated[str, text_of(20, "Who rang it up: the staff code", 0)] = ""
    lines: list[Line] = Field(min_length=1, max_length=500)
    shipping: Amount = Field(0, description="NT$, earns no credit")
    discount: Amount = Field(0, description="NT$ off the order, split over its lines")
    status: (
        Literal["placed", "paid", "shipped", "ready", "completed", "cancelled"] | None
    ) = Field(None, description="Left out, payment and cancellation say it")
    cancelled_at: Moment | None = Field(
        None, description="A cancelled order counts as refunded whole"
    )
    currency: Annotated[str, text_of(3, "Only TWD")] = "TWD"
    tax: Amount = Field(0, description="NT$ included in the prices")
    ship_to: Name = Field("", max_length=200)
    cart_code: Annotated[str, text_of(20, "Of the cart our link opened", 0)] = ""
    pickup_store_code: Annotated[str, text_of(20, "Where it is fetched", 0)] = ""
    exchange_of: Annotated[str, text_of(60, "The order it is exchanged for", 0)] = ""
    points_used: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)] = 0
    points_discount: Amount = Field(0, description="NT$ of `discount` paid in points")
    coupons: list[Annotated[str, text_of(40, "A coupon's code")]] = Field(
        default=[], max_length=20
    )
    invoice: Invoice | None = None


class RefundLine(Schema):
    """A part of a line: some pieces, or (quantity 0) a part of the price."""

    line_external_id: Annotated[str, text_of(60, "The line's number within the order")]
    quantity: Annotated[int, Field(strict=True, ge=0, le=100_000)] = 0
    amount: Amount | None = Field(
        None, description="NT$; if missing, what was paid for the pieces"
    )


class RefundOfOrder(Schema):
    """Money given back for the order of the address."""

    external_id: Annotated[str, text_of(60, "The refund's number, unique in its order")]
    refunded_at: Moment
    reason: Name = Field("", max_length=120)
    store_code: Annotated[str, text_of(20, "Where the goods were brought back", 0)] = ""
    handler_code: Annotated[str, text_of(20, "The staff code of who took them", 0)] = ""
    lines: list[RefundLine] = Field(min_length=1, max_length=500)


class Refund(RefundOfOrder):
    """Money given back. It may come before its order and then waits for it."""

    source: Annotated[str, text_of(20, "The order's source")]
    order_external_id: Annotated[str, text_of(60, "The order's number")]


class Orders(Schema):
    """A batch of orders."""

    orders: list[Annotated[Order, WrapValidator(or_unreadable)]] = Field(
        min_length=1, max_length=MOST_ROWS
    )


class Refunds(Schema):
    """A batch of refunds."""

    refunds: list[Annotated[Refund, WrapValidator(or_unreadable)]] = Field(
        min_length=1, max_length=MOST_ROWS
    )


class RefundsOfOrder(Schema):
    """A batch of refunds of one order."""

    refunds: list[Annotated[RefundOfOrder, WrapValidator(or_unreadable)]] = Field(
        min_length=1, max_length=MOST_ROWS
    )


class Result(Schema):
    """What became of a row; for a rejected one the field and why."""

    external_id: str
    status: Literal["new", "changed", "unchanged", "parked", "rejected"]
    field: str | None = None
    why: str | None = None


class Results(Schema):
    """One result for each row, in the order they were sent."""

    results: list[Result]


class Variant(Schema):
    """A product in one colour and size."""

    sku: str
    color: str
    size: str
    price: int = Field(description="NT$")
    stock: int = Field(description="In all stores together")


class Product(Schema):
    """A thing for sale."""

    code: str
    name: str
    name_en: str
    price: int = Field(description="NT$")
    category: str
    picture_url: str
    description: str
    variants: list[Variant]


class Products(Schema):
    """A page of products; `next` is the cursor of the next page, null on the last."""

    products: list[Product]
    next: str | None


class RecordedLine(Schema):
    """A line as it is recorded; `net` is after its part of every discount."""

    external_id: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    net: int


class RecordedRefund(Schema):
    """A refund as it is recorded."""

    external_id: str
    refunded_at: datetime
    reason: str
    amount: int


class RecordedOrder(Schema):
    """An order as it is recorded; money in NT$."""

    source: str
    external_id: str
    channel: str
    status: str
    placed_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None
    reference: str
    store_code: str | None
    seller_code: str | None
    member_number: str | None
    goods: int
    discount: int
    net: int
    shipping: int
    refunded: int
    lines: list[RecordedLine]
    refunds: list[RecordedRefund]


class Fault(Schema):
    """Where in the request something is wrong, and what."""

    row: int | None
    field: str
    why: str


class Problem(Schema):
    """An error (RFC 9457); `code` names the rule that refused, if one did."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault]
