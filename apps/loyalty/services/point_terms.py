"""The versions of the rules of points as decisions want them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from apps.core import clock
from apps.loyalty.models.point_rules import PointRule
from apps.loyalty.rules.points import Expiry, Terms, terms_on

TIERS_BEFORE = """
    select (select change.after_id from loyalty_tierchange as change
            where change.member_id = given.member_id and change.at < given.at
            order by change.at desc, change.id desc limit 1)
    from unnest(%s::bigint[], %s::timestamptz[])
         with ordinality as given (member_id, at, place)
    order by place
"""


def versions() -> list[Terms]:
    """Return every version of the rules, in three queries."""
    rows = PointRule.objects.prefetch_related("multipliers", "excluded")
    return [terms_of(row) for row in rows]


def terms_of(row: PointRule) -> Terms:
    """Return a version as decisions want it."""
    return Terms(
        rule_id=row.pk,
        starts_on=row.starts_on,
        spend_per_point=row.spend_per_point,
        release_days=row.release_days,
        expiry=expiry_of(row),
        channels=frozenset(row.channels),
        excluded=frozenset(each.pk for each in row.excluded.all()),
        multipliers={m.tier_id: m.multiplier for m in row.multipliers.all()},
        point_value=row.point_value,
        burn_share=row.burn_share,
    )


def expiry_of(row: PointRule) -> Expiry:
    """Return when points of the version die."""
    if row.expiry == PointRule.Expiry.DAYS:
        return Expiry(days=row.expiry_days)
    if row.expiry == PointRule.Expiry.DATE:
        return Expiry(month=row.expiry_month, day=row.expiry_day)
    return Expiry()


def in_force(now: datetime) -> Terms | None:
    """Return the version in force at the moment."""
    return terms_on(versions(), clock.day_of(now))


def tiers_before(moments: Iterable[tuple[int, datetime]]) -> list[int | None]:
    """Return each member's tier just before the moment, in the same order."""
    pairs = list(moments)
    with connection.cursor() as cursor:
        cursor.execute(
            TIERS_BEFORE, [[member for member, _at in pairs], [at for _m, at in pairs]]
        )
        return [tier for (tier,) in cursor.fetchall()]
