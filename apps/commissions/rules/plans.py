"""A plan of commission: its terms read from JSON, whose it is, what a line earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from apps.core.money import WHOLE, share_of, split

MOST_EACH = 100_000  # NT$ a piece: more is a slip of the finger


@dataclass(frozen=True)
class Rate:
    """What a line pays: basis points of what is credited, or NT$ for each piece."""

    points: int = 0
    each: int = 0

    def earned(self, amount: int, pieces: int) -> int:
        """Return the commission on so much (NT$) and so many, in whole dollars."""
        return self.each * pieces if self.each else share_of(amount, self.points)


@dataclass(frozen=True)
class Tier:
    """From so many sales a month (NT$) on, the part above pays so much more (bp)."""

    above: int
    extra: int


@dataclass(frozen=True)
class Special:
    """Another rate for a category, for a store, or for a category in a store."""

    rate: Rate
    category_id: int | None = None
    store_id: int | None = None


@dataclass(frozen=True)
class Terms:
    """What a plan pays; amounts in NT$.

    The rates are of the first dollar on; below the threshold a month pays nothing of
    them. Tiers are graduated: each adds to the part of the month's sales above it.
    """

    online: Rate = Rate()
    store: Rate = Rate()
    threshold: int = 0
    tiers: tuple[Tier, ...] = ()
    specials: tuple[Special, ...] = ()
    recruit: int = 0
    received: int = 0
    handed: int = 0

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """Read stored terms; ValueError says what is wrong with them."""
        amounts = {
            name: _whole(stored.get(name, 0), name)
            for name in ("threshold", "recruit", "received", "handed")
        }
        terms = cls(
            online=_rate(stored.get("online", {})),
            store=_rate(stored.get("store", {})),
            tiers=tuple(
                Tier(_whole(each["above"], "above"), _points(each["extra"]))
                for each in stored.get("tiers", ())
            ),
            specials=tuple(_special(each) for each in stored.get("specials", ())),
            **amounts,
        )
        _check(terms)
        return terms

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "online": _rate_json(self.online),
            "store": _rate_json(self.store),
            "threshold": self.threshold,
            "tiers": [{"above": t.above, "extra": t.extra} for t in self.tiers],
            "specials": [
                {
                    "category": each.category_id,
                    "store": each.store_id,
                    **_rate_json(each.rate),
                }
                for each in self.specials
            ],
            "recruit": self.recruit,
            "received": self.received,
            "handed": self.handed,
        }

    @property
    def looks_at_months(self) -> bool:
        """Tell whether a whole month's sales matter to what it pays."""
        return bool(self.threshold or self.tiers)

    def rate(
        self, *, is_online: bool, category_id: int | None, store_id: int | None
    ) -> Rate:
        """Return the rate of a line: the narrowest exception, else by the channel."""
        for wanted in ((category_id, store_id), (category_id, None), (None, store_id)):
            for each in self.specials:
                if (each.category_id, each.store_id) == wanted != (None, None):
                    return each.rate
        return self.online if is_online else self.store


@dataclass(frozen=True)
class Scope:
    """Whom a plan is for: one person, a store's, a role's, or without any, everybody.

    At most one of the three is set; the narrowest scope comes first.
    """

    staff_id: int | None = None
    store_id: int | None = None
    role: str = ""

    @property
    def rank(self) -> int:
        """Return how narrow it is: 0 one person … 3 everybody."""
        if self.staff_id:
            return 0
        if self.store_id:
            return 1
        return 2 if self.role else 3

    def covers(self, person: Scope) -> bool:
        """Tell whether the person, with their main store and role, is meant."""
        return (
            self.staff_id in {None, person.staff_id}
            and self.store_id in {None, person.store_id}
            and self.role in {"", person.role}
        )


@dataclass(frozen=True)
class Plan:
    """A published version: in force from a day to the day before its end (Taipei)."""

    id: int
    scope: Scope
    starts_on: date
    ends_on: date | None
    terms: Terms

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on the day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


