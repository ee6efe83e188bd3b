"""The decision: the first class on the ladder in which somebody is eligible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from apps.attribution.rules.claims import Claim, Standing, for_line, ranked
from apps.attribution.rules.facts import (
    BindingFacts,
    Candidate,
    Decision,
    LineFacts,
    OrderFacts,
    Share,
    StaffFacts,
    Status,
    TouchFacts,
    shares_of,
)
from apps.attribution.rules.identity import self_purchase
from apps.attribution.rules.policy import (
    BINDING,
    CART,
    HOUSE,
    LINK,
    POS_SELLER,
    WINNER,
    Part,
    Policy,
    Rung,
)
from apps.core.money import WHOLE

ONE_WINNER = (Part(WINNER, WHOLE),)


def decide(
    order: OrderFacts,
    line: LineFacts,
    touches: Sequence[TouchFacts],
    bindings: Sequence[BindingFacts],
    policy: Policy,
) -> Decision:
    """Decide who earns the line, and say of every candidate what became of it.

    The order in which touches and bindings are given does not matter.
    """
    return Weighing(order, touches, bindings, policy).on(line)


class Weighing:
    """The acts towards a buyer read under a policy, once for all lines of the order."""

    def __init__(
        self,
        order: OrderFacts,
        touches: Sequence[TouchFacts],
        bindings: Sequence[BindingFacts],
        policy: Policy,
    ) -> None:
        self._order, self._policy = order, policy
        self._refusals: dict[int, Status | None] = {}
        self._claims: dict[str, list[Claim]] = defaultdict(list)
        self._weigh(touches)
        for claim in self._bound(bindings):
            self._claims[BINDING].append(claim)
        self._shown = {claim.product_id for claim in self._claims.get(LINK, ())} - {
            None
        }
        self._ranked: dict[tuple[str, int | None], list[Standing]] = {}
        self._decided: dict[tuple[object, ...], Decision] = {}

    def on(self, line: LineFacts) -> Decision:
        """Decide one line of the order; lines that differ in nothing share a ruling."""
        matters = (
            line.product_id if line.product_id in self._shown else None,
            (line.sku, line.product_id) if CART in self._claims else None,
            (line.quantity, line.sellers) if line.sellers else None,
        )
        known = self._decided.get(matters)
        if known is None:
            known = self._decided[matters] = self._decide(line)
        return known

    def _decide(self, line: LineFacts) -> Decision:
        standings = [(rung, self._standing(rung, line)) for rung in self._policy.rungs]
        winner = next(
            (own[0] for _rung, own in standings if own and not own[0].claim.refusal),
            None,
        )
        parts, holders = self._share_out(winner, standings, line)
        candidates: list[Candidate] = []
        for rank, (rung, own) in enumerate(standings, start=1):
            candidates += [self._candidate(each, rank, winner, holders) for each in own]
            if rung.basis == HOUSE:
                candidates.append(self._house(rank, winner, parts))
        if winner is None:
            return Decision(HOUSE, None, self._order.store_id, tuple(candidates))
        staff_id = winner.claim.staff.id if self._serves(winner.claim) else None
        return Decision(
            winner.claim.rung.basis,
            staff_id,
            winner.claim.store_id,
            tuple(candidates),
            parts,
        )

    def _weigh(self, touches: Sequence[TouchFacts]) -> None:
        """Read the touches of the kinds that count under the policy."""
        policy, placed_at = self._policy, self._order.placed_at
        rungs = {rung.basis: rung for rung in policy.rungs}
        kinds = {kind: policy.basis_of(kind) for kind in {t.kind for t in touches}}
        first = {
            basis: placed_at - rung.window for basis, rung in rungs.items() if rung.days
        }
        for touch in touches:
            basis = kinds[touch.kind]
            if basis is None:
                continue
            number, _kind, staff, at, store, product, proof, proof_id, sku = touch
            self._claims[basis].append(
                Claim(
                    rungs[basis],
                    staff,
                    store or staff.store_id,
                    at,
                    int(at.timestamp()),
                    proof,
                    proof_id or str(number),
                    number,
                    self._came_wrong(at, first.get(basis)) or self._refusal(staff),
                    product,
                    sku,
                )
            )

    def _came_wrong(self, at: datetime, first: datetime | None) -> Status | None:
        """Say whether it was too late or too early: a window does not hold its end."""
        if at >= self._order.placed_at:
            return Status.AFTER_ORDER
        return Status.EXPIRED if first is not None and at <= first else None

    def _bound(self, bindings: Sequence[BindingFacts]) -> Iterator[Claim]:
        own = (rung for rung in self._policy.rungs if rung.basis == BINDING)
        rung = next(own, None)
        if rung is None:
            return
        placed_at = self._order.placed_at
        for binding in bindings:
            refusal = self._refusal(binding.staff)
            if binding.starts_at > placed_at:
                refusal = Status.AFTER_ORDER
            elif binding.ends_at is not None and binding.ends_at <= placed_at:
                refusal = Status.ENDED
            yield Claim(
                rung,
                binding.staff,
                binding.store_id or binding.staff.store_id,
                binding.starts_at,
                int(binding.starts_at.timestamp()),
                "binding",
                str(binding.id),
                binding.id,
                refusal,
            )

    def _sold(self, rung: Rung, line: LineFacts) -> list[Claim]:
        """Return who sold the line at the till: by units, or the order's seller."""
        order = self._order
        if order.is_online:
            return []
        sellers = line.sellers
        if not sellers and order.seller is not None:
            sellers = ((order.seller, 1),)
        second = int(order.placed_at.timestamp())
        return [
            Claim(
                rung,
                staff,
                order.store_id or staff.store_id,
                order.placed_at,
                second,
                "order",
                str(order.order_id),
                -units,  # who sold most stands first
                self._refusal(staff),
                units=units,
            )
            for staff, units in sellers
        ]

    def _refusal(self, staff: StaffFacts) -> Status | None:
        """Say why nothing that the person did can count; once for each person."""
        if staff.id not in self._refusals:
            found = self_purchase(staff, self._order, self._policy)
            if found is None and not self._policy.leaver_to_store:
                found = None if self._is_active(staff) else Status.LEFT
            self._refusals[staff.id] = found
        return self._refusals[staff.id]

    def _standing(self, rung: Rung, line: LineFacts) -> list[Standing]:
        """Return who stands in the class, the strongest first."""
        if rung.basis == POS_SELLER:
            return ranked(self._sold(rung, line), None, first=False)
        if rung.basis == CART:
            claims = [for_line(claim, line) for claim in self._claims.get(CART, ())]
            return ranked(claims, None, first=False)
        product = None
        if rung.basis == LINK and line.product_id in self._shown:
            product = line.product_id
        known = self._ranked.get((rung.basis, product))
        if known is None:
            claims = self._claims.get(rung.basis, [])
            known = ranked(claims, product, first=rung.product_first)
            self._ranked[(rung.basis, product)] = known
        return known

    def _share_out(
        self,
        winner: Standing | None,
        standings: Sequence[tuple[Rung, list[Standing]]],
        line: LineFacts,
    ) -> tuple[tuple[Share, ...], list[Claim]]:
        """Return the parts of the line, and whose claims hold one; none if it is whole.

        Units of the till that nobody eligible sold, and what the policy's parts leave,
        are the house's. The part of a class in which nobody stands stays the winner's.
        """
        if winner is None:
            return (), []
        best = {rung.basis: own for rung, own in standings}
        takers = [winner.claim]
        units = 1
        if winner.claim.rung.basis == POS_SELLER:
            own = best[POS_SELLER]
            takers = [each.claim for each in own if not each.claim.refusal]
            sold = sum(each.claim.units for each in own)
            units = max(line.quantity, sold) if line.sellers else 1
        policy = self._policy.parts or ONE_WINNER
        if policy is ONE_WINNER and len(takers) == 1 and takers[0].units == units:
            return (), takers
        for_winner, held = 0, list[Claim]()
        weights: list[tuple[int | None, int | None, int]] = []
        for part in policy:
            first = next(iter(best.get(part.to, ())), None)
            if part.to == WINNER or first is None or first.claim.refusal:
                for_winner += part.share
            else:
                held.append(first.claim)
                weights.append(self._weight(first.claim, part.share * units))
        taken = [self._weight(each, for_winner * each.units) for each in takers]
        rest = WHOLE * units - sum(weight for *_who, weight in taken + weights)
        house = (None, self._order.store_id or winner.claim.store_id, rest)
        shares = shares_of([*taken, *weights, house])
        return shares if len(shares) > 1 else (), [*takers, *held]

    def _weight(self, claim: Claim, weight: int) -> tuple[int | None, int | None, int]:
        person = claim.staff.id if self._serves(claim) else None
        return person, claim.store_id, weight

    def _candidate(
        self,
        own: Standing,
        rank: int,
        winner: Standing | None,
        holders: Sequence[Claim],
    ) -> Candidate:
        claim = own.claim
        return Candidate(
            claim.rung.basis,
            rank,
            claim.refusal or self._fate(own, winner, holders),
            claim.staff.id,
            claim.store_id,
            claim.at,
            claim.evidence_type,
            claim.evidence_id,
            own.matches,
            own.times,
        )

    def _fate(
        self, own: Standing, winner: Standing | None, holders: Sequence[Claim]
    ) -> Status:
        if winner is None or own.claim is winner.claim:
            return Status.WON if self._serves(own.claim) else Status.INACTIVE
        if any(own.claim is each for each in holders):
            return Status.SHARED
        if winner.claim.rung is not own.claim.rung:
            return Status.OUTRANKED
        if winner.claim.rung.product_first and winner.matches and not own.matches:
            return Status.PRODUCT_WON
        return Status.LATER_WON

    def _house(
        self, rank: int, winner: Standing | None, parts: Sequence[Share]
    ) -> Candidate:
        status = Status.WON if winner is None else Status.UNUSED
        if winner and self._serves(winner.claim):
            has_part = any(part.staff_id is None for part in parts)
            status = Status.SHARED if has_part else Status.UNUSED
        return Candidate(HOUSE, rank, status, None, self._order.store_id, None)

    def _serves(self, claim: Claim) -> bool:
        return self._is_active(claim.staff)

    def _is_active(self, staff: StaffFacts) -> bool:
        until = staff.active_until
        return until is None or self._order.placed_at < until
