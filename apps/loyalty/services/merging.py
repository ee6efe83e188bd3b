"""How the rights of members follow a merge: points by entries, so that sums stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core.errors import Refused
from apps.loyalty.models.points import (
    PointAccount,
    PointEntry,
    PointLot,
    PointUse,
)
from apps.loyalty.models.tiers import Standing, TierChange
from apps.loyalty.services.ledger import Book, Cause, Kind
from apps.members.models import Member
from apps.members.services import movers
from apps.members.services.movers import Field, Merging, Words

LOTS = "loyalty.PointLot"
ACCOUNTS = "loyalty.PointAccount"
STANDINGS = "loyalty.Standing"


@dataclass(frozen=True)
class Points:
    """The loser's account is closed by an entry, the keeper's opened by another.

    The lots move whole, so that a refund finds what its order earned. What either owes
    is paid by the points of both.
    """

    label: Words
    covers: frozenset[Field] = frozenset(
        {(ACCOUNTS, "member"), ("loyalty.PointEntry", "member"), (LOTS, "member")}
    )

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many points would move, those that wait included."""
        purse = PointAccount.objects.filter(member=loser).first()
        return purse.balance + purse.pending if purse else 0

    def move(self, merging: Merging) -> int:
        """Move lots and points, and settle what is owed."""
        keeper, loser = merging.keeper.pk, merging.loser.pk
        if not PointAccount.objects.filter(member__in=[keeper, loser]).exists():
            return 0
        purse = Book([keeper, loser], now=merging.now).purses[loser]
        # One that was taken back stays with the entry that did so.
        living = PointLot.objects.filter(member=loser, reversed_at=None)
        lots = list(living.values_list("pk", flat=True))
        movers.record(merging.merge, LOTS, "member", lots)
        PointLot.objects.filter(pk__in=lots).update(member=keeper)
        _carry(merging, "merge", loser, keeper, purse.balance, purse.pending)
        paid = _settle_debts(merging)
        was = {"debt": purse.debt, "paid": paid}
        movers.record(merging.merge, ACCOUNTS, "debt", [loser], was)
        return purse.balance + purse.pending

    def undo(self, merging: Merging) -> None:
        """Bring back the lots with what is in them; Refused "points_used"."""
        keeper, loser = merging.keeper.pk, merging.loser.pk
        row = merging.merge.rows.filter(model=ACCOUNTS, field="debt").first()
        if row is None:
            return
        purse = Book([keeper, loser], now=merging.now).purses[keeper]
        lots = PointLot.objects.filter(
            pk__in=movers.recorded(merging.merge, LOTS, "member"),
            member=keeper,
            reversed_at=None,
        )
        debt = row.was["debt"]
        if row.was["paid"] or purse.debt < debt or _used(merging, lots):
            raise Refused(
                "points_used", _("合併後已經用掉移過來的點數，不能還原這次合併。")
            )
        left = lots.aggregate(
            points=Sum("remaining", filter=Q(is_released=True), default=0),
            pending=Sum("remaining", filter=Q(is_released=False), default=0),
        )
        lots.update(member=loser)
        _carry(merging, "unmerge", keeper, loser, left["points"], left["pending"], debt)


def _carry(
    merging: Merging,
    cause: str,
    giver: int,
    taker: int,
    points: int,
    pending: int,
    debt: int = 0,
) -> None:
    if not (points or pending or debt):
        return
    for member, sign in ((giver, -1), (taker, 1)):
        PointEntry.objects.create(
            member_id=member,
            kind=Kind.MOVE,
            points=sign * points,
            pending=sign * pending,
            debt=sign * debt,
            source_type=cause,
            source_id=str(merging.merge.pk),
            at=merging.now,
        )


def _settle_debts(merging: Merging) -> bool:
    """Let the points of both pay what either owes; tell whether any were taken."""
    keeper, loser = merging.keeper.pk, merging.loser.pk
    book = Book([keeper, loser], now=merging.now)
    before = book.purses[keeper].balance
    source = str(merging.merge.pk)
    book.pay_debt(keeper, Cause(Kind.MOVE, "merge_debt_own", source))
    book.shift_debt(loser, keeper, Cause(Kind.MOVE, "merge_debt", source))
    book.close()
    return book.purses[keeper].balance != before


