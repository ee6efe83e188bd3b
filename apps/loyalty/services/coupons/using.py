"""Use a copy: check, hold for an order, redeem in it, give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import live
from apps.core.errors import Refused
from apps.core.text import clean
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.loyalty.rules import coupons as rules
from apps.loyalty.services.coupons import words
from apps.loyalty.services.coupons.issuing import hold_template, period_of
from apps.loyalty.services.coupons.tagging import Moment, tag_holder
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store

State = CouponUse.State
LONGEST_REASON = 200


@dataclass(frozen=True)
class CouponVerdict:
    """What a coupon takes off (NT$), or why not: `refusal` is stable, "" is a yes."""

    refusal: str
    message: str
    discount: int
    issue: CouponIssue | None

    @property
    def is_allowed(self) -> bool:
        """Tell whether the coupon may be used."""
        return not self.refusal


@dataclass(frozen=True)
class _Attempt:
    """Who wants to use a copy for which order, where and when."""

    basket: rules.Basket
    place: rules.Place
    store: Store | None
    by: Staff | None
    trigger: str
    now: datetime


def check(
    code: str,
    *,
    basket: rules.Basket,
    member: Member | None = None,
    order_source: str = "",
    order_external_id: str = "",
    now: datetime,
) -> CouponVerdict:
    """Say what the coupon would take off this basket, or exactly why it would not.

    Nothing is written. With the number of the order, a copy held for it is allowed.
    """
    row = find_coupon(code)
    if row is None:
        return CouponVerdict("not_found", words.why("not_found", {}), 0, None)
    place = (order_source, order_external_id) if order_source else None
    answer = _decide(
        row, live_use(row), basket=basket, member=member, place=place, now=now
    )
    message = words.why(answer.refusal, answer.facts) if answer.refusal else ""
    return CouponVerdict(answer.refusal, message, answer.discount, row)


def reserve(
    code: str,
    *,
    basket: rules.Basket,
    order_source: str,
    order_external_id: str,
    member: Member | None = None,
    store: Store | None = None,
    by: Staff | None = None,
    until: datetime | None = None,
    trigger: str = CouponUse.Trigger.TILL,
    now: datetime,
) -> CouponUse:
    """Hold the copy for an order until the moment; the same order again is the same.

    For tills that may be offline when they redeem. A hold that ran out keeps nobody
    from the copy. Raises Refused "coupon_<reason>", as `check` gives it.
    """
    attempt = _Attempt(
        basket, _place(order_source, order_external_id), store, by, trigger, now
    )
    return _use(code, attempt, member=member, to=State.RESERVED, until=until)


def redeem(
    code: str,
    *,
    basket: rules.Basket,
    order_source: str,
    order_external_id: str,
    member: Member | None = None,
    store: Store | None = None,
    by: Staff | None = None,
    trigger: str = CouponUse.Trigger.TILL,
    now: datetime,
) -> CouponUse:
    """Use the copy in an order; the same order again gets the same answer.

    Of two tills with one copy the first to lock it wins, the other is refused. Raises
    Refused "coupon_<reason>", as `check` gives it.
    """
    attempt = _Attempt(
        basket, _place(order_source, order_external_id), store, by, trigger, now
    )
    return _use(code, attempt, member=member, to=State.REDEEMED, until=None)


@transaction.atomic
def void(use: CouponUse, *, reason: str, by: Staff | None, now: datetime) -> CouponUse:
    """Give the copy back: the use is void for good, the copy can be used again.

    Raises Refused: "coupon_void_reason" without a reason, "coupon_void_twice" when it
    was voided before.
    """
    said = " ".join(clean(reason, LONGEST_REASON).split())
    if not said:
        raise Refused("coupon_void_reason", _("說明作廢的理由"))
    _hold(use.issue.key)
    row = CouponUse.objects.select_for_update().get(pk=use.pk)
    if row.state == State.VOIDED:
        raise Refused("coupon_void_twice", _("這筆核銷已經作廢"))
    _void(row, said, by=by, now=now)
    audit.record(
        "loyalty.coupon_use_voided", row, by=by, now=now,
        reason=said, order=row.order_external_id,
    )  # fmt: skip
    _tell(row.issue)
    return row


@transaction.atomic
def release_reservations(*, now: datetime, limit: int = 1000) -> int:
    """Give back what was held longer than its order wanted; return how many."""
    over = list(
        CouponUse.objects.filter(state=State.RESERVED, held_until__lte=now)
        .order_by("held_until")
        .values_list("pk", "issue__key")[:limit]
    )
    released = 0
    for pk, key in over:
        if _hold(key, skip=True) is None:
            continue
        row = CouponUse.objects.get(pk=pk)
        if row.state == State.RESERVED:
            _void(row, "expired", by=None, now=now)
            released += 1
    return released


def find_coupon(code: str) -> CouponIssue | None:
    """Return the copy of that code, as a person or a scanner gives it."""
    key = rules.key_of(clean(code, 60))
    return (
        CouponIssue.objects.select_related("coupon", "member", "issued_by", "store")
        .filter(key=key)
        .first()
    )


def live_use(row: CouponIssue) -> CouponUse | None:
    """Return the use that holds the copy."""
    return row.uses.live().select_related("store", "staff").first()


@transaction.atomic
def _use(
    code: str,
    attempt: _Attempt,
    *,
    member: Member | None,
    to: str,
    until: datetime | None,
) -> CouponUse:
    row = _hold(rules.key_of(clean(code, 60)))
    if row is None:
        raise words.refused("not_found", {})
    if row.coupon.most_used is not None:
        row.coupon = hold_template(row.coupon)
    use = live_use(row)
    own = use is not None and _place_of(use) == attempt.place
    if use is not None and own and use.state in (State.REDEEMED, to):
        return use
    answer = _decide(
        row,
        use,
        basket=attempt.basket,
        member=member,
        place=attempt.place,
        now=attempt.now,
    )
    if answer.refusal:
        raise words.refused(answer.refusal, answer.facts)
    if use is not None and not own:
        _void(use, "expired", by=None, now=attempt.now)
        use = None
    written = _write(row, use, attempt, discount=answer.discount, to=to, until=until)
    if to == State.REDEEMED:
        _tag(row, attempt, member)
    audit.record(
        f"loyalty.coupon_{to}", row, by=attempt.by, now=attempt.now,
        order=attempt.place[1], source=attempt.place[0], discount=answer.discount,
    )  # fmt: skip
    _tell(row)
    return written


def _hold(key: str, *, skip: bool = False) -> CouponIssue | None:
    """Lock the copy: of two who want it the second sees what the first did."""
    return (
        CouponIssue.objects.select_for_update(of=("self",), skip_locked=skip)
        .select_related("coupon", "member")
        .filter(key=key)
        .first()
    )


def _decide(
    row: CouponIssue,
    use: CouponUse | None,
    *,
    basket: rules.Basket,
    member: Member | None,
    place: rules.Place | None,
    now: datetime,
) -> rules.Answer:
    start, end = row.valid_from, row.valid_until
    if row.opened_at is None and row.coupon.validity == Coupon.Validity.FROM_OPEN:
        # Showing it at the till is opening it.
        start, end = rules.validity(
            period_of(row.coupon), issued_at=row.issued_at, opened_at=now
        )
    copy = rules.Copy(
        state=use.state if use else row.state,  # the use is read later than the copy
        member_id=row.member_id,
        valid_from=start,
        valid_until=end,
        is_test=row.source == CouponIssue.Source.TEST,
        held_by=_place_of(use) if use else None,
        held_until=use.held_until if use else None,
    )
    return rules.check(
        coupon_terms(row.coupon),
        copy,
        basket,
        member_id=member.pk if member else None,
        order=place,
        now=now,
    )


def coupon_terms(coupon: Coupon) -> rules.Terms:
    """Return the coupon as the rules want it."""
    left = None if coupon.most_used is None else coupon.most_used - coupon.used
    return rules.Terms(
        kind=coupon.kind,
        amount=coupon.amount,
        percent=coupon.percent,
        most=coupon.most,
        minimum=coupon.minimum,
        state=coupon.state,
        channels=frozenset(coupon.channels),
        stores=_keys(coupon, "stores"),
        categories=_keys(coupon, "categories"),
        products=_keys(coupon, "products"),
        is_stackable=coupon.is_stackable,
        uses_left=left,
    )


def _keys(coupon: Coupon, relation: str) -> frozenset[int]:
    return frozenset(getattr(coupon, relation).values_list("pk", flat=True))


def _write(
    row: CouponIssue,
    use: CouponUse | None,
    attempt: _Attempt,
    *,
    discount: int,
    to: str,
    until: datetime | None,
) -> CouponUse:
    """Write the use, or move the order's own hold on. The triggers do the counting."""
    if to == State.REDEEMED and row.opened_at is None:
        CouponIssue.objects.filter(pk=row.pk).update(opened_at=attempt.now)
    written = use or CouponUse(
        issue=row,
        order_source=attempt.place[0],
        order_external_id=attempt.place[1],
        at=attempt.now,
    )
    written.state = to
    written.trigger = attempt.trigger
    written.channel = attempt.basket.channel
    written.basket_total = attempt.basket.total
    written.discount = discount
    written.store = attempt.store or written.store
    written.staff = attempt.by or written.staff
    written.held_until = until
    written.redeemed_at = attempt.now if to == State.REDEEMED else None
    written.save()
    return written


def _tag(row: CouponIssue, attempt: _Attempt, member: Member | None) -> None:
    """Give the tags of the use, and those of opening where it was not opened before."""
    holder = member.pk if member else None
    moments: list[Moment] = ["redeemed"]
    if row.opened_at is None:
        moments.insert(0, "opened")
    for moment in moments:
        tag_holder(row, moment, member_id=holder, by=attempt.by, now=attempt.now)


def _void(row: CouponUse, reason: str, *, by: Staff | None, now: datetime) -> None:
    row.state, row.voided_at = State.VOIDED, now
    row.voided_by, row.void_reason = by, reason
    row.save(update_fields=["state", "voided_at", "voided_by", "void_reason"])


def _place(source: str, number: str) -> rules.Place:
    return clean(source, 20), clean(number, 60)


def _place_of(use: CouponUse) -> rules.Place:
    return use.order_source, use.order_external_id


def _tell(row: CouponIssue) -> None:
    """Tell the pages of the salesperson whose coupon it was."""
    if row.issued_by_id:
        live.publish(f"staff:{row.issued_by_id}", "coupon", issue=row.pk)
