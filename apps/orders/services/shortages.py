"""What a pickup leaves behind for good: seen before, refunded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.orders.models import OrderLine, Pickup, PickupLine, RefundLine
from apps.orders.rules import pickups as rules
from apps.orders.rules.refunds import RefundIn, RefundLineIn
from apps.orders.services import refunds, returns
from apps.staff.models import Staff


@dataclass(frozen=True)
class Short:
    """The pieces of lines that stay behind for good, and what is refunded (NT$)."""

    lines: tuple[tuple[OrderLine, int], ...]
    amount: int


def foresee_short(pickup: Pickup, given: Mapping[int, int], *, now: datetime) -> Short:
    """Say what the last collection would leave behind, were it these pieces.

    Writes nothing. Raises Refused: "nothing", "too_many", "not_paid".
    """
    lines = list(pickup.lines.select_related("line"))
    pieces = [rules.Pieces(each.pk, each.quantity, each.collected) for each in lines]
    ruling = rules.hand_over(pieces, given, is_last=True)
    if ruling.why:
        raise Refused(ruling.why, cannot(ruling.why))
    left = _not_yet_returned(lines, ruling.short)
    worth = returns.foresee(pickup.order, left, now=now) if left else {}
    return Short(
        tuple(
            (each.line, left[each.line.external_id])
            for each in lines
            if each.line.external_id in left
        ),
        sum(worth.values()),
    )


def refund_left(
    pickup: Pickup,
    lines: Sequence[PickupLine],
    pieces: Mapping[int, int],
    *,
    reason: str,
    by: Staff | None,
    now: datetime,
) -> None:
    """Refund what of these pieces nobody refunded yet; nothing of an unpaid order."""
    order = pickup.order
    left = _not_yet_returned(lines, pieces)
    missing = tuple(RefundLineIn(line, count) for line, count in left.items())
    if order.paid_at is None or not missing:
        return
    refund = RefundIn(
        order.source, order.external_id, f"pickup-{pickup.code}", now, missing,
        reason=reason, store_code=pickup.store.code, handler_code=by.code if by else "",
    )  # fmt: skip
    refunds.record_refunds([refund], now=now)


def cannot(why: str) -> str:
    """Say why a hand-over may not be."""
    if why == "nothing":
        return _("請填這次交給顧客的件數")
    return _("件數比還沒取的多")


def _not_yet_returned(
    lines: Sequence[PickupLine], pieces: Mapping[int, int]
) -> dict[str, int]:
    """Return how many of these pieces nobody refunded yet, by the line's number."""
    parts = RefundLine.objects.filter(line__in=[each.line_id for each in lines])
    gone = dict(parts.values_list("line").annotate(Sum("quantity")).order_by())
    left = {
        each.line.external_id: min(
            pieces.get(each.pk, 0), each.quantity - gone.get(each.line_id, 0)
        )
        for each in lines
    }
    return {line: count for line, count in left.items() if count > 0}
