"""What the holder of a copy does with it, short of using it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.core.text import clean
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.loyalty.rules import coupons as rules
from apps.loyalty.services.coupons.issuing import Outcome, issue, period_of
from apps.loyalty.services.coupons.tagging import tag_holder
from apps.loyalty.services.coupons.using import void
from apps.members.models import Member
from apps.staff.models import Staff

LONGEST_REASON = 200


@transaction.atomic
def open_coupon(row: CouponIssue, *, now: datetime) -> CouponIssue:
    """Note that the member looked at it; the days of some coupons count from then."""
    copy = (
        CouponIssue.objects.select_for_update(of=("self",))
        .select_related("coupon")
        .get(pk=row.pk)
    )
    if copy.opened_at is not None or copy.state == CouponIssue.State.VOIDED:
        return copy
    copy.opened_at = now
    if copy.coupon.validity == Coupon.Validity.FROM_OPEN:
        copy.valid_from, copy.valid_until = rules.validity(
            period_of(copy.coupon), issued_at=copy.issued_at, opened_at=now
        )
    copy.save(update_fields=["opened_at", "valid_from", "valid_until"])
    tag_holder(copy, "opened", member_id=None, by=None, now=now)
    return copy


@transaction.atomic
def withdraw_coupon(
    row: CouponIssue, *, reason: str, by: Staff, now: datetime
) -> CouponIssue:
    """Take a copy back from its member.

    Raises Refused: "coupon_void_reason" without a reason, "coupon_in_use" when it is
    held, used or already taken back.
    """
    said = " ".join(clean(reason, LONGEST_REASON).split())
    if not said:
        raise Refused("coupon_void_reason", _("說明作廢的理由"))
    copy = CouponIssue.objects.select_for_update().get(pk=row.pk)
    if copy.state != CouponIssue.State.ISSUED:
        raise Refused("coupon_in_use", _("只有還沒使用的優惠券可以作廢"))
    copy.state, copy.voided_at = CouponIssue.State.VOIDED, now
    copy.void_reason = said
    copy.save(update_fields=["state", "voided_at", "void_reason"])
    audit.record("loyalty.coupon_withdrawn", copy, by=by, now=now, reason=said)
    return copy


def void_at_counter(
    use: CouponUse, *, reason: str, by: Staff, now: datetime
) -> CouponUse:
    """Give a copy back at the store that used it, on the day of the use.

    Later it is HQ's to void. Raises Refused: "coupon_void_late", and those of `void`.
    """
    if use.redeemed_at is None or clock.day_of(use.redeemed_at) != clock.day_of(now):
        raise Refused("coupon_void_late", _("只能作廢當天的核銷，之後請總部處理"))
    return void(use, reason=reason, by=by, now=now)


def claim_coupon(word: str, *, member: Member, now: datetime) -> Outcome:
    """Give the member a copy of the coupon with that claim word.

    Raises Refused "coupon_no_such_word" where no live coupon has it.
    """
    key = rules.key_of(clean(word, 60))
    coupon = (
        Coupon.objects.filter(claim_word=key, state=Coupon.State.LIVE).first()
        if key
        else None
    )
    if coupon is None:
        raise Refused("coupon_no_such_word", _("查無這個領券碼"))
    return issue(coupon, [member.pk], source=CouponIssue.Source.CLAIM, now=now)[0]
