"""What happens at the counters: pickups, payments, returns, scans without a net."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from apps.catalog.models import Variant
from apps.conversations import services as conversations
from apps.loyalty.models import CouponIssue
from apps.orders import services as orders
from apps.orders.models import Order, Pickup, StorePayment
from config.demo import goods
from config.demo.goods import Served

TABLET = UUID("5b0c7d1e-0000-4000-8000-000000000001")
PAYMENTS = ("waiting", "waiting", "paid", "expired", "waiting")


def build(random: Random, *, now: datetime) -> None:
    """Tell what happened at the counters these days."""
    served = goods.those_served()
    stock = list(
        Variant.objects.filter(stock__quantity__gt=3)
        .select_related("product")
        .distinct()
        .order_by("-pk")[:40]
    )
    if not served or not stock:
        return
    for place, days in enumerate((2, 6.2)):
        _ready(random, served[place % len(served)], stock, place, days, now=now)
    _short(random, served[0], stock, now=now)
    for place, state in enumerate(PAYMENTS):
        _to_pay(random, served[place % len(served)], stock, place, state, now=now)
    _returned(random, served[0], stock, now=now)
    _scans(served[0], now=now)


def _ready(
    random: Random,
    whom: Served,
    stock: Sequence[Variant],
    place: int,
    days: float,
    *,
    now: datetime,
) -> None:
    """Lay an order out so many days ago; after six it is soon to end."""
    pickup = _pickup(random, whom, stock, f"WR{place:04d}", days + 0.2, now=now)
    ready_at = now - timedelta(days=days)
    pickup = orders.make_ready(pickup, by=whom.staff, now=ready_at)
    conversations.tell_pickup_ready(pickup, now=now)


def _short(
    random: Random, whom: Served, stock: Sequence[Variant], *, now: datetime
) -> None:
    """Hand over all but one piece, which nobody found: it is refunded."""
    pickup = _pickup(random, whom, stock, "WS0001", 2, now=now)
    orders.make_ready(pickup, by=whom.staff, now=now - timedelta(days=1))
    first = pickup.lines.order_by("pk")[:1].get()
    at = now - timedelta(hours=2)
    orders.hand_over(pickup, {first.pk: 1}, by=whom.staff, now=at, is_last=True)


def _pickup(
    random: Random,
    whom: Served,
    stock: Sequence[Variant],
    number: str,
    days: float,
    *,
    now: datetime,
) -> Pickup:
    told = goods.order_of(
        number, whom, random.sample(stock, k=2), now - timedelta(days=days),
        pickup_store_code=whom.store.code,
    )  # fmt: skip
    orders.record([told], now=now)
    return Pickup.objects.get(order__source=told.source, order__external_id=number)


def _to_pay(
    random: Random,
    whom: Served,
    stock: Sequence[Variant],
    place: int,
    state: str,
    *,
    now: datetime,
) -> None:
    at = now - timedelta(days=4 if state == "expired" else 1, hours=place)
    fetched = {"pickup_store_code": whom.store.code} if place % 2 == 0 else {}
    told = goods.order_of(
        f"WY{place:04d}", whom, random.sample(stock, k=1 + place % 2), at,
        paid_at=None, shipping=0 if fetched else 80, **fetched,
    )  # fmt: skip
    orders.record([told], now=now)
    order = Order.objects.get(source=told.source, external_id=told.external_id)
    orders.await_payment(order, store=whom.store, now=at)
    if state == StorePayment.State.PAID:
        taken = orders.Taken(f"POS-{place:05d}", StorePayment.Method.CARD, whom.store)
        orders.pay_in_store(order, taken, by=whom.staff, now=at + timedelta(hours=5))
    if state == StorePayment.State.EXPIRED:
        orders.expire_payments(now=now)


def _returned(
    random: Random, whom: Served, stock: Sequence[Variant], *, now: datetime
) -> None:
    """Bring one of two pieces bought in the shop back to the store."""
    told = goods.order_of("WB0001", whom, random.sample(stock, k=2),
                          now - timedelta(days=5))  # fmt: skip
    orders.record([told], now=now)
    order = Order.objects.get(source=told.source, external_id="WB0001")
    given = orders.Return({"1": 1}, "尺寸不合 POS-R0007", UUID(int=7))
    orders.take_back(order, given, store=whom.store, by=whom.staff, now=now)


def _scans(whom: Served, *, now: datetime) -> None:
    """A tablet was without a net for a while: one is confirmed, two came to nothing."""
    held = CouponIssue.objects.filter(
        state=CouponIssue.State.ISSUED, coupon__state="live", coupon__minimum=0,
        coupon__kind="amount", coupon__channels__contains=["store"],
        coupon__stores=None, valid_from__lte=now - timedelta(hours=2),
        valid_until__gt=now,
    ).order_by("pk")  # fmt: skip
    codes = [*held.values_list("code", flat=True)[:1]] * 2 + ["ABCD-EFGH-9999"]
    scans = [
        orders.Scan(
            UUID(int=0x5C00 + place), TABLET, code,
            now - timedelta(minutes=70 - 9 * place),
        )
        for place, code in enumerate(codes)
    ]  # fmt: skip
    orders.write_off(scans, by=whom.staff, store=whom.store, now=now)
