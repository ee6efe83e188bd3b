"""Record refunds, a batch at a time; one that came before its order waits for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.core.jobs import nudge
from apps.orders.models import Order, ParkedRefund, Refund, RefundLine
from apps.orders.rules import refunds as rules
from apps.orders.rules.checks import Problem
from apps.orders.rules.refunds import Bought, RefundIn, Ruling
from apps.orders.services import cancellations, locks, states, upkeep
from apps.orders.services.answers import Recorded
from apps.orders.services.lookup import Key
from apps.orders.services.states import State
from apps.staff.models import Staff
from apps.stores.models import Store

REVERSE = "apps.commissions.tasks.accrue_pending"


@dataclass(frozen=True)
class _Ruled:
    refund: RefundIn
    ruling: Ruling


@transaction.atomic
def record_refunds(batch: Sequence[RefundIn], *, now: datetime) -> list[Recorded]:
    """Record the refunds; answer for each, in the same order, what became of it.

    Known by order and external id. The same refund again changes nothing; more than
    what is left of a line is rejected, with the field and why. Before its order, or
    its order's payment, came, a refund is parked and recorded when that comes.
    """
    checked = [rules.check(refund, now=now) for refund in batch]
    sound = [each for each in checked if isinstance(each, RefundIn)]
    locks.hold(refund.key for refund in sound)
    recorded = states.load({refund.key for refund in sound})
    ruled = iter(_rule(sound, recorded))
    answers: list[Recorded] = []
    done: list[_Ruled] = []
    for refund, each in zip(batch, checked, strict=True):
        if isinstance(each, Problem):
            answers.append(Recorded.of(refund.external_id, "rejected", each))
            continue
        done.append(one := next(ruled))
        ruling = one.ruling
        answers.append(Recorded.of(each.external_id, ruling.status, ruling.problem))
    _park([one.refund for one in done if one.ruling.status == "parked"], now=now)
    touched = _write(done, recorded, now=now)
    upkeep.refresh_members(
        [order.member_id for order in touched],
        now=now,
        order_ids=[order.pk for order in touched],
    )
    return answers


def record_parked(keys: Collection[Key], *, now: datetime) -> None:
    """Record the refunds that waited for these orders, which came and are paid.

    One that cannot be recorded stays, with why. The caller holds the orders' locks
    and brings the members' facts up to date.
    """
    if not keys or not (waiting := list(ParkedRefund.objects.for_orders(keys))):
        return
    recorded = states.load(keys)
    ruled = _rule([RefundIn.from_json(row.payload) for row in waiting], recorded)
    _write(ruled, recorded, now=now)
    settled = []
    for row, each in zip(waiting, ruled, strict=True):
        if each.ruling.problem is None:
            settled.append(row.pk)
        else:
            row.why = f"{each.ruling.problem.field}: {each.ruling.problem.why}"[:200]
    ParkedRefund.objects.filter(pk__in=settled).delete()
    ParkedRefund.objects.bulk_update(
        [row for row in waiting if row.pk not in settled], ["why"]
    )


def _rule(batch: Sequence[RefundIn], recorded: Mapping[Key, State]) -> list[_Ruled]:
    """Go through the refunds as if they came one by one."""
    bought: dict[Key, Bought] = {key: state.bought for key, state in recorded.items()}
    ruled = []
    for refund in batch:
        ruling = rules.decide(refund, bought.get(refund.key))
        if ruling.status == "new":
            bought[refund.key] = bought[refund.key].after(refund, ruling.parts)
        ruled.append(_Ruled(refund, ruling))
    return ruled


def _park(batch: Sequence[RefundIn], *, now: datetime) -> None:
    ParkedRefund.objects.bulk_create(
        [
            ParkedRefund(
                source=refund.source,
                order_external_id=refund.order_external_id,
                external_id=refund.external_id,
                payload=refund.as_json(),
                received_at=now,
            )
            for refund in batch
        ],
        ignore_conflicts=True,
    )


def _where(batch: Sequence[RefundIn]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the stores and the people that the refunds name, by their codes.

    A name that nobody knows keeps no money back: the refund stands without it.
    """
    stores = {refund.store_code for refund in batch} - {""}
    people = {refund.handler_code for refund in batch} - {""}
    return (
        dict(Store.objects.filter(code__in=stores).values_list("code", "pk")),
        dict(Staff.objects.filter(code__in=people).values_list("code", "pk")),
    )


def _write(
    ruled: Sequence[_Ruled], recorded: Mapping[Key, State], *, now: datetime
) -> list[Order]:
    """Write the new refunds; return the orders they touch."""
    new = [each for each in ruled if each.ruling.status == "new"]
    if not new:
        return []
    stores, people = _where([each.refund for each in new])
    made = Refund.objects.bulk_create(
        [
            Refund(
                order=recorded[each.refund.key].order,
                external_id=each.refund.external_id,
                refunded_at=each.refund.refunded_at,
                reason=each.refund.reason,
                store_id=stores.get(each.refund.store_code),
                handled_by_id=people.get(each.refund.handler_code),
                amount=sum(part.amount for part in each.ruling.parts.values()),
                reversal_due_at=now,
                received_at=now,
            )
            for each in new
        ]
    )
    RefundLine.objects.bulk_create(
        [
            RefundLine(
                refund=row,
                line=recorded[each.refund.key].lines[line],
                quantity=part.quantity,
                amount=part.amount,
            )
            for row, each in zip(made, new, strict=True)
            for line, part in each.ruling.parts.items()
        ]
    )
    orders = [recorded[each.refund.key].order for each in new]
    cancellations.settle([order.pk for order in orders], now=now)
    nudge(REVERSE)
    return orders
