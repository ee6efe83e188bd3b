"""Refunds as an order lists them: which line gave back how much.

A shop may give money back without saying for what; then every line gives its part of
what is left of it, so that the same list of refunds always ends in the same parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.core.money import split
from apps.orders.rules.intake import OrderIn, Priced, price
from apps.orders.rules.refunds import Bought, Part, RefundIn, RefundLineIn, decide


@dataclass(frozen=True)
class Returned:
    """A refund of an order: its lines where the shop says them, else the money."""

    external_id: str
    refunded_at: datetime
    money: int  # NT$ for goods
    reason: str = ""
    lines: tuple[RefundLineIn, ...] = ()

    def of(self, source: str, order: str) -> RefundIn:
        """Return it as a refund of that order."""
        return RefundIn(
            source=source,
            order_external_id=order,
            external_id=self.external_id,
            refunded_at=self.refunded_at,
            lines=self.lines,
            reason=self.reason,
        )


def refunds_of(
    order: OrderIn, returned: Sequence[Returned], *, now: datetime
) -> tuple[RefundIn, ...]:
    """Return the refunds of a paid order, oldest first; none of an unpaid one."""
    priced = price(order, now=now)
    if not isinstance(priced, Priced) or order.paid_at is None:
        return ()
    bought = Bought(
        is_paid=True,
        lines={
            each.line.external_id: Part(each.line.quantity, each.net)
            for each in priced.lines
        },
    )
    found: list[RefundIn] = []
    for each in returned:
        lines = each.lines or _spread(each.money, bought)
        if not lines:
            continue
        refund = Returned(
            each.external_id, each.refunded_at, each.money, each.reason, lines
        ).of(order.source, order.external_id)
        bought = bought.after(refund, decide(refund, bought).parts)
        found.append(refund)
    return tuple(found)


def _spread(money: int, bought: Bought) -> tuple[RefundLineIn, ...]:
    """Take the money from the lines by what is left of each; shipping's part is none.

    A line that has nothing left counts as given back whole.
    """
    gone = bought.returned
    left = {
        number: Part(
            whole.quantity - gone.get(number, Part(0, 0)).quantity,
            whole.amount - gone.get(number, Part(0, 0)).amount,
        )
        for number, whole in bought.lines.items()
    }
    amounts = [max(part.amount, 0) for part in left.values()]
    money = min(money, sum(amounts))
    if money <= 0:
        return ()
    parts = zip(left.items(), split(money, amounts), strict=True)
    return tuple(
        RefundLineIn(number, part.quantity if given == part.amount else 0, given)
        for (number, part), given in parts
        if given
    )
