"""The rules of tiers and points in plain words, with a worked example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core import clock
from apps.loyalty.models.point_rules import PointRule
from apps.loyalty.models.points import PointLot
from apps.loyalty.models.tiers import Tier
from apps.loyalty.rules import points as rules
from apps.loyalty.services.point_terms import expiry_of
from apps.members.models import Member

EXAMPLE = 3_280  # NT$


@dataclass(frozen=True)
class ToldTier:
    """A tier with its rules in words."""

    tier: Tier
    upgrade: str
    term: str
    renewal: str


@dataclass(frozen=True)
class Example:
    """What becomes of the points of a purchase of NT$ 3,280 made today."""

    spent: int
    points: int
    available_on: date
    last_day: date | None


@dataclass(frozen=True)
class Waiting:
    """Points that are of no use yet, and when they will be."""

    points: int
    when: str


def tell_tier(tier: Tier) -> ToldTier:
    """Return what reaches the tier, how long it is held, and what renews it."""
    renew = tier.threshold if tier.renew_amount is None else tier.renew_amount
    return ToldTier(
        tier=tier,
        upgrade=_("入會即是")
        if tier.threshold <= 0
        else _measured(tier.upgrade_by, tier.upgrade_months, tier.threshold),
        term=ngettext("%(n)s 個月", "%(n)s 個月", tier.term_months)
        % {"n": tier.term_months}
        if tier.term_months
        else _("永久"),
        renewal=_measured(tier.renew_by, tier.renew_months, renew)
        if tier.term_months and tier.threshold > 0
        else _("不需續等"),
    )


def _measured(by: str, months: int, amount: int) -> str:
    words = {"n": months, "amount": f"{amount:,}"}
    if by == Tier.Measure.LIFETIME:
        return _("累積消費滿 NT$%(amount)s") % words
    if by == Tier.Measure.ORDER:
        return _("%(n)s 個月內單筆滿 NT$%(amount)s") % words
    return _("%(n)s 個月內消費滿 NT$%(amount)s") % words


def tell_expiry(rule: PointRule) -> str:
    """Return when points of the rule die."""
    if rule.expiry == PointRule.Expiry.DAYS:
        return _("取得後 %(days)s 天，到最後一天 23:59") % {"days": rule.expiry_days}
    if rule.expiry == PointRule.Expiry.DATE:
        return _("當年取得的點數，隔年 %(month)s 月 %(day)s 日 23:59 到期") % {
            "month": rule.expiry_month,
            "day": rule.expiry_day,
        }
    return _("永久有效")


def tell_release(rule: PointRule) -> str:
    """Return from when points of the rule are of use."""
    facts = {"days": rule.release_days}
    if rule.waits_for_goods:
        return _when_done(rule.release_days)
    if rule.release_days:
        return _("付款後 %(days)s 天，退貨期過了生效") % facts
    return _("付款後立刻生效")


def _when_done(days: int) -> str:
    return (
        _("完成訂單後 %(days)s 天生效") % {"days": days}
        if days
        else _("完成訂單後生效")
    )


def tell_waiting(member: Member, *, now: datetime, most: int) -> Iterator[Waiting]:
    """Return the member's next points that wait, and for what (one query)."""
    lots = PointLot.objects.filter(
        Q(available_at__gt=now) | Q(available_at=None),
        Q(expires_at__gt=now) | Q(expires_at=None),
        member=member, remaining__gt=0, is_released=False,
    )  # fmt: skip
    soonest = F("available_at").asc(nulls_last=True)
    for lot in lots.select_related("rule").order_by(soonest, "pk")[:most]:
        if lot.available_at is None:
            when = _when_done(lot.rule.release_days if lot.rule else 0)
        else:
            day = clock.day_of(lot.available_at)
            when = _("%(day)s 生效") % {"day": f"{day.year}/{day.month}/{day.day}"}
        yield Waiting(lot.remaining, when)


def example(rule: PointRule, *, now: datetime) -> Example:
    """Return what a purchase paid now would earn, from when until when."""
    dead = rules.expires_at(now, expiry_of(rule))
    return Example(
        spent=EXAMPLE,
        points=rules.points_for(EXAMPLE, rule.spend_per_point),
        available_on=clock.day_of(rules.available_at(now, rule.release_days)),
        last_day=clock.day_of(dead - timedelta(seconds=1)) if dead else None,
    )


def left_until(day: date, today: date) -> str:
    """Return how long something lives whose last day it is."""
    facts = {"day": f"{day.month}/{day.day}", "days": (day - today).days}
    if facts["days"] == 0:
        return _("今天 %(day)s 是最後一天") % facts
    return (
        ngettext(
            "剩 %(days)s 天，到 %(day)s",
            "剩 %(days)s 天，到 %(day)s",
            (day - today).days,
        )
        % facts
    )
