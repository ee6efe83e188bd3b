"""Compares the tables with the model, a few short queries a step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from apps.loyalty.models import Coupon, CouponIssue, Standing
from apps.members.models import Identity, MemberFacts
from apps.orders.models import Order
from tests.machine.brand import SPEND_PER_POINT
from tests.machine.model import Model

WHOLE = 10_000
COMMISSION = 300  # basis points, of the plan that `make.plan` makes
WORTH = "points + pending - debt"
# What each order's points came to, what of them died, and by which multiplier.
EARNED = f"""
    select bought.external_id, min(lot.multiplier), sum(moved.worth), sum(dead.points)
    from loyalty_pointlot as lot
    join orders_order as bought on bought.id = lot.order_id
    cross join lateral (
        select sum({WORTH}) as worth from loyalty_pointentry
        where id = lot.entry_id or reverses_id = lot.entry_id
    ) as moved
    cross join lateral (
        select coalesce(sum(used.points), 0) as points
        from loyalty_pointuse as used
        join loyalty_pointentry as entry on entry.id = used.entry_id
        where used.lot_id = lot.id and entry.kind = 'expire'
    ) as dead
    group by bought.external_id
"""  # noqa: S608  (made of this module's own words)
BY_KIND = f"select kind, sum({WORTH}) from loyalty_pointentry group by kind"  # noqa: S608
ACCOUNTS = "select member_id, balance + pending - debt from loyalty_pointaccount"
# The last word of the ladder's history is where somebody stands.
LADDER = """
    select member.id from members_member as member
    left join loyalty_standing as held on held.member_id = member.id
    cross join lateral (
        select after_id from loyalty_tierchange as change
        where change.member_id = member.id order by change.id desc limit 1
    ) as last
    where member.merged_into_id is null and held.tier_id is distinct from last.after_id
"""
GIFTS = f"""
    select coalesce(sum({WORTH}), 0) from loyalty_pointentry
    where kind = 'gift' and at = %s
"""  # noqa: S608
WAITING = """
    select (select count(*) from orders_order where credit_due_at is not null)
         + (select count(*) from attribution_credit where accrual_due_at is not null)
         + (select count(*) from orders_refund where reversal_due_at is not null)
"""
PAID = """
    select bought.external_id, sum(entry.amount), count(*)
    from commissions_commissionentry as entry
    join attribution_credit as credit on credit.id = entry.credit_id
    join orders_orderline as line on line.id = credit.line_id
    join orders_order as bought on bought.id = line.order_id
    group by bought.external_id
"""
Rows = list[tuple[Any, ...]]


def all_of(model: Model, members: Mapping[str, int], touched: Collection[str]) -> None:
    """Compare whatever the step touched."""
    if {"orders_order", "members_identity"} & set(touched):
        orders(model, members)
    if "loyalty_pointentry" in touched:
        points(model)
    if {"loyalty_coupon", "loyalty_couponissue", "loyalty_couponuse"} & set(touched):
        coupons(model, members)
    if "loyalty_standing" in touched:
        assert _ask(LADDER) == []


def orders(model: Model, members: Mapping[str, int]) -> None:
    """Compare each order, whose it is, and what each customer paid."""
    rows = Order.objects.values_list("external_id", "net", "refunded", "member_id")
    assert {number: tuple(rest) for number, *rest in rows} == {
        order.number: (order.net, order.given_back, members[order.owner])
        for order in model.orders.values()
    }
    keys = Identity.objects.filter(kind="phone").values_list("value", "member_id")
    assert dict(keys) == {
        phone: members[owner] for phone, owner in model.owners.items()
    }
    facts = MemberFacts.objects.exclude(orders=0)
    assert dict(facts.values_list("member_id", "spend")) == {
        members[person]: sum(order.kept for order in model.of(person))
        for person in model.owners
        if any(order.is_paid for order in model.of(person))
    }


def points(model: Model) -> None:
    """Compare the sums by kind, and what each order is worth in points."""
    sums: dict[str, int] = dict(_ask(BY_KIND))
    assert sums.get("grant", 0) == model.granted
    assert sums.get("burn", 0) == -sum(model.burned.values())
    assert sums.get("deduct", 0) == -model.deducted
    back = sum(model.burned[cause] for cause in model.given_back)
    assert sums.get("give_back", 0) == back
    assert sums.get("move", 0) == 0
    assert sums.get("release", 0) == 0
    for number, multiplier, worth, died in _ask(EARNED):
        award = model.orders[number].kept * multiplier // (SPEND_PER_POINT * WHOLE)
        if died:  # of what died only as much is given anew as had been used
            assert 0 <= worth - died <= award, number
        else:
            assert worth == award, number


def coupons(model: Model, members: Mapping[str, int]) -> None:
    """Compare each copy, and what each coupon counted."""
    rows = CouponIssue.objects.values_list("code", "state", "member_id")
    assert {code: tuple(rest) for code, *rest in rows} == {
        copy.code: (copy.state, members[copy.owner]) for copy in model.copies
    }
    counted = Coupon.objects.order_by("pk").values_list("issued", "used")
    assert list(counted) == [
        (sum(copy.coupon == which for copy in model.copies), model.live_uses(which))
        for which in (0, 1)
    ]


def worth(members: Mapping[str, int]) -> dict[str, int]:
    """Return each member's points, what waits added and what is owed taken off."""
    held: dict[int, int] = dict(_ask(ACCOUNTS))
    return {person: held.get(pk, 0) for person, pk in members.items()}


def gifts_at(now: datetime) -> int:
    """Return the points given for tiers reached at the moment."""
    return int(_ask(GIFTS, now)[0][0])


def night(now: datetime) -> None:
    """Check that nobody stands on a tier whose time is over."""
    assert not Standing.objects.filter(until__lte=now).exists()


def pay(model: Model) -> None:
    """Check that nothing waits, and that nobody earns of what was given back."""
    assert _ask(WAITING) == [(0,)]
    for number, paid, entries in _ask(PAID):
        order = model.orders[number]
        most = (order.net - order.given_back) * COMMISSION // WHOLE
        assert 0 <= paid <= (most + entries if most else 0), number


def _ask(query: str, *facts: datetime) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(query, facts or None)
        return list(cursor.fetchall())
