"""Hand copies of a coupon to members, within every cap, many in one go."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection, transaction
from django.db.models import Count

from apps.audit import services as audit
from apps.core import clock
from apps.core.text import clean
from apps.loyalty.models import Coupon, CouponIssue, PackCode
from apps.loyalty.rules import coupons as rules
from apps.loyalty.services.coupons.tagging import tag_receivers
from apps.loyalty.services.coupons.words import why
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store

BATCH = 10_000
Source = CouponIssue.Source


@dataclass(frozen=True)
class Issued:
    """A member received a copy."""

    member_id: int
    issue_id: int
    code: str


@dataclass(frozen=True)
class NotIssued:
    """A member received none; `code` is stable, `message` is for a person."""

    member_id: int
    code: str
    message: str


Outcome: TypeAlias = Issued | NotIssued


@transaction.atomic
def issue(
    coupon: Coupon,
    member_ids: Sequence[int],
    *,
    source: str,
    now: datetime,
    by: Staff | None = None,
    store: Store | None = None,
    source_id: str = "",
) -> list[Outcome]:
    """Give each member a copy, in the order given, as far as the caps reach.

    `source` is one of `CouponIssue.Source`. `source_id` names the campaign, the gift or
    the click: whoever has the copy of that occasion already is answered with it. A
    member named twice is asked once. The template is locked, so that no two issues
    count the same copies. The figures of a draft are not touched by its test copies.
    """
    template = hold_template(coupon)
    wanted = list(dict.fromkeys(member_ids))
    known = set(Member.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    had = _had(template, known, source=source, source_id=source_id)
    answers = rules.allot(
        [pk for pk in wanted if pk in known and pk not in had],
        _limits(template, source=source, source_id=source_id, by=by, now=now),
        _held(template, known),
        is_test=source == Source.TEST,
        now=now,
    )
    given = [pk for pk, refusal in answers.items() if not refusal]
    made = _write(
        template, given, source=source, source_id=source_id, by=by, store=store, now=now
    )
    if made and source != Source.TEST:
        template.issued += len(made)
        template.save(update_fields=["issued"])
        tag_receivers(template, made.keys(), by=by, now=now)
    audit.record(
        "loyalty.coupon_issued", template, by=by, now=now,
        copies=len(made), asked=len(wanted), source=source, source_id=source_id,
    )  # fmt: skip
    received = had | made
    said = {code: why(code, {}) for code in {*answers.values(), "no_member"} - {""}}
    refused = {pk: answers.get(pk, "no_member") for pk in wanted if pk not in received}
    return [
        received.get(pk) or NotIssued(pk, refused[pk], said[refused[pk]])
        for pk in wanted
    ]


@transaction.atomic
def issue_bearer(
    coupon: Coupon, count: int, *, by: Staff | None, now: datetime
) -> list[str]:
    """Make copies for whoever shows the code, as for a leaflet; return their codes.

    Fewer than asked where a cap is reached; none where the coupon is not live.
    """
    template = hold_template(coupon)
    limits = _limits(template, source=Source.HQ, source_id="", by=None, now=now)
    caps = [
        most for most in (limits.left, limits.left_of_pack, count) if most is not None
    ]
    shut = rules.closed(limits, is_test=False, now=now)
    number = 0 if shut else max(0, min(caps))
    codes = _codes(template, number)
    start, end = _validity(template, now)
    CouponIssue.objects.bulk_create(
        [
            CouponIssue(
                coupon=template, code=code, key=rules.key_of(code), source=Source.HQ,
                issued_by=by, issued_at=now, valid_from=start, valid_until=end,
            )
            for code in codes
        ],
        batch_size=2000,
    )  # fmt: skip
    template.issued += number
    template.save(update_fields=["issued"])
    audit.record(
        "loyalty.coupon_printed", template, by=by, now=now, copies=number, asked=count
    )
    return codes


def issuable(
    coupons: Sequence[Coupon], member: Member, *, by: Staff, now: datetime
) -> dict[int, str]:
    """Return for each coupon why the salesperson cannot give it, "" where they can."""
    held = dict(
        CouponIssue.objects.filter(coupon__in=coupons, member=member)
        .exclude(state=CouponIssue.State.VOIDED)
        .values_list("coupon")
        .annotate(count=Count("pk"))
    )
    given = _given_this_month(coupons, by, now=now)
    packs = _left_in_packs(coupons)
    answers = {}
    for coupon in coupons:
        limits = _limits_of(
            coupon, staff_given=given.get(coupon.pk, 0), pack=packs.get(coupon.pk, 0)
        )
        had = {member.pk: held.get(coupon.pk, 0)}
        answers[coupon.pk] = rules.allot([member.pk], limits, had, now=now)[member.pk]
    return {pk: code and why(code, {}) for pk, code in answers.items()}


def left_for_staff(
    coupons: Sequence[Coupon], *, by: Staff, now: datetime
) -> dict[int, int | None]:
    """Return how many of each the salesperson can still give; None is no limit."""
    given = _given_this_month(coupons, by, now=now)
    packs = _left_in_packs(coupons)
    left: dict[int, int | None] = {}
    for coupon in coupons:
        limits = _limits_of(
            coupon, staff_given=given.get(coupon.pk, 0), pack=packs.get(coupon.pk, 0)
        )
        caps = [limits.left, limits.left_of_staff, limits.left_of_pack]
        known = [cap for cap in caps if cap is not None]
        left[coupon.pk] = max(0, min(known)) if known else None
    return left


def hold_template(coupon: Coupon) -> Coupon:
    """Lock the template: who counts its copies has it for themselves."""
    return Coupon.objects.select_for_update(no_key=True).get(pk=coupon.pk)


def _limits(
    template: Coupon, *, source: str, source_id: str, by: Staff | None, now: datetime
) -> rules.Limits:
    staff_given = campaign_given = 0
    if source == Source.STAFF and by is not None:
        staff_given = _given_this_month([template], by, now=now).get(template.pk, 0)
    if template.most_per_campaign is not None and source_id:
        campaign_given = template.issues.filter(
            source=source, source_id=source_id
        ).count()
    return _limits_of(
        template,
        staff_given=staff_given if source == Source.STAFF else None,
        campaign_given=campaign_given if source_id else None,
        pack=_left_in_packs([template]).get(template.pk, 0),
    )


def _limits_of(
    coupon: Coupon,
    *,
    staff_given: int | None = None,
    campaign_given: int | None = None,
    pack: int = 0,
) -> rules.Limits:
    def left(cap: int | None, given: int | None) -> int | None:
        return None if cap is None or given is None else cap - given

    return rules.Limits(
        state=coupon.state,
        send_from=coupon.send_from,
        send_until=coupon.send_until,
        left=left(coupon.most_issued, coupon.issued),
        left_of_campaign=left(coupon.most_per_campaign, campaign_given),
        left_of_staff=left(coupon.most_per_staff_month, staff_given),
        left_of_pack=pack if coupon.codes == Coupon.Codes.PACK else None,
        per_member=coupon.most_per_member,
    )


def _held(template: Coupon, members: set[int]) -> Mapping[int, int]:
    """Count what each member ever received of it: a later cap counts it too."""
    if template.most_per_member is None:
        return {}
    copies = template.issues.exclude(state=CouponIssue.State.VOIDED)
    if len(members) <= BATCH:
        copies = copies.filter(member__in=members)
    return dict(
        copies.filter(member__isnull=False)
        .values_list("member")
        .annotate(count=Count("pk"))
    )


def _had(
    template: Coupon, members: set[int], *, source: str, source_id: str
) -> dict[int, Issued]:
    """Return the copies that these members received on the same occasion."""
    if not source_id:
        return {}
    rows = template.issues.filter(
        source=source, source_id=clean(source_id, 60), member__in=members
    )
    return {
        member: Issued(member, pk, code)
        for member, pk, code in rows.values_list("member", "pk", "code")
        if member is not None
    }


def _given_this_month(
    coupons: Sequence[Coupon], by: Staff, *, now: datetime
) -> dict[int, int]:
    month = clock.start_of(clock.month_of(now))
    return dict(
        CouponIssue.objects.filter(
            coupon__in=coupons, issued_by=by, source=Source.STAFF, issued_at__gte=month
        )
        .values_list("coupon")
        .annotate(count=Count("pk"))
    )


def _left_in_packs(coupons: Sequence[Coupon]) -> dict[int, int]:
    packed = [c.pk for c in coupons if c.codes == Coupon.Codes.PACK]
    if not packed:
        return {}
    return dict(
        PackCode.objects.filter(coupon__in=packed, is_taken=False)
        .values_list("coupon")
        .annotate(count=Count("pk"))
    )


def _codes(template: Coupon, number: int) -> list[str]:
    """Return so many fresh codes: of the pack where there is one, else 80 random bits.

    The template is locked, so that nobody else takes from the pack.
    """
    if template.codes == Coupon.Codes.PACK:
        rows = list(template.pack.filter(is_taken=False).order_by("pk")[:number])
        PackCode.objects.filter(pk__in=[row.pk for row in rows]).update(is_taken=True)
        return [row.code for row in rows]
    return [new_code() for _n in range(number)]


def new_code() -> str:
    """Return a code of 80 random bits."""
    bits = secrets.randbits(5 * rules.CODE_LENGTH)
    return "".join(
        rules.ALPHABET[bits >> (5 * place) & 31] for place in range(rules.CODE_LENGTH)
    )


def period_of(coupon: Coupon) -> rules.Period:
    """Return when copies of the coupon are good, as the rules want it."""
    return rules.Period(
        coupon.validity, coupon.valid_from, coupon.valid_until, coupon.valid_days
    )


def _validity(
    template: Coupon, now: datetime
) -> tuple[datetime | None, datetime | None]:
    return rules.validity(period_of(template), issued_at=now, opened_at=None)


INSERT = """
    insert into loyalty_couponissue
        (coupon_id, member_id, code, key, state, source, source_id, issued_by_id,
         store_id, issued_at, valid_from, valid_until, void_reason)
    select %s, member, code, key, 'issued', %s, %s, %s, %s, %s, %s, %s, ''
    from unnest(%s::bigint[], %s::text[], %s::text[]) as copies(member, code, key)
    returning member_id, id, code
"""


def _write(
    template: Coupon,
    members: Sequence[int],
    *,
    source: str,
    source_id: str,
    by: Staff | None,
    store: Store | None,
    now: datetime,
) -> dict[int, Issued]:
    """Write the copies in statements of ten thousand; return them by member."""
    codes = _codes(template, len(members))
    start, end = _validity(template, now)
    made: dict[int, Issued] = {}
    fixed: list[Any] = [
        template.pk, source, clean(source_id, 60), by and by.pk, store and store.pk,
        now, start, end,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        for first in range(0, len(members), BATCH):
            part = codes[first : first + BATCH]
            cursor.execute(
                INSERT,
                [
                    *fixed,
                    list(members[first : first + BATCH]),
                    part,
                    [rules.key_of(code) for code in part],
                ],
            )
            made |= {row[0]: Issued(*row) for row in cursor.fetchall()}
    return made
