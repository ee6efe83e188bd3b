"""What is done with points outside purchases: grant, deduct, quote, burn, give back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Min, Q, Sum
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.core.money import WHOLE
from apps.loyalty.models.points import PointAccount, PointEntry, PointLot
from apps.loyalty.rules import points as rules
from apps.loyalty.rules.burning import ANYWHERE
from apps.loyalty.rules.coupons import Basket
from apps.loyalty.services import burning, point_terms
from apps.loyalty.services.ledger import Book, Cause, Kind, Lot, expired_of
from apps.members import services as members
from apps.members.models import Member
from apps.staff.models import Staff

MEMBERS_A_BOOK = 2_000


@dataclass(frozen=True)
class Balance:
    """What a member has: to use now, waiting, and owed; and what dies next."""

    available: int = 0
    pending: int = 0
    debt: int = 0
    next_expiring: int = 0
    next_expiry: datetime | None = None

    @property
    def last_day(self) -> date | None:
        """Return the last day of those that die next."""
        return clock.last_day_before(self.next_expiry)


@dataclass(frozen=True)
class Quote:
    """What points may pay of a basket now; `why` says why they may not.

    `burnable` points pay `amount` NT$; `note` says why they may not pay all of it.
    """

    available: int
    burnable: int
    amount: int
    point_value: int
    why: str = ""
    note: str = ""


def balance(member: Member, *, now: datetime) -> Balance:
    """Return what the member has at the moment, whatever the night has yet to do."""
    account = PointAccount.objects.filter(member=member).first()
    if account is None:
        return Balance()
    live = Q(expires_at=None) | Q(expires_at__gt=now)
    lots = PointLot.objects.filter(live, member=member, remaining__gt=0)
    sums = lots.aggregate(
        available=Sum("remaining", filter=Q(available_at__lte=now), default=0),
        due=Sum(
            "remaining", filter=Q(available_at__lte=now, is_released=False), default=0
        ),
        pending=Sum(
            "remaining", filter=Q(available_at__gt=now) | Q(available_at=None),
            default=0,
        ),
        next=Min("expires_at", filter=Q(available_at__lte=now)),
    )  # fmt: skip
    # What became available since the last night pays the debt before it is of use.
    paid = min(account.debt, sums["due"])
    dying = lots.filter(expires_at=sums["next"], available_at__lte=now)
    return Balance(
        available=sums["available"] - paid,
        pending=sums["pending"],
        debt=account.debt - paid,
        next_expiring=dying.aggregate(all=Sum("remaining", default=0))["all"]
        if sums["next"]
        else 0,
        next_expiry=sums["next"],
    )


def quote(
    member: Member,
    *,
    basket_total: int,
    basket: Basket | None = None,
    now: datetime,
) -> Quote:
    """Return what the member's points may pay of a basket (NT$) now.

    With a `basket`, its channel and goods are looked at too (`burning`).
    """
    available = balance(member, now=now).available
    terms = point_terms.in_force(now)
    value, share = (terms.point_value, terms.burn_share) if terms else (1, WHOLE)
    asked = basket or Basket(ANYWHERE, sum=basket_total)
    may = burning.payable(asked, now=now)
    payable = min(may.total, basket_total)
    most = rules.worth_of_burning(payable, share=share, point_value=value)
    burnable = min(available, most)
    return Quote(available, burnable, burnable * value, value, may.why, may.note)


@transaction.atomic
def burn(
    member: Member,
    points: int,
    *,
    source_type: str,
    source_id: str,
    now: datetime,
    channel: str = ANYWHERE,
    by: Staff | None = None,
) -> PointEntry:
    """Pay with points, first in first out; the same cause again changes nothing.

    Raises Refused: "burning_paused", "points_short" where fewer are available,
    "source_used" where the cause paid another number, or was given back.
    """
    if points <= 0:
        raise Refused("points_positive", _("點數要大於 0"))
    book = Book([member.pk], now=now)
    done = PointEntry.objects.filter(
        kind=Kind.BURN, source_type=source_type, source_id=source_id
    ).first()
    if done is not None:
        return _same(done, member, points)
    if why := burning.why_shut(channel, now=now):
        raise Refused("burning_paused", why)
    settle(book)
    cause = Cause(Kind.BURN, source_type, source_id, by_id=by.pk if by else None)
    if book.take(member.pk, points, cause) < points:
        raise Refused("points_short", _("可用點數不足"))
    return PointEntry.objects.get(pk=book.close()[-1])


def _same(done: PointEntry, member: Member, points: int) -> PointEntry:
    given_back = PointEntry.objects.filter(
        kind=Kind.GIVE_BACK, source_type="entry", source_id__startswith=f"{done.pk}/"
    )
    if done.member_id != member.pk or done.points != -points or given_back.exists():
        raise Refused("source_used", _("這筆交易已經折抵過點數"))
    return done


@transaction.atomic
def give_back(source_type: str, source_id: str, *, now: datetime) -> int:
    """Give back what a cause burned; return how many points, 0 if it burned none.

    The points live as long as they would have lived, and pay debt first.
    """
    burned = PointEntry.objects.filter(
        kind=Kind.BURN, source_type=source_type, source_id=source_id
    ).first()
    if burned is None:
        return 0
    # Whoever burned them may have been merged into another since.
    member_id = members.hold_members([burned.member_id])[burned.member_id]
    book = Book([member_id], now=now)
    uses = list(burned.uses.select_related("lot").order_by("id"))
    if PointEntry.objects.filter(
        kind=Kind.GIVE_BACK, source_type="entry", source_id=f"{burned.pk}/1"
    ).exists():
        return 0
    for place, use in enumerate(uses, start=1):
        lot = Lot(
            member_id=member_id,
            points=use.points,
            earned_at=use.lot.earned_at,
            available_at=now,
            expires_at=use.lot.expires_at,
            rule_id=use.lot.rule_id,
        )
        book.credit(lot, Cause(Kind.GIVE_BACK, "entry", f"{burned.pk}/{place}"))
    book.close()
    return sum(use.points for use in uses)


@transaction.atomic
def grant(
    member_ids: Collection[int],
    points: int,
    *,
    kind: str = Kind.GRANT,
    source_type: str,
    source_id: str,
    now: datetime,
    by: Staff | None = None,
    reason: str = "",
) -> list[int]:
    """Give each member points for a cause; return whom, for each has it once.

    The points are available at once and die by the rule in force at the moment.
    """
    if points <= 0:
        raise Refused("points_positive", _("點數要大於 0"))
    terms = point_terms.in_force(now)
    expires_at = rules.expires_at(now, terms.expiry) if terms else None
    given: list[int] = []
    wanted = sorted(set(member_ids))
    for start in range(0, len(wanted), MEMBERS_A_BOOK):
        book = Book(wanted[start : start + MEMBERS_A_BOOK], now=now)
        had = set(
            PointEntry.objects.filter(
                member__in=book.members,
                kind=kind,
                source_type=source_type,
                source_id=source_id,
            ).values_list("member_id", flat=True)
        )
        new = [member for member in book.members if member not in had]
        for member in new:
            lot = Lot(member, points, now, now, expires_at)
            cause = Cause(kind, source_type, source_id, reason, by.pk if by else None)
            book.credit(lot, cause)
        book.close()
        given += new
    if by is not None and given:
        audit.record_many(
            "points.granted",
            Member,
            {member: {"points": points, "reason": reason} for member in given},
            by=by,
            now=now,
        )
    return given


@transaction.atomic
def deduct(
    member: Member,
    points: int,
    *,
    source_type: str,
    source_id: str,
    reason: str,
    by: Staff,
    now: datetime,
) -> PointEntry:
    """Take available points off, by hand; the same cause again changes nothing.

    Raises Refused: "points_short" where fewer are available.
    """
    if points <= 0:
        raise Refused("points_positive", _("點數要大於 0"))
    book = Book([member.pk], now=now)
    done = PointEntry.objects.filter(
        kind=Kind.DEDUCT, source_type=source_type, source_id=source_id
    ).first()
    if done is not None:
        return done
    settle(book)
    cause = Cause(Kind.DEDUCT, source_type, source_id, reason, by.pk)
    if book.take(member.pk, points, cause) < points:
        raise Refused("points_short", _("可用點數不足"))
    audit.record(
        "points.deducted", member, by=by, now=now, points=points, reason=reason
    )
    return PointEntry.objects.get(pk=book.close()[-1])


@transaction.atomic
def take_back(entry_ids: Collection[int], *, now: datetime, reason: str = "") -> int:
    """Reverse grants and gifts; return how many. What was used becomes debt."""
    lots = PointLot.objects.filter(entry__in=entry_ids, reversed_at=None)
    members = set(lots.values_list("member_id", flat=True))
    if not members:
        return 0
    book = Book(members, now=now)
    held = [book.know(row) for row in lots.order_by("id")]
    expired = expired_of(held)
    for lot in held:
        cause = Cause(
            Kind.REVERSAL, "entry", str(lot.entry_id), reason, reverses_id=lot.entry_id
        )
        book.reverse(lot, cause, expired=expired.get(lot.pk or 0, 0))
    book.close()
    return len(held)


def settle(book: Book) -> None:
    """Release and expire what is due to the book's members, as the night would."""
    for member in book.members:
        for lot in list(book.lots(member)):
            settle_lot(book, lot)


def settle_lot(book: Book, lot: Lot) -> None:
    """Release a lot whose waiting is over, and let it die where its time has come."""
    if not lot.is_released and lot.is_due(book.now) and lot.remaining:
        book.release(lot, Cause(Kind.RELEASE, "lot", str(lot.pk)))
    if lot.remaining and not lot.lives(book.now):
        book.expire(lot, Cause(Kind.EXPIRE, "lot", str(lot.pk)))
