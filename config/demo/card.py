"""The demo's expiring points and coupons, e-invoices, printed codes and a pause."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from apps.catalog.models import Category, Variant
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import LoyaltySettings
from apps.members.models import Identity, Member
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.rules.invoices import Read
from apps.staff.models import Staff
from apps.stores.models import Store

DAY = timedelta(days=1)
SOLD, TOLD = 14, 12  # sales without a member, members with something that ends soon
BATCH = UUID("5b5d8a3e-2f43-4a2f-9c52-6c4c1d2a9f10")
LEAFLET: dict[str, Any] = {
    "name": "型錄折 80", "name_en": "Catalogue NT$80", "amount": 80, "minimum": 600,
    "hue": 150, "channels": ["store", "web"], "most_issued": 500,
    "most_per_member": None,
}  # fmt: skip
WEEKEND: dict[str, Any] = {
    "name": "週末前折 150", "name_en": "Before the weekend NT$150", "amount": 150,
    "minimum": 900, "hue": 20, "channels": ["store", "web", "app"],
}  # fmt: skip


def build(random: Random, *, now: datetime) -> None:
    """Settle notices and invoices, then let customers have something to see."""
    hq = Staff.objects.filter(role=Staff.Role.ADMIN).earliest("pk")
    kept = LoyaltySettings(pk=1, points_days=7, coupon_days=3, invoice_days=30)
    loyalty.keep_settings(kept, by=hq, now=now)
    _pause(hq, now=now)
    _ending_soon(hq, now=now)
    _print(hq, now=now)
    _invoices(random, now=now)


def _pause(hq: Staff, *, now: datetime) -> None:
    """Keep points from paying for coats in the web shop these days."""
    loyalty.pause_burning(
        clock.start_of(clock.day_of(now)),
        clock.end_of(clock.day_of(now + 4 * DAY)),
        reason="外套已經是檔期價",
        channels=[Order.Channel.WEB],
        categories=list(Category.objects.filter(slug="coat")),
        by=hq,
        now=now,
    )


def _ending_soon(hq: Staff, *, now: datetime) -> None:
    friends = Member.objects.filter(
        stage=Member.Stage.REGISTERED, identities__kind=Identity.Kind.LINE
    )
    told = list(friends.distinct().order_by("pk").values_list("pk", flat=True)[:TOLD])
    loyalty.grant(
        told, 60, source_type="demo", source_id="spring", reason="春季活動贈點",
        by=hq, now=now - 360 * DAY,
    )  # fmt: skip
    until = clock.end_of(clock.day_of(now + 3 * DAY))
    coupon = loyalty.draft_coupon(by=hq, now=now, valid_until=until, **WEEKEND)
    loyalty.issue(
        loyalty.publish_coupon(coupon, by=hq, now=now), told, source="hq", now=now
    )


def _print(hq: Staff, *, now: datetime) -> None:
    until = clock.end_of(clock.day_of(now + 60 * DAY))
    coupon = loyalty.draft_coupon(by=hq, now=now, valid_until=until, **LEAFLET)
    coupon = loyalty.publish_coupon(coupon, by=hq, now=now)
    loyalty.print_copies(coupon, 200, key=BATCH, by=hq, now=now)


def _invoices(random: Random, *, now: datetime) -> None:
    """Sell in nobody's name; some customers show the invoice, one too early."""
    goods = list(Variant.objects.select_related("product").order_by("pk")[:40])
    stores = list(Store.objects.order_by("pk"))
    sold = [
        _sale(place, random.choice(goods), random.choice(stores), now=now)
        for place in range(SOLD)
    ]
    orders.record(sold, now=now)
    people = Member.objects.filter(stage=Member.Stage.REGISTERED).order_by("pk")
    for member, sale in zip(people[5:], sold[: SOLD // 2], strict=False):
        _claim(member, _number(sold.index(sale)), sale, now=now)
    first, second = people[20], people[21]
    _claim(first, _number(0), sold[0], now=now)
    _claim(second, "QX20260001", sold[1], now=now)


def _sale(
    place: int, variant: Variant, store: Store, *, now: datetime
) -> orders.OrderIn:
    at = now - timedelta(days=place % 9 + 1, hours=place)
    price = variant.product.price
    line = orders.LineIn("1", variant.sku, variant.product.name, 1, price)
    is_donated = place == 3
    invoice = orders.InvoiceIn(
        _number(place),
        random_code=f"{place:04}",
        carrier="" if is_donated or place % 2 else "/QX7T-A8",
        donated_to="8585" if is_donated else "",
    )
    return orders.OrderIn(
        "pos", f"INV-{place:04}", "store", at, (line,), paid_at=at,
        store_code=store.code, invoice=invoice,
    )  # fmt: skip


def _number(place: int) -> str:
    return f"QX{38_100_000 + place}"


def _claim(member: Member, number: str, sale: orders.OrderIn, *, now: datetime) -> None:
    invoice = sale.invoice
    read = Read(
        number, clock.day_of(sale.placed_at), invoice.random_code if invoice else "",
        sale.lines[0].cost,
    )  # fmt: skip
    orders.claim_invoice(member, read, source="qr", now=now)
