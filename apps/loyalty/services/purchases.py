"""Let points follow purchases: what one is worth now is what its lot holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.core import clock
from apps.core.money import WHOLE
from apps.loyalty.models.points import PointLot
from apps.loyalty.rules import points as rules
from apps.loyalty.rules.points import Award, Purchase, Terms
from apps.loyalty.services import point_terms
from apps.loyalty.services.ledger import Book, Cause, Kind, Lot, expired_of
from apps.loyalty.services.points import settle_lot


@dataclass(frozen=True)
class _Change:
    """A purchase whose lot (the last, if it ever had one) is not what it should be."""

    order_id: int
    last: PointLot | None
    award: Award | None


@transaction.atomic(savepoint=False)
def follow_purchases(
    purchases: Sequence[Purchase],
    *,
    now: datetime,
    versions: Sequence[Terms] | None = None,
    written: Collection[int] = (),
) -> int:
    """Make each purchase's points what it is worth now; return how many changed.

    A purchase seen for the first time is worth what the rule of its day says, times
    what the member's tier of that moment earns; rule and multiplier stay with it for
    good. Where less is left of it, or it turns out to be somebody else's, all its
    points are taken back and what is left earns anew. What waits for the goods learns
    from when it is of use. The same again changes nothing.
    `versions` are those of `point_terms`, of whoever has read them already; `written`
    are orders that this transaction made, which cannot have earned before.
    """
    versions = point_terms.versions() if versions is None else versions
    given = {each.order_id: each for each in purchases}
    last = _last_lots(given.keys() - set(written))
    changes = _changes(given, last, versions, now=now)
    if not changes:
        return 0
    members = {change.award.member_id for change in changes if change.award}
    members |= {change.last.member_id for change in changes if change.last}
    book = Book(members, now=now)
    if any(change.last for change in changes):
        # Read again what may have moved before the accounts were locked.
        changes = _changes(given, _last_lots(given), versions, now=now)
    _write(book, changes)
    return len(changes)


def _changes(
    given: Mapping[int, Purchase],
    last: Mapping[int, PointLot],
    versions: Sequence[Terms],
    *,
    now: datetime,
) -> list[_Change]:
    if not versions and not last:
        return []
    awards = _awards(given.values(), last, versions)
    changes = [
        _Change(order_id, last.get(order_id), awards.get(order_id))
        for order_id in given
    ]
    return [change for change in changes if not _stands(change, now)]


def _stands(change: _Change, now: datetime) -> bool:
    """Tell whether the purchase's lot is what it should be."""
    lot, award = change.last, change.award
    living = lot if lot is not None and lot.reversed_at is None else None
    if living is None:
        return award is None or award.is_dead(now)
    return (
        award is not None
        and _is_worth(living, award)
        and not _is_misdated(living, award, now)
    )


def _is_worth(lot: PointLot | Lot, award: Award) -> bool:
    return (lot.member_id, lot.computed) == (award.member_id, award.points)


def _is_misdated(lot: PointLot, award: Award, now: datetime) -> bool:
    """Tell whether a lot that waits for the goods waits for another moment.

    What is of use already stays so, whatever is said of the goods afterwards.
    """
    is_over = lot.available_at is not None and lot.available_at <= now
    if award.release_from == rules.PAID or lot.is_released or is_over:
        return False
    return lot.remaining > 0 and lot.available_at != award.available_at


def _last_lots(order_ids: Collection[int]) -> dict[int, PointLot]:
    if not order_ids:
        return {}
    rows = PointLot.objects.filter(order_id__in=list(order_ids)).order_by("id")
    return {row.order_id: row for row in rows if row.order_id is not None}


def _awards(
    purchases: Iterable[Purchase],
    last: Mapping[int, PointLot],
    versions: Sequence[Terms],
) -> dict[int, Award]:
    by_id = {terms.rule_id: terms for terms in versions}
    terms_of = {
        each.order_id: by_id[lot.rule_id]
        if (lot := last.get(each.order_id)) is not None and lot.rule_id is not None
        else rules.terms_on(versions, clock.day_of(each.placed_at))
        for each in purchases
    }
    multipliers = _multipliers(purchases, last, terms_of)
    found = {
        each.order_id: rules.award(each, terms, multipliers.get(each.order_id, WHOLE))
        for each in purchases
        if (terms := terms_of[each.order_id]) is not None
    }
    return {order_id: award for order_id, award in found.items() if award is not None}


def _multipliers(
    purchases: Iterable[Purchase],
    last: Mapping[int, PointLot],
    terms_of: Mapping[int, Terms | None],
) -> dict[int, int]:
    """Return what was frozen with each purchase, or what its member's tier earned."""
    frozen = {order_id: lot.multiplier for order_id, lot in last.items()}
    fresh = [
        (each, terms, each.member_id)
        for each in purchases
        if each.order_id not in frozen
        and (terms := terms_of[each.order_id]) is not None
        and terms.multipliers
        and each.member_id is not None
    ]
    if not fresh:
        return frozen
    tiers = point_terms.tiers_before(
        (member_id, each.placed_at) for each, _terms, member_id in fresh
    )
    return frozen | {
        each.order_id: terms.multiplier(tier)
        for (each, terms, _member), tier in zip(fresh, tiers, strict=True)
    }


def _write(book: Book, changes: Sequence[_Change]) -> None:
    living = {
        change.order_id: book.know(change.last)
        for change in changes
        if change.last is not None and change.last.reversed_at is None
    }
    expired = expired_of(living.values()) if living else {}
    for change in changes:
        used = 0
        lot, award = living.get(change.order_id), change.award
        if lot is not None and award is not None and _is_worth(lot, award):
            book.date(lot, award.available_at)
            settle_lot(book, lot)
            continue
        if lot is not None:
            used = _reverse(book, lot, award, expired.get(lot.pk or 0, 0))
        if award is not None:
            same = lot is not None and lot.member_id == award.member_id
            _award(book, change, award, used if same else 0)
    book.close()


def _reverse(book: Book, lot: Lot, award: Award | None, expired: int) -> int:
    cause = Cause(Kind.REVERSAL, "entry", str(lot.entry_id), reverses_id=lot.entry_id)
    return book.reverse(lot, cause, expired=expired, again=_again(award, lot))


def _again(award: Award | None, lot: Lot) -> int:
    """Return how many points the same member is about to be given anew."""
    if award is None or award.member_id != lot.member_id:
        return 0
    return award.points


def _award(book: Book, change: _Change, award: Award, used: int) -> None:
    is_dead = award.is_dead(book.now)
    points = rules.reawarded(award.points, used=used, is_dead=is_dead)
    if points <= 0:
        return
    round_ = change.last.round + 1 if change.last else 1
    lot = Lot(
        member_id=award.member_id,
        points=points,
        earned_at=award.earned_at,
        available_at=award.available_at,
        expires_at=award.expires_at,
        computed=award.points,
        order_id=change.order_id,
        round=round_,
        rule_id=award.rule_id,
        multiplier=award.multiplier,
    )
    name = f"{change.order_id}" if round_ == 1 else f"{change.order_id}/{round_}"
    book.credit(lot, Cause(Kind.EARN, "order", name))
