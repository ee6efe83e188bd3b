"""What HQ settles of loyalty: tiers, versions of the rules, gifts, codes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.catalog.models import Category
from apps.core import clock
from apps.core.errors import Refused
from apps.core.money import WHOLE
from apps.loyalty.models.gifts import GiftRule
from apps.loyalty.models.notices import LoyaltySettings
from apps.loyalty.models.point_rules import PointRule, TierMultiplier
from apps.loyalty.models.points import PointLot
from apps.loyalty.models.tiers import Tier, UpgradeCode
from apps.staff.models import Staff

# Codes are read aloud and typed: no letters that look like figures.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10


@transaction.atomic
def keep_tier(tier: Tier, *, by: Staff, now: datetime) -> Tier:
    """Keep a tier as HQ settled it; standings are looked at again by the night."""
    tier.save()
    facts = {
        field.name: getattr(tier, field.attname)
        for field in tier._meta.concrete_fields  # noqa: SLF001  (documented API)
        if not field.primary_key
    }
    audit.record("loyalty.tier_kept", tier, by=by, now=now, **facts)
    return tier


@transaction.atomic
def publish_rule(
    rule: PointRule,
    *,
    multipliers: Mapping[Tier, int],
    excluded: Collection[Category],
    by: Staff | None,
    now: datetime,
) -> PointRule:
    """Publish a version of the rules of points; multipliers in basis points.

    The first may start in the past. Raises Refused: "rule_past" for a later one that
    starts before tomorrow, "rule_taken" for a day on which another starts.
    """
    if PointRule.objects.filter(starts_on=rule.starts_on).exists():
        raise Refused("rule_taken", _("這一天已經有另一個版本起始"))
    if rule.starts_on <= clock.day_of(now) and PointRule.objects.exists():
        raise Refused("rule_past", _("起始日要在明天以後，已取得的點數不會重算"))
    rule.created_at, rule.created_by = now, by
    rule.save()
    rule.excluded.set(excluded)
    TierMultiplier.objects.bulk_create(
        TierMultiplier(rule=rule, tier=tier, multiplier=multiplier)
        for tier, multiplier in multipliers.items()
        if multiplier != WHOLE
    )
    audit.record(
        "loyalty.rule_published",
        rule,
        by=by,
        now=now,
        starts_on=rule.starts_on,
        spend_per_point=rule.spend_per_point,
        release_from=rule.release_from,
        release_days=rule.release_days,
        expiry=rule.expiry,
    )
    return rule


@transaction.atomic
def withdraw_rule(rule: PointRule, *, by: Staff, now: datetime) -> None:
    """Take back a version that has not begun; Refused "rule_begun" for others."""
    has_lots = PointLot.objects.filter(rule=rule).exists()
    if rule.starts_on <= clock.day_of(now) or has_lots:
        raise Refused("rule_begun", _("這個版本已經生效，不能收回"))
    audit.record(
        "loyalty.rule_withdrawn", rule, by=by, now=now, starts_on=rule.starts_on
    )
    rule.delete()


@transaction.atomic
def keep_settings(row: LoyaltySettings, *, by: Staff, now: datetime) -> LoyaltySettings:
    """Keep when members are told of what dies, and which invoices count."""
    row.save()
    audit.record(
        "loyalty.settings_kept", row, by=by, now=now, points_days=row.points_days,
        coupon_days=row.coupon_days, hour=row.hour, invoice_days=row.invoice_days,
        tax_ids=row.tax_ids,
    )  # fmt: skip
    return row


@transaction.atomic
def keep_gift(rule: GiftRule, *, by: Staff, now: datetime) -> GiftRule:
    """Keep what an occasion brings. Raises Refused "gift_empty"."""
    if rule.is_active and not rule.points and rule.coupon_id is None:
        raise Refused("gift_empty", _("請填點數，或選一張優惠券"))
    rule.save()
    audit.record(
        "loyalty.gift_kept",
        rule,
        by=by,
        now=now,
        occasion=rule.occasion,
        points=rule.points,
        coupon=rule.coupon_id,
        is_active=rule.is_active,
    )
    return rule


@transaction.atomic
def make_upgrade_code(
    tier: Tier,
    *,
    code: str = "",
    ends_at: datetime,
    max_uses: int,
    term_months: int,
    by: Staff,
    now: datetime,
) -> UpgradeCode:
    """Make a code that lifts to the tier; one is drawn where none is given.

    Raises Refused: "code_taken", "code_over".
    """
    word = code.strip().upper() or "".join(
        secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)
    )
    if ends_at <= now:
        raise Refused("code_over", _("兌換期限要在今天以後"))
    if UpgradeCode.objects.filter(code=word).exists():
        raise Refused("code_taken", _("這組升等碼已經有了"))
    row = UpgradeCode.objects.create(
        code=word,
        tier=tier,
        ends_at=ends_at,
        max_uses=max_uses,
        term_months=term_months,
        created_at=now,
        created_by=by,
    )
    audit.record(
        "loyalty.code_made", row, by=by, now=now, tier=tier.code, uses=max_uses
    )
    return row


@transaction.atomic
def stop_upgrade_code(code: UpgradeCode, *, by: Staff, now: datetime) -> None:
    """Let nobody enter the code any more; who did keeps the tier."""
    if code.stopped_at is None:
        code.stopped_at = now
        code.save(update_fields=["stopped_at"])
        audit.record("loyalty.code_stopped", code, by=by, now=now)
