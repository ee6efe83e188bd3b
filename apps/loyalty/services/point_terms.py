"""The versions of the rules of points as decisions want them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from apps.core import clock, statements
from apps.loyalty.models.point_rules import PointRule
from apps.loyalty.rules.points import Expiry, Terms, terms_on

TIERS_BEFORE = """
    select (select change.after_id from loyalty_tierchange as change
            where change.member_id = given.member_id and change.at < given.at
            order by change.at desc, change.id desc limit 1)
    from unnest(%(members)s::bigint[], %(moments)s::timestamptz[])
         with ordinality as given (member_id, at, place)
    order by place
"""


def versions() -> list[Terms]:
    """Return every version of the rules, in three queries."""
    rows = PointRule.objects.prefetch_related("multipliers", "excluded")
    return [
        terms_of(
            row,
            excluded=[each.pk for each in row.excluded.all()],
            multipliers={m.tier_id: m.multiplier for m in row.multipliers.all()},
        )
        for row in rows
    ]


def terms_of(
    row: PointRule, *, excluded: Collection[int], multipliers: Mapping[int, int]
) -> Terms:
    """Return a version as decisions want it.

    `excluded` are the categories that earn nothing, `multipliers` basis points by tier.
    """
    return Terms(
        rule_id=row.pk,
        starts_on=row.starts_on,
        spend_per_point=row.spend_per_point,
        release_days=row.release_days,
        release_from=row.release_from,
        expiry=expiry_of(row),
        channels=frozenset(row.channels),
        excluded=frozenset(excluded),
        multipliers=multipliers,
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
    facts = {
        "members": [member for member, _at in pairs],
        "moments": [at for _member, at in pairs],
    }
    is_small = len(pairs) <= statements.FEW
    rows = statements.fetch(TIERS_BEFORE, facts, is_small=is_small)
    return [tier for (tier,) in rows]