def _used(merging: Merging, lots: Any) -> bool:
    """Tell whether anything but time and refunds took of the lots since."""
    opening = PointEntry.objects.filter(
        kind=Kind.MOVE, source_type="merge", source_id=str(merging.merge.pk)
    ).order_by("pk")
    since = opening.values_list("pk", flat=True).first()
    return (
        since is not None
        and PointUse.objects.filter(lot__in=lots, entry__gt=since)
        .exclude(entry__kind=Kind.EXPIRE)
        .exclude(entry__kind=Kind.REVERSAL, entry__reverses=F("lot__entry"))
        .exists()
    )


@dataclass(frozen=True)
class Held:
    """Notes the tiers of both before what they spent is summed anew."""

    label: Words = ""
    covers: frozenset[Field] = frozenset({(STANDINGS, "member")})

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Nothing moves yet."""
        return 0

    def move(self, merging: Merging) -> int:
        """Keep what both hold."""
        for member in (merging.keeper, merging.loser):
            held = _standing(member)
            movers.record(
                merging.merge, STANDINGS, "member", [member.pk],
                _as_text(held) if held else {},
            )  # fmt: skip
        return 0

    def undo(self, merging: Merging) -> None:
        """Nothing comes back yet."""


@dataclass(frozen=True)
class Standings:
    """The higher of the two tiers stands, with its right and its term.

    Registered after the orders: what both spent together may reach higher still.
    """

    label: Words
    covers: frozenset[Field] = frozenset()

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return 1 where the loser's tier is the higher one."""
        return int(_is_higher(_standing(loser), _standing(keeper)))

    def move(self, merging: Merging) -> int:
        """Let the higher tier stand, and say why on the ladder's history."""
        was = merging.merge.rows.get(model=STANDINGS, row_id=merging.loser.pk).was
        theirs, mine = _from_text(was), _standing(merging.keeper)
        Standing.objects.filter(member=merging.loser).delete()
        if theirs is None or not _is_higher(theirs, mine):
            return 0
        Standing.objects.filter(member=merging.keeper).delete()
        theirs.member = merging.keeper
        theirs.save(force_insert=True)
        TierChange.objects.create(
            member=merging.keeper, before=mine.tier if mine else None,
            after=theirs.tier, until=theirs.until,
            reason=TierChange.Reason.MERGE, by=merging.merge.merged_by, at=merging.now,
        )  # fmt: skip
        return 1

    def undo(self, merging: Merging) -> None:
        """Give each the tier they held."""
        for row in merging.merge.rows.filter(model=STANDINGS):
            now = Standing.objects.filter(member=row.row_id).select_related("tier")
            given, held = now.first(), _from_text(row.was)
            now.delete()
            if held is not None:
                held.save(force_insert=True)
            if (given and given.tier_id) != (held and held.tier_id):
                TierChange.objects.create(
                    member_id=row.row_id, before=given.tier if given else None,
                    after=held.tier if held else None,
                    until=held.until if held else None,
                    reason=TierChange.Reason.MERGE, by=merging.merge.undone_by,
                    at=merging.now,
                )  # fmt: skip


def register() -> None:
    """Register the movers of loyalty; called once, when the apps are ready."""
    movers.register(
        Points(gettext_lazy("點數")),
        movers.Rows("loyalty.CouponIssue", pgettext_lazy("plural", "優惠券")),
        movers.Rows(
            "loyalty.Gift", gettext_lazy("已送會員禮"), apart=("occasion", "year")
        ),
        movers.Rows(
            "loyalty.UpgradeCodeUse", gettext_lazy("用過的升等碼"), apart=("code",)
        ),
        Held(),
        movers.stays("history of a ladder", ("loyalty.TierChange", "member")),
        movers.stays("made anew from the orders", ("loyalty.SpendWindow", "member")),
        movers.stays("who was told stays so", ("loyalty.ExpiryNotice", "member")),
    )


def register_tiers() -> None:
    """Register what comes after the orders; the room of orders calls it."""
    movers.register(Standings(gettext_lazy("會員等級")))


def _standing(member: Member) -> Standing | None:
    return Standing.objects.filter(member=member).select_related("tier").first()


def _is_higher(one: Standing | None, other: Standing | None) -> bool:
    if one is None:
        return False
    return other is None or one.tier.threshold > other.tier.threshold


def _as_text(standing: Standing) -> dict[str, Any]:
    fields = standing._meta.concrete_fields  # noqa: SLF001  (documented API)
    return {
        field.attname: None
        if getattr(standing, field.attname) is None
        else field.value_to_string(standing)
        for field in fields
    }


def _from_text(was: dict[str, Any]) -> Standing | None:
    if not was:
        return None
    fields = Standing._meta.concrete_fields  # noqa: SLF001  (documented API)
    return Standing(
        **{field.attname: field.to_python(was[field.attname]) for field in fields}
    )
