"""Who earns an order line: facts in, decision with every candidate's reason out.

The rule is features.md section 3: of the policy's classes, in its order, the first in
which somebody is eligible takes the line; inside a class the latest act wins, of the
same second the one with the lower id. A link counts first for the product it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

POS_SELLER, LINK, CHAT = "pos_seller", "link", "chat"
BINDING, HOUSE = "binding", "house"
CLASSES = (POS_SELLER, LINK, CHAT, BINDING, HOUSE)
WINDOWED = frozenset({LINK, CHAT})

CLICKED, SENT = "clicked", "sent"
LINK_SENT, LINK_CLICK, CHAT_REPLY = "link_sent", "link_click", "chat_reply"


class Status(StrEnum):
    """What became of a candidate."""

    WON = "won"
    INACTIVE = "inactive"  # would have won; the store's house takes the line
    OUTRANKED = "outranked"  # a class above took the line
    LATER_WON = "later_won"  # same class, somebody's later act took it
    PRODUCT_WON = "product_won"  # same class, a link to this very product took it
    EXPIRED = "expired"
    ENDED = "ended"  # the binding had ended
    AFTER_ORDER = "after_order"
    EXCLUDED_SELF = "excluded_self"
    UNUSED = "unused"  # the house, while somebody earned the line
    NO_RECORD = "no_record"  # a rung of the ladder on which nobody stands


@dataclass(frozen=True)
class StaffFacts:
    """A person; `active_until` is the first moment after the last day of work."""

    id: int
    phone: str = ""
    active_until: datetime | None = None
    store_id: int | None = None  # where they serve, if an act names no store


@dataclass(frozen=True)
class LineFacts:
    """An order line and its order."""

    line_id: int
    placed_at: datetime
    product_id: int | None = None
    is_online: bool = True
    seller: StaffFacts | None = None
    order_id: int = 0
    store_id: int | None = None
    buyer_phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TouchFacts:
    """An act of a salesperson towards the buyer."""

    id: int
    kind: str  # link_sent, link_click or chat_reply
    staff: StaffFacts
    at: datetime
    store_id: int | None = None
    product_id: int | None = None
    evidence_type: str = "touch"
    evidence_id: str = ""


@dataclass(frozen=True)
class BindingFacts:
    """The buyer's bond to a salesperson, from `starts_at` to before `ends_at`."""

    id: int
    staff: StaffFacts
    store_id: int | None
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Rung:
    """A class of the ladder; `days` is its window, counted from `start`."""

    basis: str
    days: int | None = None
    start: str = CLICKED
    product_first: bool = True

    @property
    def window(self) -> timedelta:
        """Return how long an act counts; without days it has no end."""
        return timedelta.max if self.days is None else timedelta(days=self.days)


@dataclass(frozen=True)
class Policy:
    """The ladder of classes, from the strongest to the house."""

    rungs: tuple[Rung, ...]
    exclude_self: bool = True
    cooling_off_days: int = 10

    @classmethod
    def from_json(cls, rules: Mapping[str, Any]) -> Policy:
        """Read a stored policy; ValueError says what is wrong with it."""
        rungs = tuple(_rung(each) for each in rules.get("classes", ()))
        bases = [rung.basis for rung in rungs]
        if len(set(bases)) != len(bases):
            raise ValueError("a class stands on the ladder twice")
        if not bases or bases[-1] != HOUSE:
            raise ValueError("the last class must be the house")
        cooling = rules.get("cooling_off_days", 10)
        if not isinstance(cooling, int) or cooling < 0:
            raise ValueError("cooling_off_days must be a whole number of days")
        return cls(rungs, bool(rules.get("exclude_self", True)), cooling)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "classes": [_rung_json(rung) for rung in self.rungs],
            "exclude_self": self.exclude_self,
            "cooling_off_days": self.cooling_off_days,
        }

    def rank(self, basis: str) -> int | None:
        """Return the class's place on the ladder from 1, None if it has none."""
        places = {rung.basis: place for place, rung in enumerate(self.rungs, start=1)}
        return places.get(basis)

    def basis_of(self, kind: str) -> str | None:
        """Return the class in which a kind of touch counts under this policy."""
        link = next((rung for rung in self.rungs if rung.basis == LINK), None)
        if link and kind == (LINK_CLICK if link.start == CLICKED else LINK_SENT):
            return LINK
        if kind == CHAT_REPLY and self.rank(CHAT):
            return CHAT
        return None

    def window_of(self, basis: str) -> timedelta:
        """Return how long an act of the class counts; nothing for no such class."""
        windows = (rung.window for rung in self.rungs if rung.basis == basis)
        return next(windows, timedelta(0))

    @property
    def longest_window(self) -> timedelta:
        """Return how far back a touch can matter."""
        windows = [rung.window for rung in self.rungs if rung.basis in WINDOWED]
        return max(windows, default=timedelta(0))


