"""Customer 360: what a salesperson needs to know before answering."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from apps.core import clock
from apps.core.names import in_language
from apps.members.models import Identity, Member
from apps.orders.models import Order

BIRTHDAY_SOON = 14  # days


CHANNELS = dict(Order.Channel.choices)
KEYS = dict(Identity.Kind.choices)

# Plain statements, for the page is opened with every conversation: building the same
# queries and rows of models took four times as long as the database.
WHO = """
    select facts.orders, facts.spend_12m, facts.last_order_at,
           tier.code, tier.name, tier.name_en,
           bond.staff_id, lower(bond.period), staff.name, staff.name_en,
           store.name, store.name_en,
           (select jsonb_agg(jsonb_build_array(
                       tag.name, given.count, given.expires_at) order by tag.name)
            from members_tag as tag
            join members_tag_members as given on given.tag_id = tag.id
            where given.member_id = asked.id)
    from (select %(member)s::bigint as id) as asked
    left join members_memberfacts as facts on facts.member_id = asked.id
    left join loyalty_standing as held on held.member_id = asked.id
    left join loyalty_tier as tier on tier.id = held.tier_id
    left join members_binding as bond
           on bond.member_id = asked.id and upper_inf(bond.period)
    left join staff_staff as staff on staff.id = bond.staff_id
    left join stores_store as store on store.id = bond.store_id
"""
BOUGHT = """
    select bought.id, bought.external_id, bought.placed_at, bought.channel,
           bought.matched_by, bought.net, bought.refunded,
           array(select line.name from orders_orderline as line
                 where line.order_id = bought.id order by line.position)
    from orders_order as bought where bought.member_id = %(member)s
    order by bought.placed_at desc, bought.id desc limit %(most)s
"""
VIEWED = """
    select product.name, product.name_en, product.art, product.hue,
           seen.latest, seen.times
    from (select product_id, max(at) as latest, count(*) as times
          from attribution_pageview
          where member_id = %(member)s and product_id is not null
          group by product_id order by latest desc limit %(most)s) as seen
    join catalog_product as product on product.id = seen.product_id
    order by seen.latest desc
"""


@dataclass(frozen=True)
class Purchase:
    """One order, in a line."""

    pk: int
    number: str
    placed_at: datetime
    channel: str
    matched_by: str  # the kind of the key that said whose it is, in words
    net: int
    refunded: int
    goods: list[str]  # the names of its lines

    @property
    def kept(self) -> int:
        """Return what was paid and not given back (NT$)."""
        return self.net - self.refunded


@dataclass(frozen=True)
class Viewed:
    """A product the customer looked at in the shop, and how it is drawn."""

    label: str
    art: str
    hue: int
    at: datetime
    times: int


@dataclass(frozen=True)
class Held:
    """The tier that the customer holds."""

    code: str
    label: str


@dataclass(frozen=True)
class Bond:
    """Who serves the customer, at which store, since when."""

    staff_id: int
    since: datetime
    staff: str
    store: str


@dataclass(frozen=True)
class TagLine:
    """A tag that the customer has, how often it was given, and its last day."""

    name: str
    count: int
    last_day: date | None

    @property
    def label(self) -> str:
        """Return it in few letters, such as 送禮 ×3."""
        return f"{self.name} ×{self.count}" if self.count > 1 else self.name


@dataclass(frozen=True)
class Standing:
    """What is kept of the customer in one row of each room."""

    orders: int  # paid, ever
    spend_12m: int  # NT$, less what was refunded
    last_order_at: datetime | None
    tier: Held | None
    binding: Bond | None
    tags: list[TagLine]


@dataclass(frozen=True)
class Customer360(Standing):
    """Who the customer is, what they are worth and what to offer now."""

    member: Member
    purchases: list[Purchase]
    viewed: list[Viewed]
    days_since_purchase: int | None
    days_to_birthday: int | None

    @property
    def has_birthday_soon(self) -> bool:
        """Tell whether the birthday is within two weeks."""
        days = self.days_to_birthday
        return days is not None and days <= BIRTHDAY_SOON


def customer_360(member: Member, *, now: datetime, purchases: int = 5) -> Customer360:
    """Gather the customer's page in three queries, however long the history is."""
    standing = _standing(member)
    last, today = standing.last_order_at, clock.day_of(now)
    return Customer360(
        **vars(standing),
        member=member,
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


def _standing(member: Member) -> Standing:
    (row,) = _rows(WHO, member)
    orders, spend_12m, last, code, tier, tier_en = row[:6]
    staff_id, since, staff, staff_en, store, store_en, tags = row[6:]
    held = Held(code, in_language(tier, tier_en)) if code else None
    bond = staff_id and Bond(
        staff_id, since, in_language(staff, staff_en), in_language(store, store_en)
    )
    lines = [_tag(*facts) for facts in json.loads(tags or "[]")]
    return Standing(orders or 0, spend_12m or 0, last, held, bond, lines)


def _tag(name: str, count: int, expires_at: str | None) -> TagLine:
    end = datetime.fromisoformat(expires_at) if expires_at else None
    return TagLine(name, count, clock.last_day_before(end))


def _purchases(member: Member, limit: int) -> list[Purchase]:
    return [
        Purchase(
            pk, number, at, str(CHANNELS[channel]), str(KEYS.get(key, key)), *figures
        )
        for pk, number, at, channel, key, *figures in _rows(BOUGHT, member, most=limit)
    ]


def _viewed(member: Member, limit: int = 3) -> list[Viewed]:
    return [
        Viewed(in_language(name, name_en), *seen)
        for name, name_en, *seen in _rows(VIEWED, member, most=limit)
    ]


def _rows(statement: str, member: Member, **facts: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"member": member.pk, **facts})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
