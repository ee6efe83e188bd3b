"""What a decision about an order line is made from, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from apps.core.money import WHOLE, split


class Status(StrEnum):
    """What became of a candidate."""

    WON = "won"
    SHARED = "shared"  # holds a part of the line beside the winner
    RULED = "ruled"  # a person gave the line to them
    INACTIVE = "inactive"  # would have won; the store's house takes the line
    OVERRULED = "overruled"  # held the line until a person ruled otherwise
    OUTRANKED = "outranked"  # a class above took the line
    LATER_WON = "later_won"  # same class, somebody's later act took it
    PRODUCT_WON = "product_won"  # same class, a link to this very product took it
    EXPIRED = "expired"
    ENDED = "ended"  # the binding had ended
    AFTER_ORDER = "after_order"
    OTHER_GOODS = "other_goods"  # put something else into the cart
    EXCLUDED_SELF = "excluded_self"  # the buyer, by the telephone number
    SAME_EMAIL = "same_email"  # the buyer, by the e-mail address
    SAME_ADDRESS = "same_address"  # lives where the order goes
    LEFT = "left"  # no longer served, and the policy passes leavers over
    UNUSED = "unused"  # the house, while somebody earned the line
    NO_RECORD = "no_record"  # a rung of the ladder on which nobody stands


SELF = frozenset({Status.EXCLUDED_SELF, Status.SAME_EMAIL, Status.SAME_ADDRESS})
# Who holds the line, or a part of it.
TOOK = frozenset({Status.WON, Status.INACTIVE, Status.RULED})
HOLDS = TOOK | {Status.SHARED}


@dataclass(frozen=True)
class StaffFacts:
    """A person; `active_until` is the first moment after the last day of work."""

    id: int
    phone: str = ""
    active_until: datetime | None = None
    store_id: int | None = None  # where they serve, if an act names no store
    email: str = ""
    address: str = ""


@dataclass(frozen=True)
class OrderFacts:
    """What all lines of an order have in common."""

    placed_at: datetime
    is_online: bool = True
    seller: StaffFacts | None = None
    order_id: int = 0
    store_id: int | None = None
    buyer_phones: frozenset[str] = frozenset()
    buyer_emails: frozenset[str] = frozenset()
    ship_to: str = ""


class LineFacts(NamedTuple):
    """An order line; `sellers` says who sold how many of its units at the till.

    Like touches and candidates it is a tuple: there may be millions of them.
    """

    line_id: int
    product_id: int | None = None
    sku: str = ""
    quantity: int = 1
    sellers: tuple[tuple[StaffFacts, int], ...] = ()


class TouchFacts(NamedTuple):
    """An act of a salesperson towards the buyer; `kind` as a touch's.

    A redeemed coupon is given with the time it was issued, and only to its own order.
    """

    id: int
    kind: str
    staff: StaffFacts
    at: datetime
    store_id: int | None = None
    product_id: int | None = None
    evidence_type: str = "touch"
    evidence_id: str = ""
    sku: str = ""


@dataclass(frozen=True)
class BindingFacts:
    """The buyer's bond to a salesperson, from `starts_at` to before `ends_at`."""

    id: int
    staff: StaffFacts
    store_id: int | None
    starts_at: datetime
    ends_at: datetime | None = None