def _rung(stored: Mapping[str, Any]) -> Rung:
    basis = stored.get("basis")
    if basis not in CLASSES:
        raise ValueError(f"no such class: {basis}")
    days = stored.get("days")
    if basis in WINDOWED and not (isinstance(days, int) and 1 <= days <= 365):
        raise ValueError(f"the window of {basis} must be 1 to 365 days")
    start = stored.get("start", CLICKED)
    if start not in {CLICKED, SENT}:
        raise ValueError(f"a window starts when clicked or sent, not {start}")
    return Rung(
        basis,
        days if basis in WINDOWED else None,
        start,
        bool(stored.get("product_first", True)),
    )


def _rung_json(rung: Rung) -> dict[str, Any]:
    stored: dict[str, Any] = {"basis": rung.basis}
    if rung.basis in WINDOWED:
        stored["days"] = rung.days
    if rung.basis == LINK:
        stored |= {"start": rung.start, "product_first": rung.product_first}
    return stored


DEFAULT = Policy(
    (
        Rung(POS_SELLER),
        Rung(LINK, days=30),
        Rung(CHAT, days=7),
        Rung(BINDING),
        Rung(HOUSE),
    )
)


@dataclass(frozen=True)
class Candidate:
    """Somebody who might have earned the line, in one class, with what became of it.

    `times` counts the acts of this person in this class; the evidence is the best one.
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


@dataclass(frozen=True)
class Decision:
    """Who earns the line; without staff it is the house's, of a store or of HQ."""

    basis: str
    staff_id: int | None
    store_id: int | None
    candidates: tuple[Candidate, ...]

    @property
    def people(self) -> list[int]:
        """Return the staff among the candidates, each once."""
        return sorted({c.staff_id for c in self.candidates if c.staff_id is not None})

    @property
    def is_self_purchase(self) -> bool:
        """Tell whether a candidate was left out as the buyer."""
        return any(c.status is Status.EXCLUDED_SELF for c in self.candidates)


@dataclass(frozen=True)
class _Claim:
    """An act read under the policy: it counts, or why it does not."""

    rung: Rung
    staff: StaffFacts
    store_id: int | None
    at: datetime
    evidence_type: str
    evidence_id: str
    number: int  # breaks ties: the lower wins
    matches_product: bool
    refusal: Status | None

    @property
    def strength(self) -> tuple[bool, bool, float, int]:
        """Return what sorts the strongest first: whole seconds, then the lower id."""
        first = self.matches_product and self.rung.product_first
        second = int(self.at.timestamp())
        return (self.refusal is not None, not first, -second, self.number)


def decide(
    line: LineFacts,
    touches: Sequence[TouchFacts],
    bindings: Sequence[BindingFacts],
    policy: Policy,
) -> Decision:
    """Decide who earns the line, and say of every candidate what became of it.

    The order in which touches and bindings are given does not matter.
    """
    claims = [*_seller(line, policy), *_touched(line, touches, policy)]
    claims += _bound(line, bindings, policy)
    winner: _Claim | None = None
    candidates: list[Candidate] = []
    for rank, rung in enumerate(policy.rungs, start=1):
        own = [claim for claim in claims if claim.rung.basis == rung.basis]
        best = _best_by_person(own)
        if winner is None and best and best[0][0].refusal is None:
            winner = best[0][0]
        candidates += [
            _candidate(claim, rank, times, winner, line) for claim, times in best
        ]
        if rung.basis == HOUSE:
            candidates.append(_house(rank, line, taken=winner is not None))
    if winner is None:
        return Decision(HOUSE, None, line.store_id, tuple(candidates))
    staff_id = winner.staff.id if _is_active(winner.staff, line.placed_at) else None
    return Decision(winner.rung.basis, staff_id, winner.store_id, tuple(candidates))


