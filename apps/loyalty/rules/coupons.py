"""Whether a coupon may be used and what it takes off; who may receive one, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.core import clock
from apps.core.money import share_of

# 32 signs that are not mistaken for one another, five random bits each.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16

Place = tuple[str, str]  # (source, number) of an order


@dataclass(frozen=True)
class Item:
    """A line of a basket: what is paid for it (NT$) and what it is, where known."""

    amount: int
    product_id: int | None = None
    category_id: int | None = None


@dataclass(frozen=True)
class Basket:
    """What is about to be paid, and where.

    Where the till sends no lines, `sum` (NT$) stands for all of it, and the person at
    the till answers for the goods. `others` are the coupons used beside this one; each
    tells whether it can be combined.
    """

    channel: str  # "store", "web" or "app"
    items: tuple[Item, ...] = ()
    sum: int = 0
    store_id: int | None = None
    shipping: int = 0
    others: tuple[bool, ...] = ()

    @property
    def total(self) -> int:
        """Return what the goods cost (NT$)."""
        return sum(item.amount for item in self.items) if self.items else self.sum


@dataclass(frozen=True)
class Terms:
    """The coupon as HQ designed it. Empty sets mean: no restriction."""

    kind: str = "amount"
    amount: int = 0
    percent: int = 0  # basis points off
    most: int | None = None
    minimum: int = 0
    state: str = "live"
    channels: frozenset[str] = frozenset()
    stores: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    is_stackable: bool = False
    uses_left: int | None = None


@dataclass(frozen=True)
class Copy:
    """One copy: whose it is, when it is good, and which order holds it."""

    state: str = "issued"
    member_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    is_test: bool = False
    held_by: Place | None = None
    held_until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Tell whether a reservation keeps others from it at the moment."""
        return self.state == "reserved" and (
            self.held_until is None or now < self.held_until
        )


@dataclass(frozen=True)
class Answer:
    """Yes with what is taken off (NT$), or no with the reason and its figures."""

    discount: int = 0
    refusal: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_allowed(self) -> bool:
        """Tell whether the coupon may be used."""
        return not self.refusal


def check(
    terms: Terms,
    copy: Copy,
    basket: Basket,
    *,
    member_id: int | None = None,
    order: Place | None = None,
    now: datetime,
) -> Answer:
    """Return what the coupon takes off this basket, or the first reason why not.

    First what became of the copy, then whose it is, then the coupon, the time, the
    place and the goods: the reason that a person can do least about comes first. An
    order that holds the copy is not asked for its time again.
    """
    holds = order is not None and copy.held_by == order
    reasons = (
        _copy(copy, holds=holds, now=now)
        or _owner(copy, member_id)
        or ("" if holds else _coupon(terms, copy))
        or ("" if holds else _time(copy, now))
    )
    if reasons:
        return Answer(refusal=reasons, facts=_times(copy))
    return _place(terms, basket) or _goods(terms, basket)


def _copy(copy: Copy, *, holds: bool, now: datetime) -> str:
    if copy.state == "voided":
        return "voided"
    if copy.state == "redeemed" and not holds:
        return "used"
    if copy.is_held(now) and not holds:
        return "reserved"
    return ""


def _owner(copy: Copy, member_id: int | None) -> str:
    foreign = copy.member_id is not None and member_id is not None
    return "not_yours" if foreign and copy.member_id != member_id else ""


def _coupon(terms: Terms, copy: Copy) -> str:
    if terms.state == "draft":
        return "" if copy.is_test else "draft"
    if terms.state in ("paused", "ended"):
        return terms.state
    return "capped" if terms.uses_left is not None and terms.uses_left <= 0 else ""


def _time(copy: Copy, now: datetime) -> str:
    if copy.valid_from is not None and now < copy.valid_from:
        return "not_started"
    if copy.valid_until is not None and now >= copy.valid_until:
        return "expired"
    return ""


def _times(copy: Copy) -> dict[str, object]:
    return {
        "valid_from": copy.valid_from,
        "valid_until": copy.valid_until,
        "held_until": copy.held_until,
    }


def _place(terms: Terms, basket: Basket) -> Answer | None:
    if terms.channels and basket.channel not in terms.channels:
        return Answer(
            refusal="wrong_channel", facts={"channels": sorted(terms.channels)}
        )
    outside = bool(terms.stores) and basket.store_id not in terms.stores
    if basket.channel == "store" and outside:
        return Answer(refusal="wrong_store", facts={"stores": sorted(terms.stores)})
    if basket.others and not (terms.is_stackable and all(basket.others)):
        return Answer(refusal="not_combinable")
    return None


