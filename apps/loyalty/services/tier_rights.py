"""Put a member on a tier by hand or by a code."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.loyalty.models.tiers import (
    Standing,
    Tier,
    TierChange,
    UpgradeCode,
    UpgradeCodeUse,
)
from apps.loyalty.services import tier_sql
from apps.loyalty.services.tiers import welcome
from apps.members.models import Member
from apps.staff.models import Staff


@transaction.atomic
def set_tier(
    member: Member,
    tier: Tier,
    *,
    until: datetime,
    reason: str,
    by: Staff,
    now: datetime,
) -> Standing:
    """Put the member on a tier by hand until a moment; the reason is kept.

    At the end the tier is renewed or left by the rules of spending. Raises Refused:
    "tier_reason", "tier_end" for an end that is not to come.
    """
    if not reason.strip():
        raise Refused("tier_reason", _("請寫下調整的原因"))
    if until <= now:
        raise Refused("tier_end", _("結束日要在今天以後"))
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    standing = _put(
        member,
        tier,
        right=Standing.Right.MANUAL,
        until=until,
        note=reason,
        by=by,
        now=now,
    )
    audit.record(
        "tiers.set",
        member,
        by=by,
        now=now,
        tier=tier.code,
        until=until,
        reason=reason,
    )
    return standing


@transaction.atomic
def redeem_upgrade_code(member: Member, code: str, *, now: datetime) -> Standing:
    """Put who enters a code on its tier; a lower tier than is held changes nothing.

    Raises Refused: "code_unknown", "code_over", "code_used" where the member entered
    it before, "code_empty" where it was used up, "tier_held".
    """
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    row = (
        UpgradeCode.objects.select_for_update(of=("self",))
        .select_related("tier")
        .filter(code=code.strip().upper())
        .first()
    )
    if row is None:
        raise Refused("code_unknown", _("找不到這組升等碼，請再確認一次"))
    if row.stopped_at is not None or row.ends_at <= now:
        raise Refused("code_over", _("這組升等碼已經過了兌換期限"))
    if UpgradeCodeUse.objects.filter(code=row, member=member).exists():
        raise Refused("code_used", _("您已經用過這組升等碼"))
    held = Standing.objects.select_related("tier").filter(member=member).first()
    if held is not None and held.tier.threshold >= row.tier.threshold:
        raise Refused("tier_held", _("您目前的等級已經相同或更高"))
    if row.used >= row.max_uses:
        raise Refused("code_empty", _("這組升等碼已經兌換完畢"))
    UpgradeCode.objects.filter(pk=row.pk).update(used=F("used") + 1)
    UpgradeCodeUse.objects.create(code=row, member=member, at=now)
    end = tier_sql.until(now, row.term_months)
    standing = _put(
        member, row.tier, right=Standing.Right.CODE, until=end, note=row.code, by=None,
        now=now,
    )  # fmt: skip
    welcome([(member.pk, row.tier_id)], now=now)
    return standing


def _put(
    member: Member,
    tier: Tier,
    *,
    right: str,
    until: datetime | None,
    note: str,
    by: Staff | None,
    now: datetime,
) -> Standing:
    held = Standing.objects.filter(member=member).first()
    standing, _made = Standing.objects.update_or_create(
        member=member,
        defaults={"tier": tier, "since": now, "until": until, "right": right},
    )
    TierChange.objects.create(
        member=member,
        before_id=held.tier_id if held else None,
        after=tier,
        reason=right,
        until=until,
        note=note[:120],
        by=by,
        at=now,
    )
    return standing
