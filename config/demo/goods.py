"""Carts in each state, goods that wait at stores, an exchange, cancelled orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from apps.catalog.models import Variant
from apps.members.models import Binding, Member
from apps.orders import services as orders
from apps.orders.models import CounterSales, Pickup
from apps.orders.services import CustomerIn, LineIn, OrderIn
from apps.staff.models import Staff
from apps.stores.models import Store

SOURCE = "shop"
NOTES = ("這件搭您上次買的大衣很好看", "兩件都幫您留了，不合身可以到門市換", "")
PICKUPS = ("placed", "placed", "picking", "ready", "ready", "partial", "collected",
           "expired", "unpaid")  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A customer with a phone, and who serves them where."""

    member: Member
    staff: Staff
    store: Store


def build(random: Random, *, now: datetime) -> None:
    """Tell what the carts and the stores' back rooms look like this week."""
    CounterSales.objects.bulk_create(
        CounterSales(store=store, by_salespeople=place % 2 == 0)
        for place, store in enumerate(Store.objects.order_by("code"))
    )
    served = those_served()
    goods = list(
        Variant.objects.filter(stock__quantity__gt=2)
        .select_related("product")
        .distinct()
        .order_by("pk")[:60]
    )
    if not served or not goods:
        return
    for place in range(6):
        _cart(random, served[place % len(served)], goods, place, now=now)
    for place, state in enumerate(PICKUPS):
        _pickup(random, served[place % len(served)], goods, place, state, now=now)
    _exchange(random, served[0], goods, now=now)
    for place in range(3):
        _cancelled(random, served[place % len(served)], goods, place, now=now)


def those_served() -> list[Served]:
    """Return up to three customers of each salesperson, those of lin first."""
    bonds = (
        Binding.objects.current()
        .filter(member__phone__isnull=False)
        .select_related("member", "staff", "store")
        .order_by("staff_id", "pk")
    )
    first: dict[int, list[Served]] = {}
    for bond in bonds[:400]:
        served = first.setdefault(bond.staff_id, [])
        if len(served) < 3:
            served.append(Served(bond.member, bond.staff, bond.store))
    lin = Staff.objects.filter(code="lin").values_list("pk", flat=True).first()
    ranked = sorted(first.items(), key=lambda pair: pair[0] != lin)
    return [each for _staff, served in ranked for each in served]


def _cart(
    random: Random,
    whom: Served,
    goods: Sequence[Variant],
    place: int,
    *,
    now: datetime,
) -> None:
    at = now - timedelta(hours=3 + place)
    wanted = {each.pk: 1 for each in random.sample(goods, k=1 + place % 3)}
    cart = orders.fill_cart(
        whom.member, wanted, by=whom.staff, store=whom.store, now=at
    )
    if place % 3 == 0:
        return
    sent_at = at + timedelta(minutes=9)
    note = NOTES[place % len(NOTES)]
    orders.send_cart(cart, note=note, by=whom.staff, now=sent_at)
    if place % 3 == 2:
        opened_at = sent_at + timedelta(minutes=25)
        orders.note_opened(cart, {}, now=opened_at)
        lines = cart.lines.select_related("variant__product")
        order = order_of(
            f"WC{place:04d}", whom, [each.variant for each in lines],
            opened_at + timedelta(minutes=6), cart_code=cart.code,
        )  # fmt: skip
        orders.record([order], now=now)


def _pickup(
    random: Random,
    whom: Served,
    goods: Sequence[Variant],
    place: int,
    state: str,
    *,
    now: datetime,
) -> None:
    placed_at = now - timedelta(days=9 if state == "expired" else 1, hours=place)
    paid = {"paid_at": None} if state == "unpaid" else {}
    order = order_of(
        f"WP{place:04d}", whom, random.sample(goods, k=2), placed_at,
        pickup_store_code=whom.store.code, **paid,
    )  # fmt: skip
    orders.record([order], now=now)
    pickup = Pickup.objects.get(
        order__source=SOURCE, order__external_id=order.external_id
    )
    ready_at = placed_at + timedelta(hours=3)
    if state == "placed":
        return
    orders.start_picking(pickup, by=whom.staff, now=ready_at)
    if state == "picking":
        return
    orders.make_ready(pickup, by=whom.staff, now=ready_at)
    lines = list(pickup.lines.all())
    if state in ("partial", "collected"):
        kept = lines[:1] if state == "partial" else lines
        given = {line.pk: line.quantity for line in kept}
        orders.hand_over(pickup, given, by=whom.staff, now=now - timedelta(minutes=40))
    if state == "expired":
        orders.expire_pickups(now=now)


def _exchange(
    random: Random, whom: Served, goods: Sequence[Variant], *, now: datetime
) -> None:
    """A coat bought in the store comes back and another size goes out."""
    first, second = random.sample(goods, k=2)
    store = {"channel": "store", "store_code": whom.store.code}
    bought = order_of(
        "PX0001", whom, [first], now - timedelta(days=4),
        seller_code=whom.staff.code, **store,
    )  # fmt: skip
    instead = order_of(
        "PX0002", whom, [second], now - timedelta(days=1), exchange_of="PX0001", **store
    )
    back = orders.RefundIn(
        SOURCE, "PX0001", "PX0001-R", now - timedelta(days=1),
        (orders.RefundLineIn("1", 1),), reason="換貨", store_code=whom.store.code,
        handler_code=whom.staff.code,
    )  # fmt: skip
    orders.record([bought, instead], now=now)
    orders.record_refunds([back], now=now)


def _cancelled(
    random: Random, whom: Served, goods: Sequence[Variant], place: int, *, now: datetime
) -> None:
    at = now - timedelta(days=2 + place)
    order = order_of(
        f"WX{place:04d}", whom, random.sample(goods, k=1 + place % 2), at,
        cancelled_at=at + timedelta(hours=5),
    )  # fmt: skip
    orders.record([order], now=now)


def order_of(
    number: str,
    whom: Served,
    goods: Sequence[Variant],
    at: datetime,
    **fields: object,
) -> OrderIn:
    """Return an order of the web shop, a piece of each of the goods."""
    lines = tuple(
        LineIn(
            str(place), each.sku,
            f"{each.product.name} {each.color} {each.size}", 1, each.product.price,
        )
        for place, each in enumerate(goods, start=1)
    )  # fmt: skip
    facts: dict[str, object] = {
        "source": SOURCE, "external_id": number, "channel": "web", "placed_at": at,
        "paid_at": at, "lines": lines,
        "customer": CustomerIn(name=whom.member.name, phone=whom.member.phone or ""),
        "ship_to": "", **fields,
    }  # fmt: skip
    return OrderIn(**facts)  # type: ignore[arg-type]  # the fields of OrderIn by name
