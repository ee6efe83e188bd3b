"""Orders of the shop that are paid at a store's till: asked for, looked up, paid.

Annotations are real here, not postponed: see `orders`.
"""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.orders import Number, Source
from apps.orders import services as orders
from apps.orders.models import Order, StorePayment
from apps.orders.rules import codes
from apps.staff.models import Staff
from apps.stores.models import Store

router = Router(tags=["Payments at stores"])
READ, WRITE = ApiKeyAuth("orders:read"), ApiKeyAuth("orders:write")
Code = Annotated[
    str,
    Path(max_length=40, pattern=schemas.PRINTABLE, description="As the customer shows"),
]


class ToPay(Schema):
    """At which store the order is to be paid, and until when it is kept."""

    store_code: Annotated[str, schemas.text_of(20, "The store")]
    until: schemas.Moment | None = None


class Paid(Schema):
    """What the till printed; the same receipt again gets the same answer."""

    receipt: Annotated[str, schemas.text_of(60, "The till's number of the payment")]
    method: Literal["cash", "card", "mobile", "other"]
    store_code: Annotated[str, schemas.text_of(20, "The store of the till")]
    staff_code: Annotated[str, schemas.text_of(20, "Who took it", 0)] = ""


class LineToPay(Schema):
    """What is bought, at what it comes to (NT$)."""

    sku: str
    name: str
    quantity: int
    net: int


class PaymentShown(Schema):
    """A payment at a store; `due` is goods and shipping together (NT$)."""

    code: str
    state: str
    due: int
    source: str
    external_id: str
    store_code: str
    pickup_store_code: str | None = None
    pay_until: datetime
    paid_at: datetime | None = None
    receipt: str | None = None
    method: str | None = None
    lines: list[LineToPay]


@router.post(
    "orders/{source}/{external_id}/pay-in-store",
    auth=WRITE,
    response={200: PaymentShown, **faults(*SENDING, 404)},
    exclude_none=True,
)
@once
def pay_order_in_store(
    request: KeyedRequest,
    source: Source,
    external_id: Number,
    asked: ToPay,
    idempotency_key: IdempotencyKey = None,
) -> PaymentShown:
    """Let an unpaid order wait for its payment at a store, its goods kept until then.

    Three days where no time is given, 14 at the most. Asked again it is the same
    payment with the new time. Once the time is over the goods are let go and the state
    is `expired`; the order itself is the shop's to cancel.
    """
    order = get_object_or_404(Order, source=source, external_id=external_id)
    payment = orders.await_payment(
        order, store=_store(asked.store_code), until=asked.until, now=clock.now()
    )
    return _shown(payment)


@router.get(
    "store-payments/{code}",
    auth=READ,
    response={200: PaymentShown, **faults(401, 403, 404, 422, 429)},
    exclude_none=True,
)
def show_store_payment(request: HttpRequest, code: Code) -> PaymentShown:
    """Return what is to be paid, by the code that the customer shows."""
    return _shown(_payment(code))


@router.post(
    "store-payments/{code}/paid",
    auth=WRITE,
    response={200: PaymentShown, **faults(*SENDING, 404)},
    exclude_none=True,
)
@once
def note_store_payment(
    request: KeyedRequest,
    code: Code,
    paid: Paid,
    idempotency_key: IdempotencyKey = None,
) -> PaymentShown:
    """Say that the till took the payment: the order is paid and goes on its way.

    Refused `already_paid` with another receipt, `payment_expired` once the goods were
    let go, `order_cancelled`. Who earned the order's credit keeps it.
    """
    taken = orders.Taken(paid.receipt, paid.method, _store(paid.store_code))
    by = _staff(paid.staff_code)
    orders.pay_in_store(_payment(code).order, taken, by=by, now=clock.now())
    return _shown(_payment(code))


def _payment(code: str) -> StorePayment:
    found = StorePayment.objects.select_related("order", "store")
    return get_object_or_404(found, code=codes.read(code) or "-")


def _store(code: str) -> Store:
    found = Store.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise Refused("no_store", _("沒有這個門市代號"))
    return found


def _staff(code: str) -> Staff | None:
    found = Staff.objects.filter(code=code).first() if code else None
    if code and found is None:
        raise Refused("no_staff", _("沒有這個店員代號"))
    return found


def _shown(payment: StorePayment) -> PaymentShown:
    order = payment.order
    pickup = getattr(order, "pickup", None)
    lines = order.lines.filter(quantity__gt=0)
    is_waiting = payment.state == StorePayment.State.WAITING
    return PaymentShown(
        code=payment.code,
        state="paid" if is_waiting and order.paid_at else payment.state,
        due=payment.due,
        source=order.source,
        external_id=order.external_id,
        store_code=payment.store.code,
        pickup_store_code=pickup.store.code if pickup else None,
        pay_until=payment.pay_until,
        paid_at=payment.paid_at,
        receipt=payment.receipt or None,
        method=payment.method or None,
        lines=[
            LineToPay(sku=row.sku, name=row.name, quantity=row.quantity, net=row.net)
            for row in lines
        ],
    )
