"""What is done with orders: record them and their refunds, keep members' facts."""

from apps.members.services import CustomerKeys
from apps.orders.rules.carts import ABANDONED_AFTER
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.rules.invoices import InvoiceIn
from apps.orders.rules.refunds import RefundIn, RefundLineIn
from apps.orders.services.answers import Recorded
from apps.orders.services.carts import (
    CartIn,
    cart_url,
    change_cart,
    checkout_url,
    deliver_cart,
    fill_cart,
    give_up_cart,
    note_opened,
    report_cart,
    restore_cart,
    send_cart,
    sweep_carts,
)
from apps.orders.services.checking import check_facts
from apps.orders.services.counter import (
    ELSEWHERE,
    Receipt,
    may_record,
    order_in_store,
    record_sale_elsewhere,
    take_payment,
)
from apps.orders.services.fulfilment import FulfilmentIn, advance
from apps.orders.services.invoices import claim_invoice, settle_invoices
from apps.orders.services.payments import (
    Taken,
    await_payment,
    expire_payments,
    order_to_pay,
    pay_in_store,
    release_shipped,
)
from apps.orders.services.pickups import (
    expire_pickups,
    hand_over,
    make_ready,
    send_back,
    start_picking,
)
from apps.orders.services.rebuilding import rebuild
from apps.orders.services.recording import record
from apps.orders.services.refunds import record_refunds
from apps.orders.services.returns import Return, foresee, take_back
from apps.orders.services.shortages import Short, foresee_short
from apps.orders.services.stock import (
    release_overdue,
    release_stock,
    reserve_stock,
    take_stock,
)
from apps.orders.services.streaming import record_stream
from apps.orders.services.upkeep import refresh_members, slide
from apps.orders.services.writeoffs import Scan, settle, write_off

__all__ = [
    "ABANDONED_AFTER",
    "ELSEWHERE",
    "CartIn",
    "CustomerIn",
    "CustomerKeys",
    "FulfilmentIn",
    "InvoiceIn",
    "LineIn",
    "OrderIn",
    "Receipt",
    "Recorded",
    "RefundIn",
    "RefundLineIn",
    "Return",
    "Scan",
    "Short",
    "Taken",
    "advance",
    "await_payment",
    "cart_url",
    "change_cart",
    "check_facts",
    "checkout_url",
    "claim_invoice",
    "deliver_cart",
    "expire_payments",
    "expire_pickups",
    "fill_cart",
    "foresee",
    "foresee_short",
    "give_up_cart",
    "hand_over",
    "make_ready",
    "may_record",
    "note_opened",
    "order_in_store",
    "order_to_pay",
    "pay_in_store",
    "rebuild",
    "record",
    "record_refunds",
    "record_sale_elsewhere",
    "record_stream",
    "refresh_members",
    "release_overdue",
    "release_shipped",
    "release_stock",
    "report_cart",
    "reserve_stock",
    "restore_cart",
    "send_back",
    "send_cart",
    "settle",
    "settle_invoices",
    "slide",
    "start_picking",
    "sweep_carts",
    "take_back",
    "take_payment",
    "take_stock",
    "write_off",
]