class Candidate(NamedTuple):
    """Somebody who might have earned the line, in one class, with what became of it.

    `times` counts the acts of this person in this class (at the till: the units they
    sold); the evidence is the best one.
    """

    basis: str
    rank: int
    status: Status
    staff_id: int | None
    store_id: int | None
    at: datetime | None
    evidence_type: str = ""
    evidence_id: str = ""
    matches_product: bool = False
    times: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the candidate as it is stored."""
        return {
            "basis": self.basis,
            "rank": self.rank,
            "status": self.status.value,
            "staff": self.staff_id,
            "store": self.store_id,
            "at": self.at.isoformat() if self.at else None,
            "evidence": [self.evidence_type, self.evidence_id],
            "matches_product": self.matches_product,
            "times": self.times,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Candidate:
        """Read a stored candidate."""
        evidence_type, evidence_id = stored["evidence"]
        return cls(
            basis=stored["basis"],
            rank=stored["rank"],
            status=Status(stored["status"]),
            staff_id=stored["staff"],
            store_id=stored["store"],
            at=datetime.fromisoformat(stored["at"]) if stored["at"] else None,
            evidence_type=evidence_type,
            evidence_id=evidence_id,
            matches_product=stored["matches_product"],
            times=stored["times"],
        )


def as_text(candidates: Iterable[Candidate]) -> str:
    """Return `as_json` of the candidates as JSON text.

    Written out by hand: at a million lines the encoder would cost more than to decide.
    """
    return f"[{', '.join([_text(candidate) for candidate in candidates])}]"


def _text(candidate: Candidate) -> str:
    basis, rank, status, staff, store, at, kind, proof, matches, times = candidate
    when = f'"{at.isoformat()}"' if at else "null"
    return (
        f'{{"basis": "{basis}", "rank": {rank}, "status": "{status.value}", '
        f'"staff": {"null" if staff is None else staff}, '
        f'"store": {"null" if store is None else store}, "at": {when}, '
        f'"evidence": [{quoted(kind)}, {quoted(proof)}], '
        f'"matches_product": {"true" if matches else "false"}, "times": {times}}}'
    )


class Share(NamedTuple):
    """Somebody's part of a line: basis points, and the weight they come from."""

    staff_id: int | None
    store_id: int | None
    share: int = WHOLE
    weight: int = 1


def shares_of(
    weights: Sequence[tuple[int | None, int | None, int]],
) -> tuple[Share, ...]:
    """Return the shares by weight: basis points that sum to the whole.

    Of one person's weights the sum counts, at the first store. What rounds to no basis
    point at all is nobody's and adds to the others.
    """
    merged: dict[int | None, tuple[int | None, int]] = {}
    for staff, store, weight in weights:
        at, so_far = merged.get(staff, (store, 0))
        merged[staff] = (at, so_far + weight)
    rows = [(staff, at, weight) for staff, (at, weight) in merged.items() if weight]
    points = split(WHOLE, [weight for _staff, _at, weight in rows])
    if min(points) == 0:
        kept = [row for row, part in zip(rows, points, strict=True) if part]
        return shares_of(kept)
    return tuple(
        Share(staff, at, part, weight)
        for (staff, at, weight), part in zip(rows, points, strict=True)
    )


@dataclass(frozen=True)
class Decision:
    """Who earns the line; without staff it is the house's, of a store or of HQ.

    `parts` is empty where one takes the whole line.
    """

    basis: str
    staff_id: int | None
    store_id: int | None
    candidates: tuple[Candidate, ...]
    parts: tuple[Share, ...] = ()

    @property
    def shares(self) -> tuple[Share, ...]:
        """Return every part of the line, the winner's first."""
        return self.parts or (Share(self.staff_id, self.store_id),)

    def amounts(self, net: int) -> list[int]:
        """Return what each share comes to of the line's net (NT$): they sum to it.

        They are split by the units or parts themselves, not by rounded basis points.
        """
        if not self.parts:
            return [net]
        return split(net, [part.weight for part in self.parts])

    @cached_property
    def people(self) -> list[int]:
        """Return the staff among the candidates, each once."""
        return sorted({c.staff_id for c in self.candidates if c.staff_id is not None})

    @cached_property
    def text(self) -> str:
        """Return the candidates as JSON text, the same for lines that share it."""
        return as_text(self.candidates)

    @cached_property
    def is_self_purchase(self) -> bool:
        """Tell whether a candidate was left out as the buyer."""
        return any(c.status in SELF for c in self.candidates)
