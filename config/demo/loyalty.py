"""The demo's rules of points, gifts and codes, and what members have made of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import GiftRule, PointAccount, PointRule, Standing, Tier
from apps.loyalty.services import burning, settings
from apps.members.models import Member
from apps.staff.models import Staff

DAY = timedelta(days=1)
FIRST_DAY = 400 * DAY
BURNERS = 60
HAND_MADE = (("black", "品牌大使，年度活動出席"), ("gold", "介紹多位新會員入會"))
GIFTS = {
    GiftRule.Occasion.BIRTHDAY: 100,
    GiftRule.Occasion.ANNIVERSARY: 50,
    GiftRule.Occasion.SIGN_UP: 50,
    GiftRule.Occasion.PROFILE: 30,
}


def rules(*, now: datetime) -> None:
    """Settle how points are earned, before anybody buys."""
    for code, renew, gift in (("silver", 5_000, 50), ("gold", 12_000, 100)):
        Tier.objects.filter(code=code).update(renew_amount=renew, entry_points=gift)
    Tier.objects.filter(code="black").update(renew_amount=24_000, entry_points=300)
    hq = Staff.objects.filter(role=Staff.Role.ADMIN).earliest("pk")
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    settings.publish_rule(
        PointRule(
            starts_on=clock.day_of(now - FIRST_DAY),
            spend_per_point=50,
            release_days=7,
            expiry=PointRule.Expiry.DAYS,
            expiry_days=365,
            burn_share=3_000,
        ),
        multipliers={tiers["gold"]: 15_000, tiers["black"]: 20_000},
        excluded=[],
        by=hq,
        now=now - FIRST_DAY,
    )
    for occasion, points in GIFTS.items():
        rule = GiftRule(
            occasion=occasion, points=points, starts_on=clock.day_of(now - 60 * DAY)
        )
        settings.keep_gift(rule, by=hq, now=now)
    settings.make_upgrade_code(
        tiers["gold"],
        code="SUNNY2026",
        ends_at=clock.end_of(clock.day_of(now + 40 * DAY)),
        max_uses=200,
        term_months=12,
        by=hq,
        now=now,
    )
    burning.pause_burning(
        clock.start_of(clock.day_of(now + 20 * DAY)),
        clock.end_of(clock.day_of(now + 23 * DAY)),
        reason="週年慶全館折扣，不再折點",
        by=hq,
        now=now,
    )


def lives(random: Random, *, now: datetime) -> None:
    """Let the night pass, gifts come, some members burn, and HQ set two tiers."""
    loyalty.release_points(now=now)
    loyalty.give_gifts(now=now)
    hq = Staff.objects.filter(role=Staff.Role.ADMIN).earliest("pk")
    plain = Standing.objects.filter(tier__code="base").order_by("member_id")
    people = Member.objects.filter(standing__in=plain[: len(HAND_MADE)]).order_by("pk")
    for member, (code, reason) in zip(people, HAND_MADE, strict=False):
        loyalty.set_tier(
            member,
            Tier.objects.get(code=code),
            until=clock.end_of(clock.day_of(now + 180 * DAY)),
            reason=reason,
            by=hq,
            now=now,
        )
    rich = PointAccount.objects.filter(balance__gte=60).select_related("member")
    for account in rich.order_by("pk")[:BURNERS]:
        loyalty.burn(
            account.member,
            random.randrange(20, 60),
            source_type="till",
            source_id=f"demo-{account.pk}",
            now=now,
        )
