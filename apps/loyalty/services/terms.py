"""What tiers and points go by, read in one statement by whoever needs all of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from apps.core import statements
from apps.loyalty.models.point_rules import PointRule
from apps.loyalty.models.tiers import Tier
from apps.loyalty.rules.points import Terms
from apps.loyalty.rules.tiers import Rung
from apps.loyalty.services import point_terms, tiers

READ = """
    select jsonb_build_object(
        'tiers', (select coalesce(jsonb_agg(to_jsonb(tier) order by tier.id), '[]')
                  from loyalty_tier as tier),
        'rules', (
            select coalesce(jsonb_agg(
                to_jsonb(rule) || jsonb_build_object(
                    'excluded', array(
                        select category_id from loyalty_pointrule_excluded
                        where pointrule_id = rule.id order by category_id),
                    'multipliers', array(
                        select array[tier_id, multiplier] from loyalty_tiermultiplier
                        where rule_id = rule.id order by tier_id))
                order by rule.starts_on desc), '[]')
            from loyalty_pointrule as rule)
    )::text
"""


@dataclass(frozen=True)
class Rights:
    """The ladder of tiers and every version of the rules of points."""

    rungs: Sequence[Rung]
    versions: Sequence[Terms]


def rights() -> Rights:
    """Return what is in force now and ever was, as decisions want it."""
    ((told,),) = statements.fetch(READ, {}, is_small=True)
    return _read(told)


@lru_cache(maxsize=8)
def _read(told: str) -> Rights:
    """Return the same for the same text: it changes as seldom as HQ changes it."""
    rows = json.loads(told)
    return Rights(
        rungs=tuple(tiers.rungs(Tier(**row) for row in rows["tiers"])),
        versions=tuple(_version(row) for row in rows["rules"]),
    )


def _version(row: dict[str, Any]) -> Terms:
    excluded, multipliers = row.pop("excluded"), row.pop("multipliers")
    starts_on = date.fromisoformat(row.pop("starts_on"))
    return point_terms.terms_of(
        PointRule(**row, starts_on=starts_on),
        excluded=excluded,
        multipliers=dict(multipliers),
    )
