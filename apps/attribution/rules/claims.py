"""Acts read under a policy, and who stands strongest in a class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from apps.attribution.rules.facts import LineFacts, StaffFacts, Status
from apps.attribution.rules.policy import Rung


class Claim(NamedTuple):
    """An act read under the policy: it counts, or why it does not."""

    rung: Rung
    staff: StaffFacts
    store_id: int | None
    at: datetime
    second: int  # of a moment the whole second decides
    evidence_type: str
    evidence_id: str
    number: int  # breaks ties: the lower wins
    refusal: Status | None
    product_id: int | None = None
    sku: str = ""
    units: int = 1  # sold at the till; 1 for any other act


class Standing(NamedTuple):
    """Somebody's strongest claim in a class, and how many they have there.

    The key sorts the strongest first: counts, matches the product, later, lower id.
    """

    key: tuple[bool, bool, int, int, str]
    claim: Claim
    times: int
    matches: bool


def for_line(claim: Claim, line: LineFacts) -> Claim:
    """Return the cart's claim on the line: none where other goods were put in."""
    if claim.sku:
        is_same = claim.sku == line.sku
    else:
        is_same = claim.product_id is not None and claim.product_id == line.product_id
    if is_same or claim.refusal:
        return claim
    return claim._replace(refusal=Status.OTHER_GOODS)


def ranked(
    claims: Sequence[Claim], product_id: int | None, *, first: bool
) -> list[Standing]:
    """Return each person's strongest claim with the number of them, strongest first.

    `product_id` is the line's where somebody showed it; `first` lets it come first.
    """
    best: dict[int, Standing] = {}
    for claim in claims:
        matches = product_id is not None and claim.product_id == product_id
        key = (
            claim.refusal is not None,
            not (first and matches),
            -claim.second,
            claim.number,
            claim.evidence_id,
        )
        person = claim.staff.id
        known = best.get(person)
        if known is None:
            best[person] = Standing(key, claim, claim.units, matches)
        elif key < known.key:
            best[person] = Standing(key, claim, known.times + claim.units, matches)
        else:
            best[person] = known._replace(times=known.times + claim.units)
    if len(best) < 2:
        return list(best.values())
    return sorted(best.values(), key=lambda own: (own.key, own.claim.staff.id))
