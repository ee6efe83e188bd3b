"""Many copies at once: print codes for whoever shows them, take back what is open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.loyalty.models import Coupon, CouponIssue
from apps.loyalty.querysets.coupons import CouponIssueQuerySet
from apps.loyalty.rules import coupons as rules
from apps.loyalty.services.coupons.issuing import hold_template, issue_bearer
from apps.loyalty.services.coupons.words import refused
from apps.staff.models import Staff

MOST_PRINTED = 50_000
LONGEST_REASON = 200
ALL, PRINTED, HELD = "all", "printed", "held"


@transaction.atomic
def print_copies(
    coupon: Coupon, count: int, *, key: UUID, by: Staff, now: datetime
) -> list[CouponIssue]:
    """Make copies for whoever shows the code, as for a leaflet; return them.

    The form's `key` makes a second click the same batch. Fewer than asked where a cap
    is reached. Raises Refused: "coupon_print_count", "coupon_<reason>" where there are
    none to be had, as `rules.closed` and `rules.allot` say.
    """
    if not 1 <= count <= MOST_PRINTED:
        said = _("一次印 1 到 %(most)s 張")
        raise Refused("coupon_print_count", said % {"most": f"{MOST_PRINTED:,}"})
    template = hold_template(coupon)
    batch = template.issues.filter(
        source=CouponIssue.Source.HQ, source_id=str(key), member=None
    )
    if earlier := list(batch.order_by("pk")):
        return earlier
    if template.most_per_campaign is not None:
        count = min(count, template.most_per_campaign)
    codes = issue_bearer(template, count, by=by, now=now)
    if not codes:
        raise refused(_why_none(template), {})
    made = template.issues.filter(key__in=[rules.key_of(code) for code in codes])
    made.update(source_id=str(key))
    return list(batch.order_by("pk"))


def _why_none(template: Coupon) -> str:
    if template.state != Coupon.State.LIVE:
        return str(template.state)
    if template.most_issued is not None and template.issued >= template.most_issued:
        return "none_left"
    is_packed = template.codes == Coupon.Codes.PACK
    return "pack_empty" if is_packed else "sending_over"


def open_copies(coupon: Coupon, whose: str = ALL) -> CouponIssueQuerySet:
    """Return the copies that nobody used or holds: all, the printed, the members'."""
    copies = CouponIssue.objects.real().filter(
        coupon=coupon, state=CouponIssue.State.ISSUED
    )
    if whose == PRINTED:
        return copies.filter(member=None)
    return copies.filter(member__isnull=False) if whose == HELD else copies


@transaction.atomic
def withdraw_copies(
    coupon: Coupon, *, whose: str, expected: int, reason: str, by: Staff, now: datetime
) -> int:
    """Take back every open copy; return how many.

    `expected` is the number that the person saw and agreed to. A copy that an order
    holds or used stays. Raises Refused: "coupon_void_reason", "coupon_count_changed".
    """
    said = " ".join(clean(reason, LONGEST_REASON).split())
    if not said:
        raise Refused("coupon_void_reason", _("說明作廢的理由"))
    template = hold_template(coupon)
    # Locked in the order of their keys, as nobody else takes more than one.
    found = open_copies(template, whose).order_by("pk").select_for_update(of=("self",))
    ids = list(found.values_list("pk", flat=True))
    if len(ids) != expected:
        raise Refused("coupon_count_changed", _("張數剛剛變了，看過新的張數再確認"))
    CouponIssue.objects.filter(pk__in=ids).update(
        state=CouponIssue.State.VOIDED, voided_at=now, void_reason=said
    )
    audit.record(
        "loyalty.coupon_copies_withdrawn", template, by=by, now=now,
        copies=len(ids), whose=whose, reason=said,
    )  # fmt: skip
    return len(ids)
