"""Goods of any channel that come back at a store's counter, and what they are worth.

The refund goes the one way of all refunds: credit, points and tiers are taken back from
whoever they had gone to, wherever the goods come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.orders.models import Order, Refund
from apps.orders.rules import refunds as rules
from apps.orders.rules.refunds import RefundIn, RefundLineIn
from apps.orders.services import refunds, states
from apps.staff.models import Staff
from apps.stores.models import Store

Pieces = Mapping[str, int]  # by the line's external id


@dataclass(frozen=True)
class Return:
    """What a customer brings back, why, and the click that says so."""

    pieces: Pieces
    reason: str
    client_id: UUID


@transaction.atomic
def foresee(order: Order, pieces: Pieces, *, now: datetime) -> Mapping[str, int]:
    """Return what giving these pieces back would pay of each line (NT$).

    Writes nothing. Raises Refused: "nothing", "not_paid", "not_returnable".
    """
    told = _told(order, "~foreseen", pieces, reason="", now=now)
    recorded = states.load([order.source_key])
    ruling = rules.decide(told, recorded[order.source_key].bought)
    if ruling.status == "parked":
        raise Refused("not_paid", _("這筆訂單還沒付款，沒有可退的款項"))
    if ruling.status == "rejected":
        raise Refused("not_returnable", _("退的件數比還沒退的多，或沒有可退的金額"))
    return {line: part.amount for line, part in ruling.parts.items()}


@transaction.atomic
def take_back(
    order: Order, given: Return, *, store: Store, by: Staff, now: datetime
) -> Refund:
    """Take goods back at the store and give their money back.

    The same click again is the same refund. Raises Refused as `foresee`.
    """
    number = f"return-{given.client_id.hex}"
    done = Refund.objects.filter(order=order, external_id=number).first()
    if done is not None:
        return done
    foresee(order, given.pieces, now=now)
    reason = " ".join(clean(given.reason, 120).split())
    told = _told(order, number, given.pieces, reason=reason, now=now,
                 store=store, by=by)  # fmt: skip
    refunds.record_refunds([told], now=now)
    refund = Refund.objects.get(order=order, external_id=number)
    audit.record(
        "order.taken_back", order, by=by, now=now, refund=number, amount=refund.amount,
        store=store.code,
    )  # fmt: skip
    return refund


def _told(
    order: Order,
    number: str,
    pieces: Pieces,
    *,
    reason: str,
    now: datetime,
    store: Store | None = None,
    by: Staff | None = None,
) -> RefundIn:
    lines = tuple(
        RefundLineIn(line, count) for line, count in pieces.items() if count > 0
    )
    if not lines:
        raise Refused("nothing", _("請填退回的件數"))
    return RefundIn(
        order.source, order.external_id, number, now, lines, reason=reason,
        store_code=store.code if store else "", handler_code=by.code if by else "",
    )  # fmt: skip
