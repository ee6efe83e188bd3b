"""Replace a line's decision by what a person ruled; nothing decides it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.attribution.models import Basis, Credit, Decision
from apps.attribution.rules import HOLDS, Candidate, Policy, Status
from apps.core import clock
from apps.core.money import WHOLE, split
from apps.orders.models import Order, OrderLine
from apps.staff.models import Posting


@transaction.atomic
def overrule(line: OrderLine, shares: Mapping[int, int], *, now: datetime) -> Decision:
    """Give the line to people by shares (basis points that sum to the whole).

    Without any it becomes the house's. The candidates stay as they were weighed; those
    who now hold the line are marked as ruled, and who held it and does not any more as
    overruled; somebody who was never weighed joins them, without evidence. The ledger
    is to follow: the credits wait for it. A line without a decision is a LookupError.
    """
    order = Order.objects.select_for_update().get(pk=line.order_id)
    old = Decision.objects.filter(line=line, superseded_at=None).first()
    if old is None:
        raise LookupError(f"line {line.pk} was not decided yet")
    held = list(Credit.objects.filter(decision=old).select_for_update().order_by("pk"))
    holders: list[int | None] = list(shares) or [None]
    known = [*old.candidates, *_unweighed(old, holders, order)]
    candidates = _marked(known, holders)
    Decision.objects.filter(pk=old.pk).update(superseded_at=now)
    Credit.objects.filter(decision=old).update(superseded_at=now)
    Credit.objects.filter(decision=old, staff__isnull=False).update(accrual_due_at=now)
    largest = max(shares, key=lambda person: shares[person]) if shares else None
    new = Decision.objects.create(
        line=line,
        policy_id=old.policy_id,
        basis=_best_of(candidates, largest)["basis"],
        candidates=candidates,
        people=sorted({*old.people, *shares}),
        is_self_purchase=old.is_self_purchase,
        decided_at=now,
        settled_at=now,
    )
    _hand_out(new, shares, like=held, now=now)
    return new


def _unweighed(
    old: Decision, holders: Sequence[int | None], order: Order
) -> list[dict[str, Any]]:
    """Return candidates for those of the holders who never were one.

    They stand in the class that won; where that is the house's, as the seller of a
    sale in a store, and as the bound salesperson online.
    """
    known = {each["staff"] for each in old.candidates}
    basis = old.basis
    if basis == Basis.HOUSE:
        in_store = order.channel == Order.Channel.STORE
        basis = Basis.POS_SELLER if in_store else Basis.BINDING
    ladder = Policy.from_json(old.policy.rules)
    return [
        Candidate(
            basis=basis if person else Basis.HOUSE,
            rank=ladder.rank(basis if person else Basis.HOUSE) or len(ladder.rungs),
            status=Status.UNUSED,
            staff_id=person,
            store_id=None,
            at=None,
            times=0,
        ).as_json()
        for person in holders
        if person not in known
    ]


def _marked(
    stored: Sequence[Mapping[str, Any]], holders: Sequence[int | None]
) -> list[dict[str, Any]]:
    """Mark the strongest candidate of each new holder, and who lost the line."""
    candidates = [dict(each) for each in stored]
    best = {id(_best_of(candidates, person)) for person in holders}
    for each in candidates:
        if id(each) in best:
            each["status"] = Status.RULED.value
        elif each["status"] in HOLDS:
            each["status"] = Status.OVERRULED.value
    return candidates


def _best_of(
    candidates: Sequence[dict[str, Any]], person: int | None
) -> dict[str, Any]:
    """Return the person's strongest candidate; they come strongest first."""
    return next(each for each in candidates if each["staff"] == person)


def _hand_out(
    decision: Decision,
    shares: Mapping[int, int],
    *,
    like: Sequence[Credit],
    now: datetime,
) -> None:
    """Write the credits; their amounts sum to what was credited before."""
    people: list[int | None] = list(shares) or [None]
    weights = list(shares.values()) or [WHOLE]
    amounts = split(sum(credit.amount for credit in like), weights)
    store_of: dict[int | None, int | None] = {
        None: like[0].store_id,
        **dict(
            Posting.objects.on(clock.day_of(now))
            .filter(staff__in=list(shares), is_main=True)
            .values_list("staff", "store")
        ),
        **{
            person: store
            for person in shares
            if (store := _best_of(decision.candidates, person)["store"])
        },
    }
    Credit.objects.bulk_create(
        Credit(
            decision=decision,
            line_id=decision.line_id,
            staff_id=person,
            store_id=store_of.get(person),
            share=share,
            amount=amount,
            placed_at=like[0].placed_at,
            is_online=like[0].is_online,
            accrual_due_at=now if person else None,
        )
        for person, share, amount in zip(people, weights, amounts, strict=True)
    )