def _seller(line: LineFacts, policy: Policy) -> Iterable[_Claim]:
    rung = next((rung for rung in policy.rungs if rung.basis == POS_SELLER), None)
    if rung is None or line.is_online or line.seller is None:
        return
    refusal = _self_purchase(line.seller, line, policy)
    store = line.store_id or line.seller.store_id
    order = str(line.order_id)
    yield _Claim(
        rung, line.seller, store, line.placed_at, "order", order, 0, False, refusal
    )


def _touched(
    line: LineFacts, touches: Iterable[TouchFacts], policy: Policy
) -> Iterable[_Claim]:
    rungs = {rung.basis: rung for rung in policy.rungs}
    for touch in touches:
        basis = policy.basis_of(touch.kind)
        if basis is None:
            continue
        rung = rungs[basis]
        matches = basis == LINK and touch.product_id is not None
        yield _Claim(
            rung,
            touch.staff,
            touch.store_id or touch.staff.store_id,
            touch.at,
            touch.evidence_type,
            touch.evidence_id or str(touch.id),
            touch.id,
            matches and touch.product_id == line.product_id,
            _refusal(touch, rung, line, policy),
        )


def _refusal(
    touch: TouchFacts, rung: Rung, line: LineFacts, policy: Policy
) -> Status | None:
    """Say why a touch does not count; its window holds its start and not its end."""
    if touch.at >= line.placed_at:
        return Status.AFTER_ORDER
    if line.placed_at - touch.at >= rung.window:
        return Status.EXPIRED
    return _self_purchase(touch.staff, line, policy)


def _bound(
    line: LineFacts, bindings: Iterable[BindingFacts], policy: Policy
) -> Iterable[_Claim]:
    rung = next((rung for rung in policy.rungs if rung.basis == BINDING), None)
    if rung is None:
        return
    for binding in bindings:
        refusal = _self_purchase(binding.staff, line, policy)
        if binding.starts_at > line.placed_at:
            refusal = Status.AFTER_ORDER
        elif binding.ends_at is not None and binding.ends_at <= line.placed_at:
            refusal = Status.ENDED
        yield _Claim(
            rung,
            binding.staff,
            binding.store_id or binding.staff.store_id,
            binding.starts_at,
            "binding",
            str(binding.id),
            binding.id,
            False,
            refusal,
        )


def _self_purchase(staff: StaffFacts, line: LineFacts, policy: Policy) -> Status | None:
    if not policy.exclude_self or not staff.phone:
        return None
    own = significant(staff.phone)
    is_buyer = any(own == significant(phone) for phone in line.buyer_phones)
    return Status.EXCLUDED_SELF if own and is_buyer else None


def significant(phone: str) -> str:
    """Return the digits of a telephone number without Taiwan's 886 or leading zero."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return digits.removeprefix("886").lstrip("0")


def _best_by_person(claims: Sequence[_Claim]) -> list[tuple[_Claim, int]]:
    """Return each person's strongest claim with the number of them, strongest first."""
    by_person = sorted(claims, key=lambda c: (c.staff.id, c.strength, c.evidence_id))
    best = []
    for _staff, group in groupby(by_person, key=lambda claim: claim.staff.id):
        own = list(group)
        best.append((own[0], len(own)))
    return sorted(best, key=lambda each: (each[0].strength, each[0].staff.id))


def _candidate(
    claim: _Claim, rank: int, times: int, winner: _Claim | None, line: LineFacts
) -> Candidate:
    return Candidate(
        claim.rung.basis,
        rank,
        claim.refusal or _fate(claim, winner, line),
        claim.staff.id,
        claim.store_id,
        claim.at,
        claim.evidence_type,
        claim.evidence_id,
        claim.matches_product,
        times,
    )


def _fate(claim: _Claim, winner: _Claim | None, line: LineFacts) -> Status:
    if claim is winner:
        active = _is_active(claim.staff, line.placed_at)
        return Status.WON if active else Status.INACTIVE
    if winner is None or winner.rung is not claim.rung:
        return Status.OUTRANKED
    first = winner.rung.product_first and winner.matches_product
    if first and not claim.matches_product:
        return Status.PRODUCT_WON
    return Status.LATER_WON


def _house(rank: int, line: LineFacts, *, taken: bool) -> Candidate:
    status = Status.UNUSED if taken else Status.WON
    return Candidate(HOUSE, rank, status, None, line.store_id, None)


def _is_active(staff: StaffFacts, at: datetime) -> bool:
    return staff.active_until is None or at < staff.active_until
