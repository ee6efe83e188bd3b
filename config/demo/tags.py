"""The demo's tags: some end, some were given often, coupons and staff gave others."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db import connection

from apps.loyalty.models import Coupon, CouponIssue
from apps.members import services as members
from apps.members.models import Member, MemberTag
from apps.staff.models import Staff

# Name, days until it ends, how many evenings it was given at, the share who came.
VISITS = (
    ("新品預覽會", 180, 3, 0.08),
    ("VIP 之夜", 365, 4, 0.05),
    ("試穿過大衣", 30, 2, 0.12),
)
GIVEN_BY_COUPONS = ("領過優惠券", "用過優惠券")

# Since when the tags that people were made with have been theirs: since they joined.
SINCE_JOINING = """
    update members_tag_members as given set source = 'staff',
        first_at = member.created_at, last_at = member.created_at
    from members_member as member
    where member.id = given.member_id and given.source = 'before'
"""


def build(random: Random, *, now: datetime) -> None:
    """Give tags at evenings in the stores, by coupons, and archive one."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE_JOINING)
    hq = Staff.objects.filter(role=Staff.Role.MARKETING).first()
    people = list(
        Member.objects.people().filter(stage="registered").values_list("pk", flat=True)
    )
    for name, days, evenings, share in VISITS:
        tag = members.make_tag(name, days=days, by=hq, now=now)
        for evening in range(evenings):
            at = now - timedelta(days=3 + 9 * evening)
            came = random.sample(people, round(len(people) * share))
            members.tag_members(
                came, [tag], source=MemberTag.Source.HQ, by=hq, now=at,
                occasion=f"evening:{evening}",
            )  # fmt: skip
    _coupons(hq, now=now)
    old = members.make_tag("2024 週年慶", days=None, by=hq, now=now)
    members.archive_tag(old, by=hq, now=now)


def _coupons(hq: Staff | None, *, now: datetime) -> None:
    """Let the brand's live coupons give tags, to those who have had them as well."""
    received, redeemed = (
        members.make_tag(name, days=None, by=hq, now=now) for name in GIVEN_BY_COUPONS
    )
    Coupon.objects.filter(state=Coupon.State.LIVE).update(
        received_tag=received, redeemed_tag=redeemed
    )
    held = CouponIssue.objects.filter(coupon__state=Coupon.State.LIVE)
    for tag, copies in ((received, held), (redeemed, held.filter(state="redeemed"))):
        who = copies.filter(member__isnull=False).values_list("member", flat=True)
        members.tag_members(
            set(who), [tag], source=MemberTag.Source.COUPON, by=None, now=now
        )
