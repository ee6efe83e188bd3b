"""Makers: small typed functions that put believable rows into the test database."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange as Range
from django.db.models import F

from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.channels.models import Account
from apps.commissions import rules
from apps.commissions.models import Plan
from apps.core import clock
from apps.members.models import Binding, Identity, Member
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, Refund, RefundLine
from apps.orders.services import facts
from apps.staff.models import Posting, Staff
from apps.stores.models import Region, Store

_numbers = itertools.count(1)


def number() -> int:
    """Return a number that no other row of the run has."""
    return next(_numbers)


def region(name: str = "北區") -> Region:
    """Return the region of that name."""
    return Region.objects.get_or_create(name=name)[0]


def store(name: str = "台北中山店", **fields: object) -> Store:
    """Make a store."""
    fields.setdefault("code", f"s{number()}")
    fields.setdefault("region", region())
    return Store.objects.create(name=name, **fields)


def staff(
    name: str = "林怡君",
    *,
    at: Store | None = None,
    role: str = Staff.Role.SALESPERSON,
    since: date = date(2024, 1, 1),
    **fields: object,
) -> Staff:
    """Make a person, posted to the store if one is given."""
    fields.setdefault("code", f"e{number()}")
    person = Staff(name=name, role=role, **fields)
    person.set_unusable_password()
    person.save()
    if at is not None:
        Posting.objects.create(staff=person, store=at, starts_on=since)
    return person


def account(slug: str = "main", **fields: object) -> Account:
    """Return the brand's LINE account of that slug."""
    defaults = {
        "name": "晴川衣著",
        "basic_id": "@regulars",
        "channel_id": "1650000001",
        "channel_secret": "test-channel-secret",
        "next_channel_secret": "test-next-secret",
        "access_token": "test-access-token",
        "login_channel_id": "1650000002",
        "login_channel_secret": "test-login-secret",
        "liff_id": "1650000002-abcdefgh",
        **fields,
    }
    return Account.objects.get_or_create(slug=slug, defaults=defaults)[0]


def line_user_id() -> str:
    """Return a LINE user id that nobody has yet."""
    return f"U{number():032x}"


def member(
    name: str = "陳思妤",
    *,
    user_id: str = "",
    on: Account | None = None,
    now: datetime | None = None,
    **fields: object,
) -> Member:
    """Make a lead; with `user_id` or `on` one who is known on LINE."""
    at = now or clock.now()
    person = Member.objects.create(name=name, created_at=at, **fields)
    if user_id or on is not None:
        Identity.objects.create(
            member=person,
            kind=Identity.Kind.LINE,
            account=on or account(),
            value=user_id or line_user_id(),
            friend=Identity.Friend.FRIEND,
            created_at=at,
        )
    return person


def product(
    code: str = "coat-01", price: int = 3_280, name: str = "羊毛大衣"
) -> Product:
    """Return a product in two variants, <code>-S and <code>-M."""
    variants = tuple(catalog.VariantIn(f"{code}-{size}", "米白", size) for size in "SM")
    row = catalog.ProductIn(code, name, "coats", "外套", price, variants=variants)
    return catalog.upsert_products([row])[0]


def order_in(number: str = "A-1", **fields: Any) -> orders.OrderIn:
    """Return a paid order of the web shop as it comes in: a coat and two knits."""
    placed_at = fields.setdefault("placed_at", clock.now() - timedelta(days=1))
    lines = (
        orders.LineIn("1", "coat-01-M", "羊毛大衣", 1, 3_280),
        orders.LineIn("2", "knit-01-S", "針織衫", 2, 990),
    )
    defaults = {"channel": "web", "lines": lines, "paid_at": placed_at}
    return orders.OrderIn("shop", number, **{**defaults, **fields})


def refund_in(
    number: str = "R-1", *lines: orders.RefundLineIn, order: str = "A-1"
) -> orders.RefundIn:
    """Return a refund of the order as it comes in; of the coat if no line is given."""
    given = lines or (orders.RefundLineIn("1", 1, 3_280),)
    return orders.RefundIn("shop", order, number, clock.now(), given)


def bound(
    person: Member,
    staff: Staff,
    at: Store,
    *,
    since: datetime,
    until: datetime | None = None,
) -> Binding:
    """Bind the member to the salesperson at the store for the time.

    Who does not serve there served there on the day.
    """
    day = clock.day_of(since)
    if not Posting.objects.on(day).filter(staff=staff, store=at).exists():
        Posting.objects.create(
            staff=staff, store=at, starts_on=day, ends_on=day + timedelta(days=1)
        )
    return Binding.objects.create(
        member=person,
        staff=staff,
        store=at,
        period=Range(since, until),
        source=Binding.Source.LOGIN,
        created_at=since,
    )


def order(
    buyer: Member | None,
    *amounts: int,
    placed_at: datetime | None = None,
    channel: str = Order.Channel.WEB,
    product: Product | None = None,
    **fields: Any,
) -> Order:
    """Make an order that waits for its credit, with a line of each amount.

    The buyer's facts know of it, as they would of one that came in.
    """
    at = placed_at or clock.now()
    net = sum(amounts)
    row = Order.objects.create(
        source="shop", external_id=f"A{number()}", channel=channel, member=buyer,
        placed_at=at, paid_at=at, goods=net, net=net, digest=b"", received_at=at,
        **{"credit_due_at": at, **fields},
    )  # fmt: skip
    for place, amount in enumerate(amounts):
        OrderLine.objects.create(
            order=row, external_id=str(place), position=place, sku="x", quantity=1,
            name="羊毛大衣", product=product, unit_price=amount, net=amount,
        )  # fmt: skip
    _know(buyer)
    return row


def refund(line: OrderLine, amount: int, *, at: datetime | None = None) -> Refund:
    """Give back a part of the line; its credit is to be reversed."""
    now = at or clock.now()
    row = Refund.objects.create(
        order=line.order, external_id=f"R{number()}", refunded_at=now, amount=amount,
        reversal_due_at=now, received_at=now,
    )  # fmt: skip
    RefundLine.objects.create(refund=row, line=line, amount=amount)
    Order.objects.filter(pk=line.order_id).update(refunded=F("refunded") + amount)
    _know(line.order.member)
    return row


def _know(buyer: Member | None) -> None:
    if buyer is not None:
        facts.refresh([buyer.pk], now=clock.now())


def plan(
    *,
    online: int = 300,
    in_store: int = 100,
    since: date = date(2024, 1, 1),
    scope: rules.Scope | None = None,
    **terms: Any,
) -> Plan:
    """Make a plan of commission, rates in basis points; the one before it ends."""
    whose = scope or rules.Scope()
    Plan.objects.of_scope(whose).filter(ends_on=None).update(ends_on=since)
    rates = {"online": rules.Rate(online), "store": rules.Rate(in_store)}
    row = Plan(
        name="標準方案", starts_on=since,
        staff_id=whose.staff_id, store_id=whose.store_id, role=whose.role,
    )  # fmt: skip
    row.write(rules.Terms(**{**rates, **terms}))
    row.save()
    return row