def _goods(terms: Terms, basket: Basket) -> Answer:
    eligible = eligible_total(terms, basket)
    if basket.items and not eligible:
        return Answer(refusal="wrong_goods")
    if eligible < terms.minimum:
        missing = terms.minimum - eligible
        return Answer(
            refusal="below_minimum",
            facts={"minimum": terms.minimum, "missing": missing},
        )
    return Answer(discount=discount(terms, eligible, shipping=basket.shipping))


def eligible_total(terms: Terms, basket: Basket) -> int:
    """Return what of the basket the coupon counts (NT$)."""
    if not basket.items or not (terms.categories or terms.products):
        return basket.total
    return sum(
        item.amount
        for item in basket.items
        if item.product_id in terms.products or item.category_id in terms.categories
    )


def discount(terms: Terms, eligible: int, *, shipping: int = 0) -> int:
    """Return what is taken off (NT$): never more than there is to pay."""
    if terms.kind == "amount":
        return min(terms.amount, eligible)
    if terms.kind == "percent":
        off = share_of(eligible, terms.percent)
        return off if terms.most is None else min(off, terms.most)
    return shipping if terms.kind == "shipping" else 0


@dataclass(frozen=True)
class Period:
    """When copies of a coupon are good: fixed dates, or days from a moment."""

    mode: str  # "fixed", "issue" or "open"
    start: datetime | None = None
    end: datetime | None = None
    days: int | None = None


def validity(
    period: Period, *, issued_at: datetime, opened_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a copy is good, half-open.

    Days are those of Taipei and whole: seven days from a Monday afternoon end with the
    next Monday. Counted from the opening, a copy that was never opened ends only where
    the coupon itself does. Nothing outlives the coupon's own last day.
    """
    if period.mode == "fixed":
        return period.start, period.end
    origin = issued_at if period.mode == "issue" else opened_at
    if origin is None or period.days is None:
        return period.start, period.end
    counted = clock.end_of(clock.day_of(origin) + timedelta(days=period.days))
    end = counted if period.end is None else min(counted, period.end)
    return period.start, end


@dataclass(frozen=True)
class Limits:
    """How many copies may still be issued: `None` is without limit."""

    state: str = "live"
    send_from: datetime | None = None
    send_until: datetime | None = None
    left: int | None = None
    left_of_campaign: int | None = None
    left_of_staff: int | None = None
    left_of_pack: int | None = None
    per_member: int | None = None


def closed(limits: Limits, *, is_test: bool, now: datetime) -> str:
    """Return why the coupon is issued to nobody at the moment, "" if it is."""
    if is_test:
        return "" if limits.state == "draft" else "not_draft"
    if limits.state != "live":
        return limits.state
    if limits.send_from is not None and now < limits.send_from:
        return "not_sending_yet"
    if limits.send_until is not None and now >= limits.send_until:
        return "sending_over"
    return ""


def allot(
    member_ids: Sequence[int],
    limits: Limits,
    held: Mapping[int, int],
    *,
    is_test: bool = False,
    now: datetime,
) -> dict[int, str]:
    """Return for each member "" if a copy is theirs, or the reason why not.

    In the order given: first come, first served. `held` counts what each member
    received before, in whatever way and whenever.
    """
    shut = closed(limits, is_test=is_test, now=now)
    if shut:
        return dict.fromkeys(member_ids, shut)
    caps = {
        "none_left": limits.left,
        "campaign_capped": limits.left_of_campaign,
        "staff_capped": limits.left_of_staff,
        "pack_empty": limits.left_of_pack,
    }
    open_caps = [(why, most) for why, most in caps.items() if most is not None]
    tightest = min(open_caps, key=lambda cap: cap[1]) if open_caps else ("", None)
    answers: dict[int, str] = {}
    given = 0
    for member_id in member_ids:
        had = held.get(member_id, 0)
        if limits.per_member is not None and had >= limits.per_member:
            answers[member_id] = "member_capped"
        elif tightest[1] is not None and given >= tightest[1]:
            answers[member_id] = tightest[0]
        else:
            answers[member_id] = ""
            given += 1
    return answers


def key_of(code: str) -> str:
    """Return what a code is found by: without spaces and hyphens, in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def grouped(code: str) -> str:
    """Return one of our codes in groups of four; others as they are."""
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return code
    return "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))


MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"live"}),
    "live": frozenset({"paused", "ended"}),
    "paused": frozenset({"live", "ended"}),
    "ended": frozenset(),
}


def may_move(state: str, to: str) -> bool:
    """Tell whether a coupon may go from the state to the other."""
    return to in MOVES[state]
