"""Orders and refunds of shops and tills, in batches of up to a thousand.

Annotations are real here, not postponed: `once` wraps the operations, and ninja would
look their names up in its module.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router

from apps.core import clock
from apps.core.text import clean
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Unreadable
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, Refund

router = Router(tags=["Orders"])
WRITE = ApiKeyAuth("orders:write")
Row = TypeVar("Row")

Source = Annotated[str, Path(max_length=20, pattern=schemas.PRINTABLE)]
Number = Annotated[str, Path(max_length=60, pattern=schemas.PRINTABLE)]


@router.post(
    "orders",
    auth=WRITE,
    response={200: schemas.Results, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_orders(
    request: KeyedRequest,
    batch: schemas.Orders,
    idempotency_key: IdempotencyKey = None,
) -> schemas.Results:
    """Send orders, new and changed ones; each row has a result of its own.

    Known by source and external_id: the same order again is `unchanged`, another
    version of it `changed`. A rejected row does not keep the others out.
    """
    return recorded(batch.orders, _order_in, orders.record)


@router.post(
    "refunds",
    auth=WRITE,
    response={200: schemas.Results, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_refunds(
    request: KeyedRequest,
    batch: schemas.Refunds,
    idempotency_key: IdempotencyKey = None,
) -> schemas.Results:
    """Send refunds, whole or in part; each row has a result of its own.

    One that comes before its order or the payment is `parked` and recorded when that
    comes. More than what is left of a line is rejected.
    """
    return recorded(batch.refunds, _refund_in, orders.record_refunds)


@router.post(
    "orders/{source}/{external_id}/refunds",
    auth=WRITE,
    response={200: schemas.Results, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_refunds_of_order(
    request: KeyedRequest,
    source: Source,
    external_id: Number,
    batch: schemas.RefundsOfOrder,
    idempotency_key: IdempotencyKey = None,
) -> schemas.Results:
    """Send refunds of this one order."""

    def refund_in(row: schemas.RefundOfOrder) -> orders.RefundIn:
        return _refund_of(row, source=source, order=external_id)

    return recorded(batch.refunds, refund_in, orders.record_refunds)


@router.get(
    "orders/{source}/{external_id}",
    auth=ApiKeyAuth("orders:read"),
    response={200: schemas.RecordedOrder, **faults(401, 403, 404, 422, 429)},
)
def show_order(
    request: HttpRequest, source: Source, external_id: Number
) -> schemas.RecordedOrder:
    """Return an order as it is recorded, with its refunds."""
    lines = Prefetch("lines", OrderLine.objects.filter(quantity__gt=0))
    refunds = Prefetch("refunds", Refund.objects.order_by("refunded_at", "pk"))
    found = Order.objects.select_related("store", "seller", "member")
    order = get_object_or_404(
        found.prefetch_related(lines, refunds), source=source, external_id=external_id
    )
    return _shown(order)


def recorded(
    rows: Sequence[Any],
    as_row: Callable[[Any], Row],
    record: Callable[..., list[orders.Recorded]],
) -> schemas.Results:
    """Record the rows that can be read; answer for all in the order they came."""
    readable = [as_row(row) for row in rows if not isinstance(row, Unreadable)]
    answers = iter(record(readable, now=clock.now()))
    return schemas.Results(
        results=[
            _rejected(row) if isinstance(row, Unreadable) else _result(next(answers))
            for row in rows
        ]
    )


def _rejected(row: Unreadable) -> schemas.Result:
    return schemas.Result(
        external_id=row.external_id, status="rejected", field=row.field, why=row.why
    )


def _result(answer: orders.Recorded) -> schemas.Result:
    return schemas.Result(
        external_id=clean(answer.external_id),
        status=answer.status,
        field=answer.field or None,
        why=answer.why or None,
    )


def _order_in(row: schemas.Order) -> orders.OrderIn:
    return orders.OrderIn(
        source=row.source,
        external_id=row.external_id,
        channel=row.channel,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        updated_at=row.updated_at,
        reference=row.reference,
        customer=orders.CustomerIn(**row.customer.model_dump()),
        store_code=row.store_code,
        seller_code=row.seller_code,
        lines=tuple(_line_in(line) for line in row.lines),
        shipping=row.shipping,
        discount=row.discount,
        status=row.status or "",
        cancelled_at=row.cancelled_at,
        currency=row.currency,
        tax=row.tax,
        ship_to=row.ship_to,
        cart_code=row.cart_code,
        pickup_store_code=row.pickup_store_code,
        exchange_of=row.exchange_of,
        points_used=row.points_used,
        points_discount=row.points_discount,
        coupons=tuple(row.coupons),
        invoice=orders.InvoiceIn(**row.invoice.model_dump()) if row.invoice else None,
    )


def _line_in(row: schemas.Line) -> orders.LineIn:
    facts = row.model_dump(exclude={"sellers"})
    sellers = tuple((each.code, each.quantity) for each in row.sellers)
    return orders.LineIn(**facts, sellers=sellers)


def _refund_in(row: schemas.Refund) -> orders.RefundIn:
    return _refund_of(row, source=row.source, order=row.order_external_id)


def _refund_of(
    row: schemas.RefundOfOrder, *, source: str, order: str
) -> orders.RefundIn:
    return orders.RefundIn(
        source=source,
        order_external_id=order,
        external_id=row.external_id,
        refunded_at=row.refunded_at,
        lines=tuple(orders.RefundLineIn(**line.model_dump()) for line in row.lines),
        reason=row.reason,
        store_code=row.store_code,
        handler_code=row.handler_code,
    )


def _shown(order: Order) -> schemas.RecordedOrder:
    return schemas.RecordedOrder(
        source=order.source,
        external_id=order.external_id,
        channel=order.channel,
        status=order.status,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        cancelled_at=order.cancelled_at,
        reference=order.reference,
        store_code=order.store.code if order.store else None,
        seller_code=order.seller.code if order.seller else None,
        member_number=order.member.number if order.member else None,
        goods=order.goods,
        discount=order.discount,
        net=order.net,
        shipping=order.shipping,
        refunded=order.refunded,
        lines=[schemas.RecordedLine.from_orm(line) for line in order.lines.all()],
        refunds=[schemas.RecordedRefund.from_orm(each) for each in order.refunds.all()],
    )
