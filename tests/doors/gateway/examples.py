"""The world in which the API's documented examples happen."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink
from apps.catalog.models import Stock, Variant
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon
from apps.members.models import Identity
from apps.orders import services as orders
from apps.orders.models import Cart, Order, StorePayment
from apps.stores.models import Store
from tests import make
from tests.loyalty import coupons, ledger

MEMBER = "7002145880013579"


def build(*, now: datetime) -> None:
    """Make a store with its salesperson, a coat, and a member with all she needs."""
    store = make.store(code="TPE01")
    lin = make.staff("林怡君", at=store, code="lin")
    make.product()
    siyu = make.member(
        number=MEMBER, phone="+886912345678", stage="registered", registered_at=now
    )
    for kind, system, value in (
        ("phone", "", "+886912345678"),
        ("shop", "web", "1001"),
    ):
        Identity.objects.create(
            member=siyu, kind=kind, system=system, value=value, created_at=now
        )
    link = attribution.make_link(lin, store, member=siyu, product=None, now=now)
    PromoLink.objects.filter(pk=link.pk).update(code="k3XfR8mQ2a")
    coat = Variant.objects.get(sku="coat-01-S")
    cart = orders.fill_cart(siyu, {coat.pk: 1}, by=lin, store=store, now=now)
    Cart.objects.filter(pk=cart.pk).update(code="7KQ2M9XA4BWTC")
    design = coupons.coupon(
        codes=Coupon.Codes.PACK,
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=30),
    )
    loyalty.upload_codes(design, ["AB2C3D4E5F"], by=lin, now=now)
    coupons.copy_of(design, siyu, now=now)
    _to_be_paid("W1121B3", store, now=now)
    waiting = _to_be_paid("W1121B4", store, now=now)
    orders.await_payment(waiting, store=store, until=None, now=now)
    StorePayment.objects.update(code="7KQ2M9XA4CZRD")
    ledger.rule()
    ledger.given(siyu, 500, now=now - timedelta(hours=1))


def _to_be_paid(number: str, store: Store, *, now: datetime) -> Order:
    """Take in an order of the shop that nobody has paid yet, one coat."""
    line = orders.LineIn("1", "coat-01-M", "羊毛大衣", 1, 3_280)
    Stock.objects.update_or_create(
        variant=Variant.objects.get(sku=line.sku), store=store, defaults={"quantity": 9}
    )
    row = orders.OrderIn("web", number, channel="web", placed_at=now, lines=(line,))
    orders.record([row], now=now)
    return Order.objects.get(external_id=number)
