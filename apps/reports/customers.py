"""Customer 360: what a salesperson needs to know before answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Max, Prefetch

from apps.attribution.models import PageView
from apps.catalog.models import Product
from apps.core import clock
from apps.loyalty.models import Standing, Tier
from apps.members.models import Binding, Member, MemberFacts
from apps.orders.models import Order, OrderLine

BIRTHDAY_SOON = 14  # days


@dataclass(frozen=True)
class Purchase:
    """One order, in a line."""

    pk: int
    number: str
    placed_at: datetime
    channel: str
    matched_by: str  # the kind of the key that said whose it is, in words
    goods: list[OrderLine]
    net: int
    refunded: int

    @property
    def kept(self) -> int:
        """Return what was paid and not given back (NT$)."""
        return self.net - self.refunded


@dataclass(frozen=True)
class Viewed:
    """A product the customer looked at in the shop."""

    product: Product
    at: datetime
    times: int


@dataclass(frozen=True)
class Customer360:
    """Who the customer is, what they are worth and what to offer now."""

    member: Member
    tier: Tier | None
    facts: MemberFacts | None
    binding: Binding | None
    tags: list[str]
    purchases: list[Purchase]
    viewed: list[Viewed]
    days_since_purchase: int | None
    days_to_birthday: int | None

    @property
    def has_birthday_soon(self) -> bool:
        """Tell whether the birthday is within two weeks."""
        days = self.days_to_birthday
        return days is not None and days <= BIRTHDAY_SOON

    @property
    def spend_12m(self) -> int:
        """Return the spend of twelve months (NT$)."""
        return self.facts.spend_12m if self.facts else 0

    @property
    def orders(self) -> int:
        """Return how many orders there ever were."""
        return self.facts.orders if self.facts else 0


def customer_360(member: Member, *, now: datetime, purchases: int = 5) -> Customer360:
    """Gather the customer's page in seven queries, however long the history is."""
    facts = MemberFacts.objects.filter(member=member).first()
    standing = Standing.objects.filter(member=member).select_related("tier").first()
    binding = (
        Binding.objects.current()
        .filter(member=member)
        .select_related("staff", "store")
        .first()
    )
    last = facts.last_order_at if facts else None
    today = clock.day_of(now)
    return Customer360(
        member=member,
        tier=standing.tier if standing else None,
        facts=facts,
        binding=binding,
        tags=list(member.tags.order_by("name").values_list("name", flat=True)),
        purchases=_purchases(member, purchases),
        viewed=_viewed(member),
        days_since_purchase=(today - clock.day_of(last)).days if last else None,
        days_to_birthday=days_to_birthday(member.birthday, today=today),
    )


def days_to_birthday(birthday: date | None, *, today: date) -> int | None:
    """Return the days until the next birthday; 29 February counts as 1 March."""
    if birthday is None:
        return None
    nexts = (_birthday_in(birthday, year) for year in (today.year, today.year + 1))
    return next((day - today).days for day in nexts if day >= today)


def _birthday_in(birthday: date, year: int) -> date:
    try:
        return birthday.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _purchases(member: Member, limit: int) -> list[Purchase]:
    lines = OrderLine.objects.order_by("position")
    orders = (
        Order.objects.filter(member=member)
        .order_by("-placed_at", "-id")
        .prefetch_related(Prefetch("lines", queryset=lines))[:limit]
    )
    return [
        Purchase(
            pk=order.pk,
            number=order.external_id,
            placed_at=order.placed_at,
            channel=order.get_channel_display(),
            matched_by=order.get_matched_by_display(),
            goods=list(order.lines.all()),
            net=order.net,
            refunded=order.refunded,
        )
        for order in orders
    ]


def _viewed(member: Member, limit: int = 3) -> list[Viewed]:
    rows = (
        PageView.objects.filter(member=member, product__isnull=False)
        .values("product")
        .annotate(times=Count("id"), latest=Max("at"))
        .order_by(F("latest").desc())[:limit]
    )
    products = Product.objects.in_bulk([row["product"] for row in rows])
    return [
        Viewed(products[row["product"]], row["latest"], row["times"]) for row in rows
    ]
