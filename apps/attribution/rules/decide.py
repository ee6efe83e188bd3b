"""The decision: the first class on the ladder in which somebody is eligible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain, groupby

from apps.attribution.rules.facts import (
    BindingFacts,
    Candidate,
    Decision,
    LineFacts,
    StaffFacts,
    Status,
    TouchFacts,
)
from apps.attribution.rules.policy import (
    BINDING,
    HOUSE,
    LINK,
    POS_SELLER,
    Policy,
    Rung,
)


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
    refusal: Status | None
    matches_product: bool = False

    @cached_property
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
    claims: dict[str, list[_Claim]] = defaultdict(list)
    for claim in chain(
        _seller(line, policy),
        _touched(line, touches, policy),
        _bound(line, bindings, policy),
    ):
        claims[claim.rung.basis].append(claim)
    winner: _Claim | None = None
    candidates: list[Candidate] = []
    for rank, rung in enumerate(policy.rungs, start=1):
        best = _best_by_person(claims[rung.basis])
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
    yield _Claim(rung, line.seller, store, line.placed_at, "order", order, 0, refusal)


def _touched(
    line: LineFacts, touches: Sequence[TouchFacts], policy: Policy
) -> Iterable[_Claim]:
    rungs = {rung.basis: rung for rung in policy.rungs}
    bases = {kind: policy.basis_of(kind) for kind in {each.kind for each in touches}}
    for touch in touches:
        basis = bases[touch.kind]
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
            _refusal(touch, rung, line, policy),
            matches and touch.product_id == line.product_id,
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
    if len(claims) < 2:
        return [(claim, 1) for claim in claims]
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