def plan_of(plans: Sequence[Plan], person: Scope, day: date) -> Plan | None:
    """Return the one plan of the person on the day: the narrowest that covers them.

    Of one scope the database lets only one be in force on a day.
    """
    held = [p for p in plans if p.holds_on(day) and p.scope.covers(person)]
    return min(held, key=lambda plan: plan.scope.rank, default=None)


@dataclass(frozen=True)
class Part:
    """Somebody's share of a line: the amount credited (NT$), bp, and their rate."""

    amount: int
    share: int
    rate: Rate


def earned_together(parts: Sequence[Part], pieces: int) -> list[int]:
    """Return what each share of one line earns.

    Under one rate the shares earn together exactly what the line does; under rates
    that differ each earns its own, rounded to a dollar.
    """
    amount = sum(part.amount for part in parts)
    is_whole = sum(part.share for part in parts) == WHOLE
    if len({part.rate for part in parts}) == 1 and is_whole and amount > 0:
        whole = parts[0].rate.earned(amount, pieces)
        return split(whole, [part.amount for part in parts])
    return [
        share_of(part.rate.each * pieces, part.share)
        if part.rate.each
        else part.rate.earned(part.amount, pieces)
        for part in parts
    ]


@dataclass(frozen=True)
class Step:
    """The part of a month's sales within one tier, and what it adds; NT$, bp."""

    above: int
    part: int
    extra: int
    amount: int


def steps(terms: Terms, sales: int) -> list[Step]:
    """Return how the tiers add up for the sales of a month, the lowest first.

    A tier reaches from its own start to the next one's; each part is rounded to a
    dollar by itself, so that the lines of a statement add up.
    """
    if sales < terms.threshold:
        return []
    ends = [tier.above for tier in terms.tiers[1:]]
    found = []
    for tier, end in zip_longest(terms.tiers, ends):
        part = (sales if end is None else min(sales, end)) - tier.above
        if part > 0:
            amount = share_of(part, tier.extra)
            found.append(Step(tier.above, part, tier.extra, amount))
    return found


def top_up(terms: Terms, sales: int) -> int:
    """Return what the tiers add to a month of such sales."""
    return sum(step.amount for step in steps(terms, sales))


def withheld(terms: Terms, sales: int, earned: int) -> int:
    """Return what a month of such sales is not paid for want of the threshold.

    Negative, or nothing: all that the month's lines have earned.
    """
    return -earned if sales < terms.threshold else 0


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be a whole number of dollars")
    return value


def _points(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= WHOLE:
        raise ValueError("a rate must be 0 to 10,000 basis points")
    return value


def _rate(stored: Mapping[str, Any]) -> Rate:
    points = _points(stored.get("points", 0))
    each = _whole(stored.get("each", 0), "each")
    if points and each:
        raise ValueError("a rate is a part of the amount or a sum a piece, not both")
    if each > MOST_EACH:
        raise ValueError(f"a piece pays at most {MOST_EACH}")
    return Rate(points, each)


def _rate_json(rate: Rate) -> dict[str, int]:
    return {"points": rate.points, "each": rate.each}


def _special(stored: Mapping[str, Any]) -> Special:
    special = Special(_rate(stored), stored.get("category"), stored.get("store"))
    if special.category_id is None and special.store_id is None:
        raise ValueError("an exception names a category or a store")
    return special


def _check(terms: Terms) -> None:
    starts = [tier.above for tier in terms.tiers]
    if starts != sorted(set(starts)):
        raise ValueError("tiers must rise")
    if starts and starts[0] < terms.threshold:
        raise ValueError("the first tier must not lie below the threshold")
    named = [(each.category_id, each.store_id) for each in terms.specials]
    if len(set(named)) != len(named):
        raise ValueError("an exception is named twice")
